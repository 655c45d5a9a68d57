// One picture in a dialog: large, with what was found in it, its alerts, and the next ones.

import { element, request, showState } from "./base.js";
import { badgeOf } from "./search_records.js";
import { fetchPicture, pictureAddress, whyMissing } from "./search_thumbnails.js";

const dialog = document.getElementById("picture");
const mayWrite = dialog.dataset.readOnly === "false";

/** Return what opens and closes the dialog. `page` gives records, loads more of them, and is told
 * which picture is shown. */
export function openPictures(page) {
  let current = null;
  let annotated = true;
  let stop = new AbortController();
  let objectAddress = "";

  async function open(frameId, run) {
    const known = page.records().find((record) => record.frame_id === frameId && record.run === run);
    if (known) {
      show(known);
      return;
    }
    openDialog();
    current = null;
    showState(dialog, "loading", "Looking the picture up …");
    try {
      const found = await lookUp(frameId, run);
      if (found) show(found);
      else showGone(`There is no record of ${frameId}. Records are kept for 30 days.`);
    } catch (error) {
      showGone(error.message);
    }
  }

  function showGone(text) {
    showState(dialog, "error", text, { name: "Close", run: close });
  }

  function openDialog() {
    if (!dialog.open) dialog.showModal();
  }

  function close() {
    if (dialog.open) dialog.close();
  }

  dialog.addEventListener("close", () => {
    if (dialog.open) return; // another picture was opened before the browser said so
    stop.abort();
    URL.revokeObjectURL(objectAddress);
    const frameId = current?.frame_id;
    current = null;
    dialog.replaceChildren();
    page.shown(null);
    if (frameId) page.closed(frameId);
  });

  dialog.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft") step(-1);
    else if (event.key === "ArrowRight") step(1);
    else return;
    event.preventDefault();
  });

  function place(record) {
    return page.records().findIndex((each) => each.id === record.id);
  }

  async function step(by) {
    if (!current) return;
    const from = current;
    if (by > 0 && place(from) === page.records().length - 1) await page.more();
    const at = place(from);
    const target = at < 0 ? undefined : page.records()[at + by];
    if (target && current === from) show(target, by < 0 ? "#previous" : "#following");
  }

  function show(record, focused) {
    current = record;
    stop.abort();
    stop = new AbortController();
    openDialog();
    page.shown(record.frame_id);
    const at = place(record);
    const frame = element("div", { class: "picture-frame", id: "picture-frame" });
    dialog.replaceChildren(
      element("div", { class: "picture-head" },
        element("h2", { id: "picture-title" }, ...title(record)),
        tool("‹ Previous", "previous", () => step(-1), at < 1),
        tool("Next ›", "following", () => step(1), at < 0),
        tool("Close", "close-picture", close)),
      element("div", { class: "picture-body" },
        element("div", {}, frame, element("div", { class: "picture-tools" },
          element("button", { type: "button", id: "boxes", "aria-pressed": String(annotated), onclick: toggleBoxes }, "Boxes"),
          element("a", { class: "button", id: "save", hidden: true, download: `${record.frame_id}.jpg` }, "Save picture"),
          tool("Copy link", "copy", copyLink),
          element("span", { role: "status", id: "told", class: "hint" }))),
        element("div", {}, alerts(record), objects(record), facts(record))));
    dialog.scrollTop = 0;
    if (focused) focusOn(focused);
    loadPicture(record, frame);
  }

  function title(record) {
    const zone = page.clocks.zone(record) ?? "your clock";
    return [`${record.camera_id}, ${page.clocks.shown(record)} `, element("small", {}, zone)];
  }

  /** Show the time by a clock that was learned after the picture was opened. */
  function showTime() {
    if (current) dialog.querySelector("#picture-title").replaceChildren(...title(current));
  }

  function focusOn(selector) {
    const button = dialog.querySelector(selector);
    (button.disabled ? dialog.querySelector("#close-picture") : button).focus();
  }

  function tool(name, id, run, disabled = false) {
    return element("button", { type: "button", id, disabled, onclick: run }, name);
  }

  async function loadPicture(record, frame) {
    const { signal } = stop;
    if (!frame.firstChild) frame.append(element("p", { role: "status" }, "Loading …"));
    try {
      const options = annotated ? { annotated: "true" } : {};
      const blob = await fetchPicture(pictureAddress(record, options), signal);
      if (signal.aborted) return;
      URL.revokeObjectURL(objectAddress);
      objectAddress = URL.createObjectURL(blob);
      const alt = `Camera ${record.camera_id} shows ${record.shows}. Heads are covered.`;
      frame.replaceChildren(element("img", { src: objectAddress, alt }));
      const save = dialog.querySelector("#save");
      save.href = objectAddress;
      save.hidden = false;
    } catch (error) {
      if (signal.aborted) return;
      showState(frame, "missing", whyMissing(error));
      if (error.status === 410) {
        frame.firstChild.append(element("p", {},
          "Pictures are forgotten after some minutes. Only cameras with an archive keep some of them."));
      }
    }
  }

  function toggleBoxes() {
    annotated = !annotated;
    dialog.querySelector("#boxes").setAttribute("aria-pressed", String(annotated));
    stop.abort();
    stop = new AbortController();
    loadPicture(current, dialog.querySelector("#picture-frame"));
  }

  async function copyLink() {
    const told = dialog.querySelector("#told");
    try {
      await navigator.clipboard.writeText(location.href);
      told.textContent = "Link copied. It opens for whoever may sign in.";
    } catch {
      told.textContent = "Copy the address of this page: it is the link.";
    }
  }

  // What the record says

  function objects(record) {
    const head = ["Object", "Score", "Size", "Where", "Track"];
    const rows = record.objects.map((found) => element("tr", {},
      element("td", {}, found.label, found.stationary ? " (still)" : null),
      element("td", { class: "number" }, percent(found.score)),
      element("td", { class: "number" }, percent((found.box[2] - found.box[0]) * (found.box[3] - found.box[1]))),
      element("td", {}, [found.sector, ...found.zones].filter(Boolean).join(", ")),
      element("td", {}, found.track_id
        ? element("a", { href: page.trackAddress(found.track_id, record.run), "aria-label": `Follow ${found.label}, track ${found.track_id}` }, "Follow")
        : null)));
    return element("section", {},
      element("h3", {}, "Objects"),
      rows.length
        ? element("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": "Table of objects" }, element("table", {},
          element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
          element("tbody", {}, ...rows)))
        : element("p", { class: "hint" }, "Nothing was found in this picture."));
  }

  function facts(record) {
    const archived = record.picture.archive;
    const lines = {
      Frame: element("code", {}, record.frame_id),
      Site: record.site || null,
      Run: record.run === "live" ? null : record.run,
      Model: record.models.map((model) => `${model.name} ${model.version}`).join(", "),
      Picture: `${record.width} x ${record.height}${archived ? ", archived" : ""}`,
    };
    return element("section", {},
      element("h3", {}, "Frame"),
      element("dl", { class: "frame-facts" }, ...Object.entries(lines).filter(([, value]) => value)
        .flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));
  }

  function alerts(record) {
    if (!record.threats.length) return null;
    const items = record.threats.map((threat) => {
      const item = element("div", { class: "alert-item" }, element("p", {}, element("strong", {}, threat.rule), " ", badgeOf(threat.level)));
      // Alerts of a replay may have the ids of live ones, which they are not.
      if (record.run === "live") loadAlert(item, threat);
      return item;
    });
    return element("section", {},
      element("h3", {}, items.length > 1 ? "Alerts" : "Alert"), ...items);
  }

  async function loadAlert(item, threat) {
    const path = `/api/alerts/${threat.alert_id.split("/").map(encodeURIComponent).join("/")}`;
    const body = element("div");
    item.append(body);
    try {
      showAlert(body, path, await request(path, { signal: stop.signal }));
    } catch (error) {
      if (error.name !== "AbortError") body.replaceChildren(element("p", { class: "hint" }, error.message));
    }
  }

  function showAlert(body, path, alert) {
    const since = page.clocks.shown({ camera_id: alert.camera_id, captured_at: alert.raised_at });
    const state = alert.state === "cleared" ? "ended" : "open";
    const lines = [element("p", {}, `${alert.reason} Since ${since}, ${state}.`)];
    if (alert.wrong) {
      const why = alert.wrong.reason ? `: ${alert.wrong.reason}` : "";
      lines.push(element("p", { role: "status" }, element("span", { class: "badge" }, "false alarm"), ` marked by ${alert.wrong.by}${why}`));
      if (mayWrite) lines.push(action("Not a false alarm", body, path, { method: "DELETE" }));
    } else if (mayWrite) {
      lines.push(element("button", { type: "button", onclick: () => askWhy(body, path, alert) }, "False alarm"));
    }
    body.replaceChildren(...lines);
  }

  function askWhy(body, path, alert) {
    const reason = element("input", { id: "reason", required: true, maxlength: 500, autocomplete: "off", placeholder: "a traffic cone" });
    const form = element("form", {
      onsubmit: (event) => {
        event.preventDefault();
        change(body, path, { method: "POST", body: { reason: reason.value.trim() } });
      },
    },
    element("div", { class: "field" }, element("label", { for: "reason" }, "What was it really?"), reason),
    element("button", { class: "main" }, "Mark as a false alarm"),
    element("button", { type: "button", onclick: () => showAlert(body, path, alert) }, "Cancel"));
    body.replaceChildren(form);
    reason.focus();
  }

  function action(name, body, path, options) {
    return element("button", { type: "button", onclick: () => change(body, path, options) }, name);
  }

  async function change(body, path, options) {
    try {
      await request(`${path}/wrong`, options);
      showAlert(body, path, await request(path));
      (body.querySelector("button") ?? dialog.querySelector("#close-picture")).focus();
    } catch (error) {
      body.querySelector(".problem")?.remove();
      body.append(element("p", { class: "problem", role: "alert" }, error.message));
    }
  }

  return { open, close, showTime };
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

/** Return the record of a frame that is not among the results; undefined: there is none. */
async function lookUp(frameId, run) {
  const match = /^(.+)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/.exec(frameId);
  if (!match) return undefined;
  const [, camera, year, month, day, hour, minute, second, ms] = match;
  const since = `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`;
  if (Number.isNaN(Date.parse(since))) return undefined;
  const until = new Date(Date.parse(since) + 1).toISOString();
  const query = new URLSearchParams({ camera, since, until, run });
  const found = await request(`/api/pictures?${query}`);
  return found.pictures.find((record) => record.frame_id === frameId);
}

// The search page: what is in its address is searched for, and shown as pictures or as a table.

import { element, request, showState } from "./base.js";
import { openForm, showProblem } from "./search_form.js";
import { openPictures } from "./search_picture.js";
import { Clocks, levelBadge } from "./search_records.js";
import { Thumbnails } from "./search_thumbnails.js";

const OF_PAGE = ["view", "picture"]; // parameters of the address that are not searched for
const PAGE_SIZE = 24;
const FIRST_RETRY_S = 5;
const LONGEST_RETRY_S = 60;

const byId = (id) => document.getElementById(id);
const results = byId("results");
const number = byId("number");
const nextPage = byId("next-page");

const clocks = new Clocks();
const thumbnails = new Thumbnails();
const form = openForm((parameters) => go(parameters));
const pictures = openPictures({
  clocks,
  records: () => records,
  more: () => (next ? loadMore() : Promise.resolve()),
  shown: (frameId) => rewriteAddress("picture", frameId),
  closed: (frameId) => results.querySelector(`[data-frame="${CSS.escape(frameId)}"]`)?.focus(),
  trackAddress: (trackId, run) =>
    `/search?${new URLSearchParams({ track: trackId, sort: "captured", ...(run === "live" ? {} : { run }) })}`,
});

let records = [];
let next = null;
let asked = new AbortController();
let retry;

function address() {
  return new URLSearchParams(location.search);
}

function searched(parameters = address()) {
  const made = new URLSearchParams(parameters);
  for (const name of OF_PAGE) made.delete(name);
  return made;
}

/** Search for something else: a new entry of the browser's history. */
function go(parameters) {
  if (address().get("view")) parameters.set("view", address().get("view"));
  const query = parameters.toString();
  history.pushState(null, "", query ? `/search?${query}` : "/search");
  showAddress();
}

function rewriteAddress(name, value) {
  const parameters = address();
  if (value) parameters.set(name, value);
  else parameters.delete(name);
  const query = parameters.toString();
  history.replaceState(null, "", query ? `/search?${query}` : "/search");
}

async function showAddress() {
  form.fill(searched());
  await search();
  const frameId = address().get("picture");
  if (frameId) pictures.open(frameId, address().get("run") ?? "live");
  else pictures.close();
}

async function search(retryS = FIRST_RETRY_S) {
  asked.abort();
  asked = new AbortController();
  clearTimeout(retry);
  const { signal } = asked;
  showProblem(null);
  closeQuery();
  thumbnails.clear();
  records = [];
  next = null;
  nextPage.hidden = true;
  byId("result-actions").hidden = true;
  byId("clock-note").hidden = true;
  number.hidden = true;
  results.setAttribute("aria-busy", "true");
  const loading = setTimeout(() => showState(results, "loading", "Searching …"), 200);
  try {
    const page = await request(pageAddress(), { signal });
    if (signal.aborted) return;
    clearTimeout(loading);
    show(page);
  } catch (error) {
    if (signal.aborted) return;
    clearTimeout(loading);
    fail(error, retryS);
  } finally {
    clearTimeout(loading);
    if (!signal.aborted) results.removeAttribute("aria-busy");
  }
}

function pageAddress(after) {
  const parameters = searched();
  parameters.set("limit", PAGE_SIZE);
  if (after) parameters.set("after", after);
  return `/api/pictures?${parameters}`;
}

function fail(error, retryS) {
  if (error.status >= 400 && error.status < 500) {
    showProblem(error.message);
    showState(results, "empty", "Nothing was searched for: see the message above.");
    return;
  }
  const again = { name: "Try again now", run: () => search() };
  const text = `${error.message} It is tried again every ${retryS} seconds.`;
  showState(results, "error", text.replace(/ It is tried again by itself, or reload\./, ""), again);
  retry = setTimeout(() => search(Math.min(2 * retryS, LONGEST_RETRY_S)), 1000 * retryS);
}

function show(page) {
  records = page.pictures;
  next = page.next;
  const many = page.more_than_found ? `More than ${page.found.toLocaleString("en")}` : page.found.toLocaleString("en");
  number.textContent = page.found === 1 ? "1 picture" : `${page.found ? many : "No"} pictures`;
  number.hidden = false;
  byId("result-actions").hidden = !page.found;
  byId("csv").href = `/api/pictures?${withParameter(searched(), "format", "csv")}`;
  nextPage.hidden = !next;
  if (!records.length) showEmpty(page.hints);
  else render();
}

function withParameter(parameters, name, value) {
  parameters.set(name, value);
  return parameters;
}

function showEmpty(hints) {
  const parameters = searched();
  const ways = [];
  if (parameters.has("since") || parameters.has("until")) {
    ways.push(way("Search at any time", (made) => ["since", "until", "weekday", "hours"].forEach((name) => made.delete(name))));
  }
  if (parameters.has("camera")) ways.push(way("Search all cameras", (made) => made.delete("camera")));
  if ([...parameters.keys()].length) ways.push(way("Clear the search", (made) => [...made.keys()].forEach((name) => made.delete(name))));
  const advice = hints.length
    ? hints.map((hint) => hint[0].toUpperCase() + hint.slice(1) + (/[.?]$/.test(hint) ? "" : "."))
    : [ways.length ? "No picture is like that. Leave out a condition, or search a longer time." : "Nothing has been processed yet. Pictures appear here seconds after a camera sends them."];
  results.replaceChildren(element("div", { class: "state empty" },
    ...advice.map((text) => element("p", {}, text)), element("div", { class: "picture-tools" }, ...ways)));
}

function way(name, change) {
  return element("button", {
    type: "button",
    onclick: () => {
      const made = searched();
      change(made);
      go(made);
    },
  }, name);
}

async function loadMore() {
  if (!next || nextPage.disabled) return;
  nextPage.disabled = true;
  const { signal } = asked;
  try {
    const page = await request(pageAddress(next), { signal });
    if (signal.aborted) return;
    const known = records.length;
    records = [...records, ...page.pictures];
    next = page.next;
    nextPage.hidden = !next;
    nextPage.textContent = "Show more";
    append(page.pictures);
    // Only who has pressed the button goes on reading at the first new picture.
    if (document.activeElement === document.body || document.activeElement === nextPage) {
      results.querySelectorAll("[data-frame]")[known]?.focus({ preventScroll: true });
    }
  } catch (error) {
    if (!signal.aborted) nextPage.textContent = `${error.message} Try again`;
  } finally {
    nextPage.disabled = false;
  }
}

// Results as pictures or as a table

function isTable() {
  return address().get("view") === "table";
}

function render() {
  thumbnails.clear();
  byId("as-grid").setAttribute("aria-pressed", String(!isTable()));
  byId("as-table").setAttribute("aria-pressed", String(isTable()));
  const head = ["Picture", "Time", "Camera", "Shows", "Threats", "Frame"];
  results.replaceChildren(isTable()
    ? element("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": "Pictures found" },
      element("table", { class: "results-table" },
        element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
        element("tbody")))
    : element("ul", { class: "tiles" }));
  append(records);
  showClockNote();
}

function append(found) {
  const place = results.querySelector(".tiles, tbody");
  place.append(...found.map(isTable() ? row : tile));
}

function showClockNote() {
  const note = byId("clock-note");
  note.hidden = false;
  note.textContent = clocks.note(records);
}

/** Show all times by clocks that have been learned; pictures and the focus stay. */
function showTimes() {
  pictures.showTime();
  if (!records.length) return; // what is still there is of the search before
  results.querySelectorAll("[data-time]").forEach((place, index) => {
    place.textContent = clocks.shown(records[index]);
  });
  results.querySelectorAll(".open-row").forEach((button, index) =>
    button.setAttribute("aria-label", `Open: ${described(records[index])}`));
  showClockNote();
}

function described(record) {
  return `${record.shows}, camera ${record.camera_id}, ${clocks.shown(record)}`;
}

function picturePlace(record) {
  const place = element("span", { class: "tile-picture" });
  thumbnails.watch(place, record, "");
  return place;
}

function tile(record) {
  return element("li", {}, element("button", {
    type: "button", class: "tile", "data-frame": record.frame_id, onclick: () => pictures.open(record.frame_id, record.run),
  },
  picturePlace(record),
  element("span", { class: "tile-text" },
    element("span", { class: "tile-top" },
      element("span", { class: "tile-camera" }, record.camera_id), levelBadge(record)),
    element("span", {}, record.shows),
    element("span", { class: "tile-time", "data-time": true }, clocks.shown(record)))));
}

function row(record) {
  const place = picturePlace(record);
  place.classList.add("thumb");
  return element("tr", {},
    element("td", {}, element("button", {
      type: "button", class: "open-row", "aria-label": `Open: ${described(record)}`,
      "data-frame": record.frame_id, onclick: () => pictures.open(record.frame_id, record.run),
    }, place)),
    element("td", { "data-time": true }, clocks.shown(record)),
    element("td", {}, record.camera_id),
    element("td", {}, record.shows),
    element("td", {}, levelBadge(record)),
    element("td", {}, element("code", {}, record.frame_id)));
}

// What Elasticsearch is asked

function closeQuery() {
  byId("query").hidden = true;
  byId("query-button").setAttribute("aria-expanded", "false");
  byId("query-button").textContent = "Show the query";
}

async function toggleQuery() {
  const place = byId("query");
  if (!place.hidden) {
    closeQuery();
    return;
  }
  byId("query-button").setAttribute("aria-expanded", "true");
  byId("query-button").textContent = "Hide the query";
  place.hidden = false;
  try {
    const text = await request(`/api/pictures/query?${searched()}`);
    place.replaceChildren(
      element("p", { class: "hint" }, "What Elasticsearch is asked, for Kibana's console or curl."),
      element("pre", { tabindex: "0", role: "region", "aria-label": "Query" }, text));
  } catch (error) {
    showState(place, "error", error.message);
  }
}

function setView(view) {
  rewriteAddress("view", view);
  if (records.length) render();
}

// Begin

byId("as-grid").addEventListener("click", () => setView(null));
byId("as-table").addEventListener("click", () => setView("table"));
byId("query-button").addEventListener("click", toggleQuery);
nextPage.addEventListener("click", loadMore);
addEventListener("popstate", showAddress);

async function loadNames() {
  const run = address().get("run") ?? "live";
  const [labels, cameras] = await Promise.allSettled([
    request(`/api/pictures/labels?run=${encodeURIComponent(run)}`), request("/api/cameras"),
  ]);
  if (labels.status === "fulfilled") form.suggest(labels.value.seen.slice(0, 12), labels.value.known);
  if (cameras.status === "fulfilled") {
    form.suggestCameras(cameras.value);
    clocks.learn(cameras.value);
    showTimes();
  }
}

loadNames();
showAddress();

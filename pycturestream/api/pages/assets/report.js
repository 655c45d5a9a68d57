// The report: its period and cameras stand in the address, each chart asks for its rows by itself.
// In a file of `pycturestream report` the rows are in the document, and nothing is asked for.

import { ago, element, request, settled, showState, shownTime } from "./base.js";
import {
  drawAttendance, drawLabels, drawLines, drawRates, drawTimeline, drawWeek, number, plainTable, redraw,
  table,
} from "./report_charts.js";

const HOURS = { "1h": 1, "24h": 24, "7d": 7 * 24, "30d": 30 * 24 };
const AGAIN_MS = 30_000;
const ALERTS_SHOWN = 10;
const TIMELINES_FIRST = 2; // as many as are in view on a wide screen
const FIRST_MS = 1_000; // no longer does the rest of the page wait for them
const SUMMARY = ["days", "week", "labels", "rates", "lines", "health"]; // in this order

const embedded = JSON.parse(document.getElementById("report-data")?.textContent ?? "null");
const mayMark = !embedded && document.getElementById("report").hasAttribute("data-may-mark");
const byId = (id) => document.getElementById(id);

let chosen = embedded ? embedded.chosen : readAddress();
let known = null; // the cameras that have counts, with site and time zone; null: not known yet
let round = new AbortController(); // ends what was asked for an earlier choice

/** Return what the address says. */
function readAddress() {
  const query = new URLSearchParams(location.search);
  const from = dayOf(query.get("from"));
  return {
    period: from ? "dates" : Object.hasOwn(HOURS, query.get("period")) ? query.get("period") : "7d",
    from,
    to: dayOf(query.get("to")) || from,
    site: query.get("site") ?? "",
    label: query.get("label") ?? "person",
    cameras: query.getAll("camera"),
    by: query.get("by") ?? "",
  };
}

/** Return a day that is written as 2026-11-21; empty for whatever else stands in an address. */
function dayOf(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(Date.parse(text)) ? text : "";
}

function address() {
  const query = new URLSearchParams();
  if (chosen.period === "dates") {
    query.set("from", chosen.from);
    query.set("to", chosen.to);
  } else query.set("period", chosen.period);
  if (chosen.site) query.set("site", chosen.site);
  if (chosen.label !== "person") query.set("label", chosen.label);
  for (const camera of chosen.cameras) query.append("camera", camera);
  if (chosen.by) query.set("by", chosen.by);
  return `${location.pathname}?${query}`;
}

/** Return the cameras of the choice that have counts. */
function chosenCameras() {
  return (known ?? []).filter(
    (camera) =>
      (!chosen.site || camera.site === chosen.site) &&
      (!chosen.cameras.length || chosen.cameras.includes(camera.camera_id)),
  );
}

/** Return the clock by which dates are meant: the camera's where all chosen ones have the same. */
function clock() {
  const zones = new Set(chosenCameras().map((camera) => camera.timezone));
  return zones.size === 1 ? [...zones][0] : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Return the moment at which a day begins by a clock, in milliseconds. */
function startOfDay(day, timeZone) {
  const asUtc = Date.parse(`${day}T00:00Z`);
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  const offset = (at) => Date.parse(`${format.format(at).replace(" ", "T")}Z`) - Math.floor(at / 1000) * 1000;
  const near = asUtc - offset(asUtc);
  return asUtc - offset(near);
}

/** Return the query for the rows of the chosen period and cameras. */
function query(extra = {}) {
  const made = new URLSearchParams();
  if (chosen.period === "dates") {
    made.set("since", new Date(startOfDay(chosen.from, clock())).toISOString());
    const next = new Date(Date.parse(`${chosen.to}T00:00Z`) + 86_400_000).toISOString().slice(0, 10);
    made.set("until", new Date(startOfDay(next, clock())).toISOString());
  } else made.set("since", `${HOURS[chosen.period]}h`);
  if (chosen.site) made.set("site", chosen.site);
  if (chosen.label !== "person") made.set("label", chosen.label);
  for (const camera of extra.camera ? [extra.camera] : chosen.cameras) made.append("camera", camera);
  return made;
}

/** Return what a chart shows: {since, until, step_s, rows, summary}. */
async function load(name, extra = {}) {
  if (!embedded) return request(`/api/report/${name}?${query(extra)}`, { signal: round.signal });
  const found = embedded.charts[name];
  if (!extra.camera) return found;
  return { ...found, rows: found.rows.filter((row) => row.camera_id === extra.camera) };
}

/** Show a chart in its section: loading, then drawn, empty or failed, and tried again. */
async function show(section, draw, name, extra = {}) {
  const place = section.querySelector(".plot");
  const mine = round.signal;
  const turn = (section.turn = {}); // a later choice may be answered earlier
  if (!place.dataset.drawn) showState(place, "loading", "Loading …");
  offerFile(section, name, extra);
  try {
    const found = await load(name, extra);
    if (mine.aborted || section.turn !== turn) return;
    if (SUMMARY.includes(name)) summarise(name, found.summary);
    section.rows = found.rows;
    section.draw = () => {
      place.replaceChildren();
      place.dataset.drawn = "yes";
      const isTable = section.classList.contains("is-table");
      if (!found.rows.length) showState(place, "empty", emptyText(name));
      else if (isTable) place.append(plainTable(found.rows, section.querySelector("h2, h3").textContent, zones()));
      else draw(place, found.rows);
    };
    const button = section.querySelector(".as-table");
    if (button) button.hidden = !found.rows.length;
    section.draw();
  } catch (error) {
    if (mine.aborted || section.turn !== turn) return;
    delete place.dataset.drawn;
    showError(place, error, () => section.turn === turn && show(section, draw, name, extra));
  }
}

/** Show why something failed, and try it again by itself, or at once on request. */
function showError(place, error, again) {
  const mine = round.signal;
  const run = () => {
    clearTimeout(timer);
    if (!mine.aborted) again();
  };
  const timer = setTimeout(run, AGAIN_MS);
  showState(place, "error", error.message, { name: "Try again", run });
}

function emptyText(name) {
  if (name === "alerts") return "No alerts in this period.";
  if (name === "suggestions") return "None: they come after three false alarms of a kind.";
  if (name === "lines") return "No line was crossed in this period, or no camera has one: draw lines on the page of its zones.";
  return "No results in this period: choose a longer one, or other cameras.";
}

/** Return the clock of each camera that is known. */
function zones() {
  return new Map((known ?? []).map((camera) => [camera.camera_id, camera.timezone]));
}

function offerFile(section, name, extra) {
  const link = section.querySelector(".csv");
  if (!link) return;
  link.hidden = false;
  if (embedded) {
    link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(embedded.charts[name].csv)}`;
    link.download = `${name}.csv`;
  } else {
    const asked = query(extra);
    asked.set("format", "csv");
    link.href = `/api/report/${name}?${asked}`;
  }
}

const said = new Map();

function summarise(name, sentences) {
  said.set(name, sentences);
  const all = SUMMARY.flatMap((each) => said.get(each) ?? []);
  byId("summary").replaceChildren(...all.map((sentence) => element("li", {}, sentence)));
  byId("no-summary").hidden = all.length > 0;
}

const watched = embedded ? null : new IntersectionObserver((entries) => {
  for (const entry of entries.filter((each) => each.isIntersecting)) {
    watched.unobserve(entry.target);
    entry.target.begin();
  }
}, { rootMargin: "200px" });

/** Show a timeline of each camera: the first ones, then each as soon as it comes into view. */
async function showTimelines() {
  const section = byId("timeline");
  const place = section.querySelector(".plot");
  const mine = round.signal;
  offerFile(section, "timeline", {});
  if (!known) {
    try {
      known = await knownCameras();
      fillForm();
    } catch (error) {
      if (!mine.aborted) showError(place, error, showTimelines);
      return;
    }
  }
  const cameras = chosenCameras();
  section.querySelector(".as-table").hidden = !cameras.length;
  if (!cameras.length) return showState(place, "empty", emptyText("timeline"));
  const figures = cameras.map((camera) => {
    const title = element("h3", {}, element("span", {}, camera.camera_id));
    title.append(element("span", { class: "hint" }, ` ${camera.site ? `${camera.site}, ` : ""}${camera.timezone}`));
    const figure = element("article", { class: "timeline" }, title, element("div", { class: "plot" }));
    figure.classList.toggle("is-table", section.classList.contains("is-table"));
    const draw = (where, rows) => drawTimeline(where, rows, camera.timezone);
    figure.begin = () => show(figure, draw, "timeline", { camera: camera.camera_id });
    return figure;
  });
  place.replaceChildren(element("div", { class: "timelines" }, ...figures));
  const first = watched ? figures.splice(0, TIMELINES_FIRST) : figures.splice(0);
  for (const figure of figures) watched.observe(figure);
  await Promise.all(first.map((figure) => figure.begin()));
}

function showLabels(place, rows) {
  drawLabels(place, rows);
  fillLabels();
}

function showAttendance() {
  const section = byId("attendance");
  const by = chosen.by || (isLong() ? "days" : "hours");
  for (const button of section.querySelectorAll("[data-by]")) {
    button.setAttribute("aria-pressed", String(button.dataset.by === by));
  }
  show(section, drawAttendance, by);
  if (by !== "days") {
    load("days").then(({ summary }) => summarise("days", summary), () => {}); // the section says why
  }
}

function isLong() {
  if (embedded) return embedded.charts.days.rows.length > 2;
  if (chosen.period === "dates") return Date.parse(chosen.to) - Date.parse(chosen.from) > 86_400_000;
  return HOURS[chosen.period] > 48;
}

function showHealth(place, rows) {
  const clocks = zones();
  const kinds = { online: "good", late: "warn", offline: "bad", unknown: "" };
  const reasons = (row, group) =>
    Object.entries(row)
      .filter(([name, value]) => name.startsWith(`${group}.`) && value)
      .map(([name, value]) => `${name.slice(group.length + 1)} ${number(value)}`)
      .join(", ") || "none";
  const state = (row) => {
    const badge = element("span", { class: `badge ${kinds[row.state]}` }, row.state);
    if (!row.state_since) return badge;
    return element("span", {}, badge, ` since ${shownTime(row.state_since, clocks.get(row.camera_id))}`);
  };
  const columns = [
    ["Camera", (row) => row.camera_id],
    ["State", state],
    ["Newest result", (row) => (row.last_result_at ? ago(row.last_result_at, madeAt()) : "never")],
    ["Pictures", (row) => number(row.received), "number"],
    ["Processed", (row) => number(row.processed), "number"],
    ["Dropped", (row) => reasons(row, "dropped")],
    ["Rejected (dead letters)", (row) => reasons(row, "dead_letters")],
  ];
  place.append(table(columns, rows, "Health of the pipeline, by camera", true));
}

function madeAt() {
  return embedded ? Date.parse(embedded.made_at) : Date.now();
}

function showAlerts(place, rows) {
  const clocks = zones();
  const mark = (row) => {
    const text = row.false_alarm_by ? `Yes: ${row.false_alarm_because}` : "";
    if (!mayMark) return text;
    const name = row.false_alarm_by ? "Take back" : "Mark …";
    const about = element("span", { class: "visually-hidden" }, ` ${row.camera_id}, ${row.raised_at}`);
    const run = () => (row.false_alarm_by ? takeBack(row) : askReason(row));
    return element("span", { class: "mark" }, text, element("button", { type: "button", onclick: run }, name, about));
  };
  const columns = [
    ["Raised, by the camera's clock", (row) => shownTime(row.raised_at, clocks.get(row.camera_id))],
    ["Camera", (row) => row.camera_id],
    ["Rule", (row) => row.rule],
    ["Level", (row) => number(row.level), "number"],
    ["What happened", (row) => row.reason],
    ["False alarm", mark],
  ];
  place.append(table(columns, rows.slice(0, ALERTS_SHOWN), "Alerts", true));
  if (rows.length > ALERTS_SHOWN) {
    const words = `Show all ${rows.length}`;
    const more = () => place.replaceChildren(table(columns, rows, "Alerts", true));
    place.append(element("button", { type: "button", class: "more", onclick: more }, words));
  }
}

let marked = null;

function askReason(row) {
  marked = row;
  byId("reason").value = "";
  byId("false-alarm-problem").hidden = true;
  byId("false-alarm-about").textContent = `${row.camera_id}, ${row.rule}: ${row.reason}`;
  byId("false-alarm").showModal();
}

async function takeBack(row) {
  const path = `/api/alerts/${encodeURIComponent(row.id)}/wrong`;
  const section = byId("alerts");
  try {
    await request(path, { method: "DELETE" });
    showMarks();
  } catch (error) {
    section.querySelector(".plot").prepend(element("p", { class: "problem", role: "alert" }, error.message));
  }
}

async function sendReason(event) {
  event.preventDefault();
  const problem = byId("false-alarm-problem");
  problem.hidden = true;
  const path = `/api/alerts/${encodeURIComponent(marked.id)}/wrong`;
  try {
    await request(path, { method: "POST", body: { reason: byId("reason").value.trim() } });
    byId("false-alarm").close();
    showMarks();
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

function showMarks() {
  for (const name of ["alerts", "suggestions"]) showChart(name);
}

function showSuggestions(place, rows) {
  const value = (row) =>
    row.kind === "min_score" ? `min_score: ${row.value}` : `${row.kind}: ${JSON.stringify(row.value)}`;
  const lines = rows.map((row) =>
    element("li", {}, `${row.camera_id}${row.rule ? `, ${row.rule}` : ""}: ${row.why}. `, element("code", {}, value(row))),
  );
  place.append(element("ul", {}, ...lines));
}

function showWeek(place, rows) {
  drawWeek(place, rows, chosen.label === "person" ? "people" : `objects (${chosen.label})`);
}

/** How each chart is drawn; timelines and attendance, of which there are several, have their own. */
const CHARTS = {
  rates: drawRates, labels: showLabels, week: showWeek, lines: drawLines, alerts: showAlerts,
  suggestions: showSuggestions, health: showHealth,
};

function showChart(name) {
  show(byId(name), CHARTS[name], name);
}

async function showAll() {
  round.abort();
  round = new AbortController();
  const mine = round.signal;
  said.clear();
  byId("summary").replaceChildren();
  byId("no-summary").hidden = false;
  showAbout();
  for (const place of document.querySelectorAll(".chart > .plot:not([data-drawn])")) {
    showState(place, "loading", "Loading …");
  }
  // Until a chart is drawn anew, its file is that of the new choice.
  for (const name of Object.keys(CHARTS)) offerFile(byId(name), name, {});
  // The top of the page first: all that is asked for at the same time would keep it waiting.
  await Promise.race([showTimelines(), new Promise((done) => setTimeout(done, FIRST_MS))]);
  if (mine.aborted) return;
  for (const name of ["rates", "labels"]) showChart(name);
  showAttendance();
  for (const name of ["week", "lines", "alerts", "suggestions", "health"]) showChart(name);
}

function showAbout() {
  const whole = { dateStyle: "medium", timeStyle: "short" };
  const time = (at, timeZone) => new Date(at).toLocaleString("en-GB", { ...whole, timeZone });
  if (embedded) {
    const { since, until } = embedded.charts.cameras;
    byId("about").textContent =
      `${time(since, clock())} to ${time(until, clock())} (${clock()}), made ${time(embedded.made_at, clock())}. ` +
      "Timelines, days and hours are by each camera's clock.";
  } else if (chosen.period === "dates") {
    byId("about").textContent = `Dates are days in ${clock()}. Timelines, days and hours are by each camera's clock.`;
  } else byId("about").textContent = "Timelines, days and hours are by each camera's clock.";
}

function fillForm() {
  byId("filters").hidden = Boolean(embedded);
  byId("period").value = chosen.period;
  byId("from").value = chosen.from;
  byId("to").value = chosen.to;
  for (const field of document.querySelectorAll(".dates")) field.hidden = chosen.period !== "dates";
  const sites = [...new Set([...(known ?? []).map((camera) => camera.site), chosen.site])].filter(Boolean).sort();
  byId("site-field").hidden = !sites.length;
  fillSelect(byId("site"), [["", "All sites"], ...sites.map((site) => [site, site])], chosen.site);
  const names = [...new Set([...(known ?? []).map((camera) => camera.camera_id), ...chosen.cameras])].sort();
  const choices = names.map((name) => {
    const box = element("input", { type: "checkbox", value: name, checked: chosen.cameras.includes(name) });
    return element("label", {}, box, ` ${name}`);
  });
  byId("cameras").replaceChildren(byId("cameras").querySelector("legend"), ...choices);
  const count = chosen.cameras.length;
  byId("camera-choice").textContent =
    count === 0 ? "All cameras" : count === 1 ? chosen.cameras[0] : `${count} cameras`;
  fillLabels();
}

/** Offer to count what the cameras saw in this period. */
function fillLabels() {
  const labels = new Set(["person", chosen.label, ...(byId("labels").rows ?? []).map((row) => row.label)]);
  fillSelect(byId("label"), [...labels].map((label) => [label, label]), chosen.label);
}

function fillSelect(select, options, value) {
  select.replaceChildren(...options.map(([key, text]) => element("option", { value: key }, text)));
  select.value = value;
}

function readForm() {
  const today = new Date().toLocaleDateString("sv-SE");
  const period = byId("period").value;
  const from = period === "dates" ? byId("from").value || today : "";
  const to = period === "dates" ? byId("to").value || from : "";
  const boxes = [...byId("cameras").querySelectorAll("input:checked")];
  chosen = {
    period,
    from: from < to ? from : to,
    to: from < to ? to : from,
    site: byId("site").value,
    label: byId("label").value,
    cameras: boxes.map((box) => box.value),
    by: chosen.by,
  };
  history.pushState(null, "", address());
  fillForm();
  showAll();
}

/** Return the cameras that can be chosen: those that have had counts lately. */
async function knownCameras() {
  if (embedded) return embedded.charts.cameras.rows;
  return (await request("/api/report/cameras?since=30d")).rows;
}

function listen() {
  const change = settled(readForm, 150);
  byId("filters").addEventListener("change", change);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("false-alarm").querySelector("form").addEventListener("submit", sendReason);
  byId("cancel").addEventListener("click", () => byId("false-alarm").close());
  addEventListener("popstate", () => {
    chosen = readAddress();
    fillForm();
    showAll();
  });
  for (const button of document.querySelectorAll("[data-by]")) {
    button.addEventListener("click", () => {
      chosen.by = button.dataset.by;
      if (!embedded) history.replaceState(null, "", address());
      showAttendance();
    });
  }
  for (const button of document.querySelectorAll(".as-table")) {
    button.addEventListener("click", () => {
      const section = button.closest(".chart");
      const isTable = section.classList.toggle("is-table");
      button.setAttribute("aria-pressed", String(isTable));
      const parts = [...section.querySelectorAll(".timeline")];
      for (const part of parts) part.classList.toggle("is-table", isTable);
      for (const part of parts.length ? parts : [section]) part.draw?.();
    });
  }
  document.documentElement.addEventListener("themechange", redraw);
  addEventListener("resize", settled(redraw, 150));
  // On paper: light, whatever the screen is.
  const root = document.documentElement;
  addEventListener("beforeprint", () => {
    root.dataset.screen = root.dataset.theme;
    root.dataset.theme = "light";
    redraw();
  });
  addEventListener("afterprint", () => {
    root.dataset.theme = root.dataset.screen;
    redraw();
  });
}

listen();
fillForm();
// Dates are by the clock of the cameras: so these come first. Without an answer the charts are shown
// all the same, and the timelines say why.
known = await knownCameras().catch(() => null);
fillForm();
showAll();

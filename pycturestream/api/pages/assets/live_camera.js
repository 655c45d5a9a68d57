// One camera large: its picture with zones, lines and tracks, and beside it what it led to.

import { element, request, shownTime } from "./base.js";
import { AlertList } from "./live/alert_list.js";
import { Cameras, PICTURE_MS } from "./live/cameras.js";
import { LastHour } from "./live/last_hour.js";
import { switches } from "./live/switches.js";
import { IN_VIEW_MS, OLD_MS, View } from "./live/view.js";
import { ageText, clockText, healthKind, healthText, realAlerts } from "./live/words.js";

const SENTENCES = 8;
const RETRY_MS = 15000;
const root = document.getElementById("camera");
const cameraId = root.dataset.camera;
const colours = JSON.parse(root.dataset.colours);
const cameras = new Cameras();
const view = new View(() => cameras.drawn(cameraId), () => ({ ...on, colours }));
const on = switches(() => view.redraw());
const health = element("p", { class: "health", hidden: true });
const age = element("span", { class: "age" });
const picture = document.getElementById("picture");
const alerts = new AlertList(document.getElementById("alerts"), cameraId, "mayWrite" in root.dataset);
const lastHour = new LastHour(document.getElementById("counts"), cameraId);
const sentences = new Map();
let waitedFrom = performance.now();
let alertIds = "";
let sentenceNote = "";

picture.append(view.canvas, health, age);
new ResizeObserver(() => view.redraw()).observe(picture);

function put(id, text) {
  const node = typeof id === "string" ? document.getElementById(id) : id;
  if (node.textContent !== text) node.textContent = text;
}

function update() {
  const camera = cameras.byId.get(cameraId);
  if (!camera) return;
  const timeZone = camera.timezone || undefined;
  put("site", camera.site);
  put("clock", clockText(camera));
  view.threatened = new Set(realAlerts(camera).flatMap((alert) => alert.track_ids));
  view.zones = cameras.zonesOf(cameraId);
  view.redraw();
  lastHour.timeZone = timeZone;
  alerts.take(camera.alerts, timeZone);
  const ids = JSON.stringify(camera.alerts.map(({ id, acknowledged_by: by, is_false: wrong }) => [id, by, wrong]));
  if (ids !== alertIds) {
    alertIds = ids;
    alerts.read();
  }
  if (camera.sentence) say(camera.sentence);
  showSentences();
  pass();
}

/** Show what changes with time alone. */
function pass() {
  const camera = cameras.byId.get(cameraId);
  const isNewer = (at, ms) => Boolean(at) && cameras.now() - new Date(at).getTime() < ms;
  const frame = view.newest;
  const isSeen = isNewer(frame?.captured_at, IN_VIEW_MS);
  const isMissing = camera?.has_pictures && cameras.isLive && !document.hidden && isSeen
    && performance.now() - waitedFrom > PICTURE_MS;
  if (isMissing && view.capturedAt) view.clear();
  cameras.areMissing = Boolean(isMissing);
  const trouble = camera ? healthText(camera) : missingCamera();
  const without = camera && !camera.has_pictures ? "Phones are shown without pictures"
    : isMissing ? "No picture" : camera && !view.capturedAt && isSeen ? "Waiting for a picture …" : "";
  put(health, trouble || without);
  health.className = `health ${trouble && camera ? healthKind(camera) : "info"}`;
  health.hidden = !health.textContent;
  put(age, ageText(view.capturedAt ?? frame?.captured_at, cameras.now()));
  put("now", isSeen || !cameras.isLive ? frame?.in_view || (frame ? "Nothing in view" : "") : "");
  picture.classList.toggle("old",
    view.capturedAt !== null && (!cameras.isLive || !isNewer(view.capturedAt, OLD_MS)));
}

function missingCamera() {
  if (cameras.state === "connecting") return "Connecting …";
  if (!cameras.isComplete) return cameras.isConnected ? "Reading what the camera shows …" : "";
  return "No camera has this name yet";
}

function say(sentence) {
  sentences.set(sentence.captured_at, sentence);
}

function showSentences() {
  const place = document.getElementById("sentences");
  const timeZone = cameras.byId.get(cameraId)?.timezone || undefined;
  const newest = [...sentences.values()]
    .sort((one, other) => other.captured_at.localeCompare(one.captured_at))
    .slice(0, SENTENCES);
  const list = element("ul", { class: "sentences" }, ...newest.map(({ text, language, captured_at: at }) =>
    element("li", {}, element("time", { datetime: at }, shownTime(at, timeZone)), element("span", { lang: language }, text))));
  const shown = [];
  if (sentenceNote) shown.push(element("p", { class: "hint" }, sentenceNote));
  if (newest.length) shown.push(list);
  if (!shown.length) shown.push(element("p", { class: "hint" }, "Nothing was said in the last hour."));
  if (place.dataset.shown === shown.map(({ textContent }) => textContent).join()) return;
  place.dataset.shown = shown.map(({ textContent }) => textContent).join();
  place.replaceChildren(...shown);
}

async function readSentences() {
  try {
    (await request(`/api/live/${encodeURIComponent(cameraId)}/sentences`)).forEach(say);
    sentenceNote = "";
  } catch (error) {
    sentenceNote = `Earlier ones can't be shown. ${error.message}`;
    setTimeout(readSentences, RETRY_MS);
  }
  showSentences();
}

cameras.addEventListener("camera", ({ detail }) => detail === cameraId && update());
cameras.addEventListener("order", pass);
cameras.addEventListener("settings", update);
cameras.addEventListener("frame", ({ detail: { frame, isNewest } }) => {
  if (frame.camera_id !== cameraId) return;
  view.see(frame, isNewest);
  if (isNewest) pass();
});
cameras.addEventListener("picture", ({ detail }) => {
  if (detail.header.camera_id !== cameraId) return cameras.drawn(detail.header.camera_id);
  waitedFrom = performance.now();
  view.show(detail).then(pass);
});
cameras.addEventListener("state", () => {
  waitedFrom = performance.now();
  pass();
});
document.addEventListener("visibilitychange", () => {
  waitedFrom = performance.now();
  if (!document.hidden) lastHour.read();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented) location.assign(document.getElementById("back").href);
});
setInterval(pass, 1000);
cameras.watch({ [cameraId]: "large" });
cameras.open();
alerts.read();
lastHour.read();
readSentences();
pass();

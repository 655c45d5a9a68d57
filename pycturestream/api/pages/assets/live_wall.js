// The wall: a tile for each camera, pictures for those in view.

import { element } from "./base.js";
import { Cameras, PICTURE_MS, withCode } from "./live/cameras.js";
import { GAP, arrange } from "./live/grid.js";
import { switches } from "./live/switches.js";
import { IN_VIEW_MS, OLD_MS, View } from "./live/view.js";
import { ageText, alertsText, healthKind, healthText, realAlerts } from "./live/words.js";

const LARGE_FROM = 640;
const LARGE_LIMIT = 4;
const wall = document.getElementById("wall");
const place = document.getElementById("state");
const colours = JSON.parse(wall.dataset.colours);
const cameras = new Cameras();
const tiles = new Map();
const on = switches(() => tiles.forEach(({ view }) => view.redraw()));
let columns = 1;

class Tile {
  constructor(cameraId) {
    this.cameraId = cameraId;
    this.isVisible = false;
    this.waitedFrom = performance.now();
    this.view = new View(() => cameras.drawn(cameraId), () => ({ ...on, colours }));
    this.health = element("p", { class: "health" });
    this.badge = element("span", { class: "badge bad", hidden: true });
    this.age = element("span", { class: "age" });
    this.site = element("span", { class: "site" });
    this.now = element("p", { class: "tile-now" });
    this.sentence = element("p", { class: "tile-sentence" });
    this.link = element("a", { class: "tile", href: `/live/${cameraId}`, id: cameraId },
      element("div", { class: "picture" }, this.view.canvas, this.health, this.age),
      element("div", { class: "tile-text" },
        element("p", { class: "tile-name" }, element("strong", {}, cameraId), this.site, this.badge),
        this.now, this.sentence));
    this.place = element("li", {}, this.link);
    this.place.dataset.camera = cameraId;
  }

  /** Show what is known of the camera. */
  update() {
    const camera = cameras.byId.get(this.cameraId);
    if (!camera) return;
    const alerts = realAlerts(camera);
    put(this.site, camera.site);
    this.badge.hidden = !alerts.length;
    put(this.badge, alerts.length ? alertsText(alerts.length) : "");
    put(this.sentence, camera.sentence?.text ?? "");
    this.view.threatened = new Set(alerts.flatMap((alert) => alert.track_ids));
    this.view.zones = cameras.zonesOf(this.cameraId);
    this.link.classList.toggle("alerting", alerts.length > 0);
    this.pass();
    this.view.redraw();
  }

  /** Show what changes with time alone: ages, and whether pictures come. */
  pass() {
    const camera = cameras.byId.get(this.cameraId);
    if (!camera) return;
    const { view } = this;
    const frame = view.newest;
    const isNewer = (at, ms) => Boolean(at) && cameras.now() - new Date(at).getTime() < ms;
    const isSeen = isNewer(frame?.captured_at, IN_VIEW_MS);
    this.isMissing = camera.has_pictures && this.isVisible && cameras.isLive && isSeen
      && performance.now() - this.waitedFrom > PICTURE_MS;
    // Boxes of now are worth more than a picture of before that nothing belongs to.
    if (this.isMissing && view.capturedAt) view.clear();
    const trouble = healthText(camera);
    const without = !camera.has_pictures ? "Phones are shown without pictures"
      : this.isMissing ? "No picture" : !view.capturedAt && isSeen ? "Waiting for a picture …" : "";
    put(this.health, trouble || without);
    this.health.className = `health ${trouble ? healthKind(camera) : "info"}`;
    this.health.hidden = !this.health.textContent;
    put(this.age, ageText(view.capturedAt ?? frame?.captured_at, cameras.now()));
    put(this.now, isSeen || cameras.isLive === false ? frame?.in_view || (frame ? "Nothing in view" : "") : "");
    this.link.classList.toggle("old",
      view.capturedAt !== null && (!cameras.isLive || !isNewer(view.capturedAt, OLD_MS)));
  }
}

/** A text that is the same again is not put there again: screen readers and layout notice. */
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const tile = tiles.get(target.dataset.camera);
    if (!tile) continue;
    if (isIntersecting && !tile.isVisible) tile.waitedFrom = performance.now();
    tile.isVisible = isIntersecting;
  }
  watch();
}, { rootMargin: "60px" });

function watch() {
  const seen = cameras.order.filter((name) => tiles.get(name)?.isVisible);
  const width = (tiles.get(seen[0])?.view.canvas.clientWidth ?? 0) * Math.min(devicePixelRatio, 2);
  const size = seen.length <= LARGE_LIMIT && width >= LARGE_FROM ? "large" : "small";
  cameras.watch(Object.fromEntries(seen.map((name) => [name, size])));
}

function layOut() {
  const style = getComputedStyle(document.querySelector("main"));
  const width = wall.clientWidth;
  const top = wall.getBoundingClientRect().top + scrollY;
  const height = innerHeight - top - parseFloat(style.paddingBottom);
  const chosen = arrange(cameras.order.length, width, height);
  columns = chosen.columns;
  wall.style.setProperty("--columns", columns);
  wall.style.setProperty("--tile", `${chosen.tile}px`);
  wall.style.setProperty("--tile-gap", `${GAP}px`);
  tiles.forEach(({ view }) => view.redraw());
  watch();
}

function arrangeTiles() {
  const wanted = new Set(cameras.order);
  for (const [name, tile] of tiles) {
    if (wanted.has(name)) continue;
    observer.unobserve(tile.place);
    tile.place.remove();
    tiles.delete(name);
  }
  cameras.order.forEach((name, index) => {
    let tile = tiles.get(name);
    if (!tile) {
      tile = new Tile(name);
      tiles.set(name, tile);
      observer.observe(tile.place);
    }
    if (wall.children[index] !== tile.place) wall.insertBefore(tile.place, wall.children[index] ?? null);
    tile.update();
  });
  showState();
  layOut();
  focusNamed();
}

let hasFocused = false;

/** Put the focus on the camera that was just left, once. */
function focusNamed() {
  const named = tiles.get(decodeURIComponent(location.hash.slice(1)));
  if (hasFocused || !named) return;
  hasFocused = true;
  named.link.focus();
}

function showState() {
  const shown = state();
  place.replaceChildren(...(shown ? [shown] : []));
  wall.hidden = !cameras.order.length;
  summarize();
}

function state() {
  if (cameras.order.length) return null;
  if (cameras.state === "signed-out" || cameras.state === "lost") return null;
  const say = (text) => element("div", { class: "state", role: "status" }, element("p", {}, ...withCode(text)));
  if (cameras.state === "connecting") return say("Connecting …");
  if (!cameras.isComplete) return cameras.isConnected ? say("Reading what the cameras show …") : null;
  const empty = say("No camera yet. Connect the one of this computer: `pycturestream publish 0 --camera webcam`");
  empty.append(element("p", {}, ...withCode("Cameras of a file are connected by `pycturestream run cameras.yaml`.")));
  return empty;
}

function summarize() {
  const known = cameras.order.map((name) => cameras.byId.get(name)).filter(Boolean);
  const alerts = known.reduce((sum, camera) => sum + realAlerts(camera).length, 0);
  const bad = known.filter((camera) => ["offline", "silent"].includes(camera.health.state)).length;
  const parts = [known.length === 1 ? "1 camera" : `${known.length} cameras`];
  if (bad) parts.push(`${bad} without pictures`);
  if (alerts) parts.push(alertsText(alerts));
  put(document.getElementById("summary"), known.length ? parts.join(", ") : "");
}

function passTime() {
  const seen = [...tiles.values()].filter((tile) => tile.isVisible);
  seen.forEach((tile) => tile.pass());
  cameras.areMissing = seen.length > 0 && seen.some((tile) => tile.isMissing)
    && seen.every((tile) => tile.isMissing || !tile.view.capturedAt);
}

const STEPS = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: () => -columns, ArrowDown: () => columns };

wall.addEventListener("keydown", (event) => {
  const from = cameras.order.indexOf(event.target.closest("li")?.dataset.camera);
  const to = event.key === "Home" ? 0
    : event.key === "End" ? cameras.order.length - 1
    : event.key in STEPS ? from + STEPS[event.key]() : -1;
  if (from < 0 || !cameras.order[to]) return;
  event.preventDefault();
  tiles.get(cameras.order[to]).link.focus();
});

cameras.addEventListener("order", arrangeTiles);
cameras.addEventListener("camera", ({ detail }) => {
  tiles.get(detail)?.update();
  summarize();
});
cameras.addEventListener("settings", () => tiles.forEach((tile) => tile.update()));
cameras.addEventListener("frame", ({ detail: { frame, isNewest } }) => {
  const tile = tiles.get(frame.camera_id);
  tile?.view.see(frame, isNewest);
  if (isNewest) tile?.pass();
});
cameras.addEventListener("picture", ({ detail }) => {
  const tile = tiles.get(detail.header.camera_id);
  if (!tile) return cameras.drawn(detail.header.camera_id); // it has gone; the next one may come
  tile.waitedFrom = performance.now();
  tile.view.show(detail).then(() => tile.pass());
});
cameras.addEventListener("state", () => {
  tiles.forEach((tile) => {
    tile.waitedFrom = performance.now();
    tile.pass();
  });
  showState();
});
document.addEventListener("visibilitychange", () =>
  tiles.forEach((tile) => (tile.waitedFrom = performance.now())));
addEventListener("resize", layOut);
new ResizeObserver(layOut).observe(document.getElementById("problem")); // it takes room while shown
document.documentElement.addEventListener("themechange", () => tiles.forEach(({ view }) => view.redraw()));
setInterval(passTime, 1000);
cameras.open();
showState();

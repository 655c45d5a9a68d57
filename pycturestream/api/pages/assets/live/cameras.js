// What a live page knows of the cameras, from the line; and the notes about what is away.

import { element, request } from "../base.js";
import { Line } from "./line.js";
import { realAlerts } from "./words.js";

/** How long a picture may take after its camera came into view, or after the last one. */
export const PICTURE_MS = 30000;
const NOTES = {
  lost: "No connection to the server. It is tried again by itself; what is shown is from before.",
  redis:
    "Redis does not answer, so nothing new comes. It goes on by itself; `pycturestream status` shows what is down.",
  pictures:
    "No pictures come, only what is detected in them. `pycturestream status` shows whether the picture service runs.",
};

/**
 * Events: `order` when there are other cameras, `camera` and `frame` with the camera's id as detail,
 * `picture`, and `state` when the line or Redis went or came back.
 */
export class Cameras extends EventTarget {
  order = [];
  byId = new Map();
  isComplete = false;
  isConnected = true;
  state = "connecting";
  #line = new Line();
  #settings = new Map();
  #revisions = "";
  #known = new Set();
  #missing = false;

  constructor() {
    super();
    this.#line.addEventListener("news", ({ detail }) => this.#take(detail));
    this.#line.addEventListener("frame", ({ detail }) =>
      this.#tell("frame", { frame: detail.frame, isNewest: false }));
    this.#line.addEventListener("picture", ({ detail }) => this.#tell("picture", detail));
    this.#line.addEventListener("state", ({ detail }) => {
      if (detail === this.state) return;
      this.state = detail;
      this.#showNotes();
      this.#tell("state");
    });
  }

  open() {
    this.#line.open();
    this.#showNotes();
  }

  watch(sizes) {
    this.#line.watch(sizes);
  }

  drawn(cameraId) {
    this.#line.drawn(cameraId);
  }

  now() {
    return this.#line.now();
  }

  /** Whether what comes is of now. */
  get isLive() {
    return this.state === "connected" && this.isConnected;
  }

  /** The zones and lines of a camera; null until they are known. */
  zonesOf(cameraId) {
    return this.#settings.get(cameraId) ?? null;
  }

  /** Say whether pictures should come and none does. */
  set areMissing(missing) {
    if (missing === this.#missing) return;
    this.#missing = missing;
    this.#showNotes();
  }

  #take(news) {
    const was = [this.isComplete, this.isConnected].join();
    this.isComplete = news.is_complete;
    this.isConnected = news.is_connected;
    if (was !== [this.isComplete, this.isConnected].join()) {
      this.#showNotes();
      this.#tell("state");
    }
    for (const camera of news.cameras) this.byId.set(camera.camera_id, camera);
    if (news.order) {
      this.order = news.order;
      const kept = new Set(news.order);
      for (const name of this.byId.keys()) if (!kept.has(name)) this.byId.delete(name);
      this.#tell("order");
    }
    for (const camera of news.cameras) this.#tell("camera", camera.camera_id);
    for (const frame of news.frames) this.#tell("frame", { frame, isNewest: true });
    // Before Redis was read, nobody knows which alerts were open before.
    if (news.is_complete) this.#sayAlerts(news.cameras);
    if (news.cameras.length || news.order) this.#readSettings();
  }

  /** Have a screen reader say which alerts are new; not those that were open before. */
  #sayAlerts(cameras) {
    const open = cameras.flatMap((camera) =>
      realAlerts(camera).map((alert) => ({ camera: camera.camera_id, ...alert })));
    const fresh = open.filter(({ id }) => !this.#known.has(id));
    const isFirst = !this.#known.size;
    for (const { id } of open) this.#known.add(id);
    this.#known.add("");
    if (isFirst || !fresh.length) return;
    document.getElementById("alerts-said").textContent = fresh
      .map(({ camera, reason }) => `Alert at ${camera}: ${reason}`)
      .join(" ");
  }

  async #readSettings() {
    const revisions = this.order.map((name) => this.byId.get(name)?.revision ?? 0).join();
    if (revisions === this.#revisions) return;
    this.#revisions = revisions;
    try {
      for (const { camera_id: id, zones, lines } of await request("/api/cameras")) {
        this.#settings.set(id, { zones, lines });
      }
      this.#tell("settings");
    } catch {
      this.#revisions = ""; // asked again with the next change
    }
  }

  #showNotes() {
    const line = document.getElementById("line");
    const words = { connecting: "Connecting …", connected: "", lost: "Not connected" };
    line.textContent = words[this.state] ?? "Signed out";
    line.hidden = !line.textContent;
    document.body.classList.toggle("not-live", !this.isLive);
    const note =
      this.state === "lost" ? NOTES.lost
      : this.state !== "connected" ? ""
      : !this.isConnected ? NOTES.redis
      : this.#missing ? NOTES.pictures
      : "";
    const place = document.getElementById("problem");
    const shown = this.state === "signed-out" ? signedOut() : note ? element("p", { class: "note" }, ...withCode(note)) : null;
    place.replaceChildren(...(shown ? [shown] : []));
    place.hidden = !shown;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** Return a text as nodes; what stands between backquotes is code. */
export function withCode(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

function signedOut() {
  const next = encodeURIComponent(location.pathname);
  return element("p", { class: "problem", role: "alert" },
    "Your token was revoked or has expired. ",
    element("a", { href: `/sign-in?next=${next}` }, "Sign in again"));
}

// What is shown of a detections record: what is in it, its level, and its time.

import { element, shownTime } from "./base.js";

const LEVELS = { 1: ["notice", ""], 2: ["warning", "warn"], 3: ["danger", "bad"] };

/** Return a badge with the highest level of a record's threats; null: there is none. */
export function levelBadge(record) {
  const highest = Math.max(0, ...record.threats.map((threat) => threat.level));
  return highest ? badgeOf(highest) : null;
}

export function badgeOf(level) {
  const [name, kind] = LEVELS[level] ?? [`level ${level}`, ""];
  return element("span", { class: `badge ${kind}` }, name);
}

/** The clocks of cameras: their settings name time zones. */
export class Clocks {
  constructor() {
    this.zones = new Map();
  }

  learn(cameras) {
    for (const { camera_id: name, timezone } of cameras) this.zones.set(name, timezone);
  }

  zone(record) {
    return this.zones.get(record.camera_id);
  }

  /** Return when a picture was taken, by the clock of its camera where that is known. */
  shown(record) {
    return shownTime(record.captured_at, this.zone(record));
  }

  /** Say whose clock the times of records are by. */
  note(records) {
    const zones = new Set(records.map((record) => this.zone(record)));
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zones.size === 1) {
      const [zone] = zones;
      return zone ? `Times are by the cameras' clock, ${zone}.` : `Times are by your clock, ${own}.`;
    }
    return zones.has(undefined)
      ? `Times are by the clock of each camera; where that is not known, by yours, ${own}.`
      : "Times are by the clock of each camera.";
  }
}

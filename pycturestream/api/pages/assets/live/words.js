// What is said of a camera, in words. Pure.

import { ago, shownTime } from "../base.js";

const STATES = {
  offline: "Offline",
  silent: "No results",
  rejected: "Its pictures are rejected",
  covered: "Covered",
  blurred: "Blurred view",
  dark: "Too dark to see anything",
  moved: "Shows a different view",
};
const DETAILS = { reconnecting: "reconnecting", stalled: "it sends nothing", ended: "its source has ended" };

/** Return what is wrong with a camera, and since when by its own clock; empty where nothing is. */
export function healthText(camera) {
  const { state, since, detail } = camera.health;
  if (state === "ok") return "";
  const more = DETAILS[detail] ?? detail;
  if (state === "waiting") return `No picture yet${more ? ` (${more})` : ""}`;
  const when = since ? ` since ${shownTime(since, camera.timezone || undefined)}` : "";
  return `${STATES[state]}${when}${more ? ` (${more})` : ""}`;
}

/** Return how bad that is: "bad" where nothing is seen of the camera, "warn" for the others. */
export function healthKind(camera) {
  return ["offline", "silent", "rejected", "covered"].includes(camera.health.state) ? "bad" : "warn";
}

/** Return the alerts that are open and no false alarms. */
export function realAlerts(camera) {
  return camera.alerts.filter((alert) => !alert.is_false);
}

export function alertsText(count) {
  return count === 1 ? "1 open alert" : `${count} open alerts`;
}

/** Return how old a picture is, as "2 s ago". */
export function ageText(capturedAt, now) {
  return capturedAt ? ago(capturedAt, now) : "";
}

/** Return whose clock the times of a camera are by. */
export function clockText(camera) {
  return camera.timezone
    ? `Times are by the camera's clock (${camera.timezone}).`
    : "Times are by the clock of this browser: the camera has no settings.";
}

// The alerts of one camera, with buttons to acknowledge them and to mark false alarms.

import { element, request, shownTime, showState } from "../base.js";

const LEVELS = { 1: ["Notice", ""], 2: ["Warning", "warn"], 3: ["Danger", "bad"] };
const PERIOD = "24h";
const LIMIT = 8;
const AGAIN_MS = 15000;
/** What has ended is found to be open for some seconds more. */
const SOON_MS = 3000;
/** What has just been raised is on the line some seconds before it can be found. */
const FOUND_MS = 15000;

export class AlertList {
  #place;
  #cameraId;
  #mayWrite;
  #timeZone;
  #open = [];
  #found = [];
  #failure = "";
  #reading = null;
  #isOutdated = false;
  #shown = "";
  #form = null;
  #timer = 0;

  constructor(place, cameraId, mayWrite) {
    this.#place = place;
    this.#cameraId = cameraId;
    this.#mayWrite = mayWrite;
    showState(place, "loading", "Reading the alerts …");
  }

  /** Take the open alerts as the line has them; they are newer than what can be searched. */
  take(open, timeZone) {
    this.#open = open;
    this.#timeZone = timeZone;
    this.#render();
  }

  /** Ask for the alerts of the last day; where that is under way, once more after it: what it finds
   * may be from before a command. */
  read() {
    this.#isOutdated = true;
    this.#reading ??= this.#readAll();
    return this.#reading;
  }

  async #readAll() {
    try {
      while (this.#isOutdated) {
        this.#isOutdated = false;
        clearTimeout(this.#timer);
        await this.#readOnce();
      }
    } finally {
      this.#reading = null;
    }
  }

  async #readOnce() {
    try {
      const query = new URLSearchParams({ camera: this.#cameraId, since: PERIOD, limit: LIMIT });
      this.#found = await request(`/api/alerts?${query}`);
      this.#failure = "";
      if (this.#isBehind()) this.#timer = setTimeout(() => this.read(), SOON_MS);
    } catch (error) {
      this.#failure = error.message;
      this.#timer = setTimeout(() => this.read(), AGAIN_MS);
    }
    this.#render(true);
  }

  /** Whether what was found as open is not open any more. */
  #isBehind() {
    const open = new Set(this.#open.map(({ id }) => id));
    return this.#found.some(({ id, state }) => state !== "cleared" && !open.has(id));
  }

  #alerts() {
    const open = new Map(this.#open.map((alert) => [alert.id, alert]));
    const found = this.#found.map((alert) => {
      const now = open.get(alert.id);
      open.delete(alert.id);
      return {
        ...alert,
        isOpen: alert.state !== "cleared",
        acknowledgedBy: now ? now.acknowledged_by : (alert.acknowledged?.by ?? ""),
        isFalse: now ? now.is_false : alert.wrong !== null,
      };
    });
    const unfound = [...open.values()].map((alert) => ({
      ...alert, isOpen: true, acknowledgedBy: alert.acknowledged_by, isFalse: alert.is_false,
    }));
    return [...unfound, ...found].sort(
      (one, other) => other.isOpen - one.isOpen || other.raised_at.localeCompare(one.raised_at));
  }

  #render(wasRead = false) {
    if (this.#form || (!wasRead && !this.#shown && !this.#open.length)) return;
    const alerts = this.#alerts();
    const shown = JSON.stringify([alerts, this.#failure, this.#timeZone]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = document.activeElement?.closest?.("[data-alert]")?.dataset.alert;
    const parts = [];
    if (this.#failure) parts.push(element("p", { class: "hint" }, `Older alerts can't be shown. ${this.#failure}`));
    if (alerts.length) {
      parts.push(element("ul", { class: "alerts" }, ...alerts.map((alert) => this.#item(alert))));
    } else if (!this.#failure) {
      parts.push(element("p", { class: "hint" }, "No alert in the last 24 hours."));
    }
    this.#place.replaceChildren(...parts);
    if (focused) this.#itemOf(focused)?.focus();
  }

  #itemOf(id) {
    return [...this.#place.querySelectorAll("[data-alert]")].find((item) => item.dataset.alert === id);
  }

  #item(alert) {
    const [level, kind] = LEVELS[alert.level] ?? [`Level ${alert.level}`, ""];
    const state = !alert.isOpen
      ? `ended ${shownTime(alert.cleared_at, this.#timeZone)}`
      : "open";
    const item = element("li", { class: "alert", tabindex: -1 },
      element("p", { class: "alert-head" },
        element("span", { class: `badge ${alert.isOpen ? kind : ""}` }, level),
        element("strong", {}, alert.rule),
        element("time", { datetime: alert.raised_at }, shownTime(alert.raised_at, this.#timeZone)),
        element("span", { class: "hint" }, state)),
      element("p", {}, alert.reason));
    item.dataset.alert = alert.id;
    const said = alert.isFalse ? "Marked as a false alarm."
      : alert.acknowledgedBy ? `${alert.acknowledgedBy} is handling this.` : "";
    if (said) item.append(element("p", { class: "hint" }, said));
    if (this.#mayWrite) item.append(this.#buttons(alert, item));
    return item;
  }

  #buttons(alert, item) {
    const act = (name, run) => element("button", { type: "button", onclick: run }, name);
    const buttons = element("div", { class: "alert-buttons" });
    const path = `/api/alerts/${encodeURIComponent(alert.id)}`;
    if (alert.isFalse) {
      buttons.append(act("Not a false alarm", () => this.#send(item, "DELETE", `${path}/wrong`)));
    } else {
      if (alert.isOpen) {
        buttons.append(alert.acknowledgedBy
          ? act("Take back", () => this.#send(item, "DELETE", `${path}/acknowledge`))
          : act("Acknowledge", () => this.#send(item, "POST", `${path}/acknowledge`, { reason: "" })));
      }
      buttons.append(act("False alarm", () => this.#ask(item, path)));
    }
    return buttons;
  }

  /** Ask what a false alarm was about. */
  #ask(item, path) {
    this.#form?.remove();
    const field = element("input", { name: "reason", required: true, maxlength: 500, id: "false-reason" });
    const mark = element("button", { class: "main" }, "Mark as a false alarm");
    const close = () => {
      this.#form?.remove();
      this.#form = null;
      this.#shown = "";
      this.#render(true);
      this.#itemOf(item.dataset.alert)?.focus();
    };
    const form = element("form", {
      class: "stacked",
      onsubmit: async (event) => {
        event.preventDefault();
        mark.disabled = true; // until the list shows it
        if (await this.#send(item, "POST", `${path}/wrong`, { reason: field.value })) close();
        mark.disabled = false;
      },
      onkeydown: (event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        close();
      },
    },
    element("label", { for: "false-reason" }, "What was it?"),
    field,
    element("div", { class: "alert-buttons" },
      mark,
      element("button", { type: "button", onclick: close }, "Cancel")));
    this.#form = form;
    item.append(form);
    field.focus();
  }

  /** Return what `ask` does; it is asked again while an alert that is open can't be found yet. */
  async #whenFound(id, ask) {
    for (const began = Date.now(); ;) {
      try {
        return await ask();
      } catch (error) {
        const isNew = error.status === 404 && this.#open.some((alert) => alert.id === id);
        if (!isNew || Date.now() - began > FOUND_MS) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  /** Give a command about an alert; return whether it was taken. */
  async #send(item, method, path, body) {
    item.querySelector(".problem")?.remove();
    try {
      await this.#whenFound(item.dataset.alert, () => request(path, { method, body }));
    } catch (error) {
      item.append(element("p", { class: "problem", role: "alert" }, error.message));
      return false;
    }
    await this.read();
    return true;
  }
}

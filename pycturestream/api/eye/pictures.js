/** Sends one picture after the other, and never a second one while the first is under way. */

import { LEVELS, PICTURE_TIMEOUT_MS, START, intervalMs, isSlow, paceAfter } from "./pace.js";
import { OPEN, lensAfter } from "./lens.js";

const LENS_EVERY_MS = 250;
const BUSY_AFTER_MS = 2000;
const RETRY_MS = 100;
/** So old may the newest result be to answer a question from it. */
const FRESH_MS = 1000;
const FAILURES = 3;
const REFUSED_FOR_MS = 3000;

/**
 * Events: `covered`, `uncovered` (the lens); `busy`, once until a picture is answered in time;
 * `slow`, once until the line is good again, where pictures come less often; `refused`, once where the gateway has refused all pictures for three seconds; `blind`, when the
 * camera gives no new picture.
 */
export class Pictures extends EventTarget {
  #camera;
  #connection;
  #mayLook;
  #chosenMs;
  #ready = null;
  #pace = START;
  #lens = OPEN;
  #busy = false;
  #slow = false;
  #refusedSince = null;
  #toldRefused = false;
  #failures = 0;
  #seenAt = -Infinity;
  #session = 0;
  #running = false;
  #lensTimer = 0;
  #wake = () => {};
  #afterNext = [];

  /** `mayLook` says whether pictures may be taken, `chosenMs` the interval the listener chose. */
  constructor(camera, connection, mayLook, chosenMs) {
    super();
    this.#camera = camera;
    this.#connection = connection;
    this.#mayLook = mayLook;
    this.#chosenMs = chosenMs;
    connection.addEventListener("ready", ({ detail }) => {
      this.#ready = detail;
      this.#wake();
    });
  }

  get covered() {
    return this.#lens.covered;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#lensTimer = setInterval(() => this.#watchLens(), LENS_EVERY_MS);
    this.#run(++this.#session);
  }

  stop() {
    this.#running = false;
    clearInterval(this.#lensTimer);
    this.#lens = OPEN;
    this.#pace = START;
    this.#busy = false;
    this.#slow = false;
    this.#failures = 0;
    this.#refusedSince = null;
    this.#toldRefused = false;
    this.#afterNext = [];
    this.#wake();
  }

  /** Run `action` once the result of a new picture is there, which may be now. */
  whenFresh(action) {
    if (Date.now() - this.#seenAt <= FRESH_MS) {
      action();
      return;
    }
    this.#afterNext.push(action);
    this.#wake();
  }

  /** A session that was stopped ends, even if the next one began while it waited. */
  async #run(session) {
    const goesOn = () => this.#running && this.#session === session;
    while (goesOn()) {
      const began = performance.now();
      let pauseMs = RETRY_MS;
      this.#watchLens(); // once more than by the timer: a dark picture is of no use
      const mayLook = this.#lens.darkSince === null && this.#mayLook();
      if (mayLook) this.#connection.wake();
      if (mayLook && this.#connection.idle) {
        const extra = await this.#sendOne(goesOn);
        pauseMs = intervalMs(this.#pace, this.#ready, this.#chosenMs()) + extra;
      }
      await this.#sleep(pauseMs - (performance.now() - began));
    }
  }

  /** Send a picture and wait for what becomes of it; return by how much longer to wait, in ms. */
  async #sendOne(goesOn) {
    const { side, quality } = LEVELS[this.#pace.level];
    const limit = Math.min(side, this.#ready.side_limit);
    const picture = await this.#camera.picture(limit, quality, this.#ready.byte_limit);
    if (!goesOn() || !this.#mayLook() || !this.#connection.idle) return 0;
    if (!picture) {
      this.#failures += 1;
      if (this.#failures === FAILURES) this.dispatchEvent(new Event("blind"));
      return 0;
    }
    this.#failures = 0;
    const { roundTripMs, refused } = await this.#roundTrip(picture);
    if (!goesOn()) return 0;
    if (roundTripMs !== null) this.#follow(roundTripMs);
    return refused ? this.#rejected(refused) : 0;
  }

  #follow(roundTripMs) {
    this.#pace = paceAfter(this.#pace, roundTripMs);
    const wasSlow = this.#slow;
    this.#slow = isSlow(this.#pace, roundTripMs, wasSlow);
    if (this.#slow && !wasSlow) this.dispatchEvent(new Event("slow"));
  }

  /** Return {roundTripMs, refused}: no time for a lost line, 5000 for a picture without answer. */
  #roundTrip({ jpeg, capturedAt }) {
    const sentAt = Date.now();
    const began = performance.now();
    const stamp = Math.round(capturedAt);
    return new Promise((done) => {
      const listening = new AbortController();
      const { signal } = listening;
      const finish = (roundTripMs, refused = null) => {
        listening.abort();
        clearTimeout(busy);
        clearTimeout(timeout);
        done({ roundTripMs, refused });
      };
      const busy = setTimeout(() => {
        if (!this.#busy) this.dispatchEvent(new Event("busy"));
        this.#busy = true;
      }, BUSY_AFTER_MS);
      const timeout = setTimeout(() => finish(PICTURE_TIMEOUT_MS), PICTURE_TIMEOUT_MS);
      const on = (name, action) => this.#connection.addEventListener(name, action, { signal });
      on("seen", ({ detail }) => {
        if (detail.captured_at !== stamp) return;
        const roundTripMs = performance.now() - began;
        if (roundTripMs < BUSY_AFTER_MS) this.#busy = false;
        this.#refusedSince = null;
        this.#toldRefused = false;
        this.#seenAt = stamp;
        finish(roundTripMs);
        for (const action of this.#afterNext.splice(0)) action();
      });
      on("refused", ({ detail }) => {
        if (detail.captured_at === stamp) finish(performance.now() - began, detail);
      });
      for (const end of ["lost", "invalid", "elsewhere"]) on(end, () => finish(null));
      this.#connection.sendPicture(stamp, sentAt, jpeg);
    });
  }

  #rejected({ reason }) {
    const now = performance.now();
    this.#refusedSince ??= now;
    if (!this.#toldRefused && now - this.#refusedSince >= REFUSED_FOR_MS) {
      this.#toldRefused = true;
      this.dispatchEvent(new Event("refused"));
    }
    if (reason === "too-large" || reason === "too-costly") {
      this.#pace = paceAfter(this.#pace, PICTURE_TIMEOUT_MS); // smaller ones; the line is not slow
    }
    return reason === "too-fast" ? intervalMs(this.#pace, this.#ready, this.#chosenMs()) : 0;
  }

  #watchLens() {
    const measure = this.#mayLook() ? this.#camera.brightness() : null;
    if (!measure) return;
    const { covered } = this.#lens;
    this.#lens = lensAfter(this.#lens, measure, performance.now());
    if (this.#lens.covered === covered) return;
    this.dispatchEvent(new Event(covered ? "uncovered" : "covered"));
    if (covered) this.#wake();
  }

  #sleep(ms) {
    return new Promise((done) => {
      const timer = setTimeout(done, Math.max(0, ms));
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}

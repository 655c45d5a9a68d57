// Small pictures, fetched when they come into view: a few at a time, since each has to be blurred.

import { RequestError, request, whenFree } from "./base.js";

const AT_ONCE = 2;
const WIDTH = 360;

/** Return the address of a record's picture. */
export function pictureAddress(record, options = {}) {
  const parameters = new URLSearchParams(options);
  if (record.run !== "live") parameters.set("run", record.run);
  const query = parameters.toString();
  return `/api/pictures/${encodeURIComponent(record.frame_id)}.jpg${query ? `?${query}` : ""}`;
}

/** Fetch a picture as a Blob; a server that is busy is asked again. Throws RequestError. */
export function fetchPicture(address, signal) {
  return whenFree(() => request(address, { signal, blob: true }), signal);
}

/** Return why there is no picture, in a few words. */
export function whyMissing(error) {
  const reason = /missing: (.+?)\.?$/.exec(error.message);
  if (reason) return `No picture: ${reason[1]}`;
  return error instanceof RequestError ? error.message : "The picture can't be shown.";
}

export class Thumbnails {
  constructor() {
    this.waiting = [];
    this.running = 0;
    this.addresses = [];
    this.stop = new AbortController();
    this.records = new WeakMap();
    this.observer = new IntersectionObserver((entries) => this.see(entries), { rootMargin: "200px" });
  }

  /** Show the picture of a record in a place once it is in view. */
  watch(place, record, alt) {
    this.records.set(place, { record, alt });
    this.observer.observe(place);
  }

  /** Forget all of them. */
  clear() {
    this.stop.abort();
    this.stop = new AbortController();
    this.observer.disconnect();
    this.waiting = [];
    for (const address of this.addresses) URL.revokeObjectURL(address);
    this.addresses = [];
  }

  see(entries) {
    for (const { target, isIntersecting } of entries) {
      this.waiting = this.waiting.filter((place) => place !== target);
      if (isIntersecting) this.waiting.push(target);
    }
    this.next();
  }

  next() {
    while (this.running < AT_ONCE && this.waiting.length) {
      const place = this.waiting.shift();
      this.observer.unobserve(place);
      this.running += 1;
      this.load(place, this.stop.signal).finally(() => {
        this.running -= 1;
        this.next();
      });
    }
  }

  async load(place, signal) {
    const { record, alt } = this.records.get(place);
    try {
      const blob = await fetchPicture(pictureAddress(record, { width: WIDTH }), signal);
      if (signal.aborted) return;
      const image = document.createElement("img");
      image.alt = alt;
      image.src = URL.createObjectURL(blob);
      this.addresses.push(image.src);
      place.replaceChildren(image);
    } catch (error) {
      if (signal.aborted) return;
      const why = document.createElement("span");
      why.className = "why";
      why.textContent = whyMissing(error);
      place.replaceChildren(why);
    }
  }
}

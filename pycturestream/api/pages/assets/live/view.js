// One camera's picture on the page: the newest one, with the boxes of its own frame.

import { draw } from "./drawing.js";

/** A picture older than this is shown as old: of 50 cameras, each has one every ten seconds. */
export const OLD_MS = 20000;
/** What was detected longer ago is not what is in view now. */
export const IN_VIEW_MS = 10000;
/** Frames whose picture may still come. */
const FRAMES_KEPT = 12;
/** How long a track's way is. */
const TRAIL_MS = 8000;

export class View {
  #picture = null;
  #header = null;
  #frames = new Map();
  #newest = null;
  #trails = new Map();
  #asked = 0;
  #number = 0;

  /** `drawn` is called when a picture was drawn or left out; `chosen()` returns what is drawn. */
  constructor(drawn, chosen) {
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.drawn = drawn;
    this.chosen = chosen;
    this.zones = null;
    this.threatened = new Set();
  }

  /** When the picture that is shown was taken, as RFC 3339; null without one. */
  get capturedAt() {
    return this.#header?.captured_at ?? null;
  }

  get newest() {
    return this.#newest;
  }

  /** What was detected in the frame that is shown: of a picture, its own. */
  get frame() {
    return this.#header ? (this.#frames.get(this.#header.frame_id) ?? null) : this.#newest;
  }

  /** Take what was detected in a frame; `isNewest`: nothing newer is known. */
  see(frame, isNewest) {
    this.#frames.set(frame.frame_id, frame);
    while (this.#frames.size > FRAMES_KEPT) {
      const old = [...this.#frames.keys()].find((name) => name !== this.#header?.frame_id);
      this.#frames.delete(old);
    }
    if (isNewest) {
      this.#newest = frame;
      this.#follow(frame);
    }
    // With a picture, only what belongs to it is drawn.
    if (!this.#header || this.#header.frame_id === frame.frame_id) this.redraw();
  }

  /** Show a picture, unless a newer one has come by the time it is decoded. */
  async show({ header, jpeg }) {
    const number = (this.#number += 1);
    try {
      const picture = await createImageBitmap(jpeg);
      if (number !== this.#number) {
        picture.close();
        return;
      }
      this.#picture?.close();
      this.#picture = picture;
      this.#header = header;
      this.canvas.dataset.frame = header.frame_id;
      this.redraw();
    } catch {
      // Not a picture: the next one will be.
    } finally {
      this.drawn();
    }
  }

  /** Forget the picture: it is too old to be shown with anything. */
  clear() {
    this.#picture?.close();
    this.#picture = this.#header = null;
    delete this.canvas.dataset.frame;
    this.redraw();
  }

  /** Draw soon, once, whatever has changed. */
  redraw() {
    this.#asked ||= requestAnimationFrame(() => {
      this.#asked = 0;
      this.#draw();
    });
  }

  #draw() {
    const size = { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
    if (!size.width || !size.height) return;
    const { boxes, zones, trails, colours } = this.chosen();
    draw(this.canvas, size, {
      picture: this.#picture,
      frame: boxes ? this.frame : null,
      zones: zones ? this.zones : null,
      trails: trails ? this.#trails : null,
      threatened: this.threatened,
      colours,
      ground: "#1b1f29",
    });
    this.canvas.dataset.boxes = boxes ? (this.frame?.objects.length ?? 0) : 0;
  }

  #follow(frame) {
    const at = new Date(frame.captured_at).getTime();
    for (const { track_id: track, box } of frame.objects) {
      if (!track) continue;
      const way = this.#trails.get(track) ?? [];
      way.push({ at, point: [(box[0] + box[2]) / 2, box[3]] });
      this.#trails.set(track, way);
    }
    for (const [track, way] of this.#trails) {
      const kept = way.filter((each) => at - each.at <= TRAIL_MS);
      if (kept.length) this.#trails.set(track, kept);
      else this.#trails.delete(track);
    }
  }
}

/** The camera behind the phone, as small JPEGs. */

import { fitted } from "./pace.js";
import { brightness } from "./lens.js";

const SAMPLE = { width: 32, height: 24 };
const FRAME_TIMEOUT_MS = 2000;
const LOWEST_QUALITY = 0.2;

/** Return the key of the text that says what is wrong, by the browser's error. Pure. */
export function cameraProblem(error) {
  if (!window.isSecureContext) return "insecure";
  switch (error?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "camera_refused";
    case "NotFoundError":
    case "OverconstrainedError":
      return "camera_missing";
    case "NotReadableError":
    case "AbortError":
      return "camera_in_use";
    default:
      return "camera_failed";
  }
}

/** Event: `ended`, when the system takes the camera away. */
export class Camera extends EventTarget {
  #video;
  #stream = null;
  #canvas = document.createElement("canvas");
  #sample = Object.assign(document.createElement("canvas"), SAMPLE);
  #shownTime = -1;

  constructor(video) {
    super();
    this.#video = video;
  }

  get open() {
    return this.#stream?.getVideoTracks().some((track) => track.readyState === "live") ?? false;
  }

  /** Open it, and return once there is a picture. Raises the browser's error. */
  async start() {
    this.stop();
    if (!navigator.mediaDevices) throw new DOMException("no camera API", "NotFoundError");
    this.#stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    for (const track of this.#stream.getVideoTracks()) {
      track.onended = () => this.dispatchEvent(new Event("ended"));
    }
    this.#video.srcObject = this.#stream;
    await this.#video.play();
  }

  stop() {
    for (const track of this.#stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.#stream = null;
    this.#video.srcObject = null;
  }

  /** Return mean and deviation of what the camera shows now, or null before its first picture. */
  brightness() {
    if (!this.#video.videoWidth) return null;
    const { width, height } = SAMPLE;
    const context = this.#sample.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.#video, 0, 0, width, height);
    return brightness(context.getImageData(0, 0, width, height).data);
  }

  /**
   * Return {jpeg, capturedAt} of the next new picture, or null where none comes: a camera that
   * has stopped must not send its last picture again as a new one.
   */
  async picture(side, quality, byteLimit) {
    const capturedAt = await this.#nextFrame();
    if (capturedAt === null || !this.#video.videoWidth) return null;
    let [width, height] = fitted(this.#video.videoWidth, this.#video.videoHeight, side);
    Object.assign(this.#canvas, { width, height });
    this.#canvas.getContext("2d").drawImage(this.#video, 0, 0, width, height);
    for (let tried = quality; ; tried /= 2) {
      const jpeg = await new Promise((done) => this.#canvas.toBlob(done, "image/jpeg", tried));
      if (jpeg && jpeg.size <= byteLimit) return { jpeg, capturedAt };
      if (!jpeg || tried < LOWEST_QUALITY) return null;
    }
  }

  /** Return when a picture newer than the last was taken, in ms of the clock; null without one. */
  #nextFrame() {
    const video = this.#video;
    return new Promise((done) => {
      const timer = setTimeout(() => done(this.#unannounced()), FRAME_TIMEOUT_MS);
      if (!video.requestVideoFrameCallback) {
        clearTimeout(timer);
        done(this.#unannounced());
        return;
      }
      video.requestVideoFrameCallback((now, { captureTime }) => {
        clearTimeout(timer);
        this.#shownTime = video.currentTime;
        const age = captureTime === undefined ? 0 : performance.now() - captureTime;
        done(Date.now() - Math.max(0, age));
      });
    });
  }

  /** The same for browsers that announce no pictures. */
  #unannounced() {
    if (this.#video.currentTime === this.#shownTime) return null;
    this.#shownTime = this.#video.currentTime;
    return Date.now();
  }
}

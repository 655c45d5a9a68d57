// The socket of a live page: it comes back by itself, and says in words how it is.

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15000;
/** The server says something every three seconds. */
const SILENCE_MS = 10000;
const ACKNOWLEDGE_MS = 50;
const NO_TOKEN = 4401;

/** Return the pause before a try: it doubles to 15 s, less up to a half by `random` of 0 to 1. */
export function pauseBefore(attempt, random) {
  return Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (1 - random / 2);
}

/** Return the header and the JPEG of a picture's message. */
export function readPicture(buffer) {
  const length = new DataView(buffer).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  return { header, jpeg: new Blob([new Uint8Array(buffer, 4 + length)], { type: "image/jpeg" }) };
}

/**
 * Events: `news` and `frame` with the message as detail, `picture` with its header and JPEG, and
 * `state`, whose detail is "connected", "lost" or "signed-out".
 */
export class Line extends EventTarget {
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #silence = 0;
  #watched = { cameras: {}, paused: false };
  #drawn = [];
  #drawnTimer = 0;
  #ended = false;
  #offset = 0;

  constructor() {
    super();
    addEventListener("online", () => this.#retry());
    addEventListener("offline", () => this.#lose());
    addEventListener("pagehide", () => this.#discard());
    addEventListener("pageshow", (event) => event.persisted && this.#retry());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#isSilent()) this.#lose();
      if (!document.hidden) this.#retry();
      this.#sendWatched();
    });
  }

  get connected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** The server's time in ms: this computer's clock may be wrong. */
  now() {
    return Date.now() + this.#offset;
  }

  open() {
    this.#connect();
  }

  /** Say what is shown: the size of pictures ("small" or "large") by camera. */
  watch(cameras) {
    if (JSON.stringify(cameras) === JSON.stringify(this.#watched.cameras)) return;
    this.#watched = { ...this.#watched, cameras };
    this.#sendWatched();
  }

  /** Say that a picture was drawn, or will never be. */
  drawn(cameraId) {
    this.#drawn.push(cameraId);
    this.#drawnTimer ||= setTimeout(() => {
      this.#drawnTimer = 0;
      this.#send({ type: "shown", cameras: this.#drawn.splice(0) });
    }, ACKNOWLEDGE_MS);
  }

  #heardAt = 0;

  #isSilent() {
    return this.#socket !== null && performance.now() - this.#heardAt > SILENCE_MS;
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#discard();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/live/socket`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#heard();
    socket.onopen = () => this.#sendWatched();
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  #receive(data) {
    this.#heard();
    if (typeof data !== "string") {
      this.#tell("picture", readPicture(data));
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "news") {
      this.#offset = new Date(message.now).getTime() - Date.now();
      // A server that only accepts has not come back yet.
      this.#attempt = 0;
      this.#tell("state", "connected");
    }
    this.#tell(message.type, message);
  }

  #closed(code) {
    this.#discard();
    if (code === NO_TOKEN) {
      this.#ended = true;
      this.#tell("state", "signed-out");
      return;
    }
    this.#tell("state", "lost");
    this.#timer = setTimeout(() => this.#connect(), pauseBefore(this.#attempt, Math.random()));
    this.#attempt += 1;
  }

  #retry() {
    if (this.#ended || this.#socket) return;
    this.#attempt = 0;
    this.#connect();
  }

  #lose() {
    if (this.#socket) this.#closed(1006);
  }

  #heard() {
    this.#heardAt = performance.now();
    clearTimeout(this.#silence);
    // Timers of a hidden page run late: the line is looked at again when it is shown.
    this.#silence = setTimeout(() => document.hidden || this.#lose(), SILENCE_MS);
  }

  #discard() {
    clearTimeout(this.#silence);
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #sendWatched() {
    const cameras = document.hidden ? {} : this.#watched.cameras;
    this.#send({ type: "watch", cameras, paused: document.hidden });
  }

  #send(message) {
    if (this.connected) this.#socket.send(JSON.stringify(message));
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** One WebSocket to the gateway, which comes back by itself. */

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15000;
const SILENCE_MS = 10000;
const MEANINGS = { 4401: "invalid", 4409: "elsewhere", 4410: "idle" };
const MESSAGES = new Set(["ready", "seen", "refused", "say"]);

/** Return the pause before a try: it doubles to 15 s, less up to a half by `random` of 0 to 1. */
export function pauseBefore(attempt, random) {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
  return pause * (1 - random / 2);
}

/**
 * Return what a close code means: after "invalid" and "elsewhere" nobody comes back by themselves,
 * after "idle" with the next picture, after "lost" at once and again.
 */
export function meaningOf(code) {
  return MEANINGS[code] ?? "lost";
}

/** Return the message of a picture: two times in ms as 64 bit big-endian integers, the JPEG. */
export function pictureMessage(capturedAt, sentAt, jpeg) {
  const header = new DataView(new ArrayBuffer(16));
  header.setBigUint64(0, BigInt(Math.round(capturedAt)));
  header.setBigUint64(8, BigInt(Math.round(sentAt)));
  return new Blob([header.buffer, jpeg]);
}

/**
 * Events: `ready`, `seen`, `refused` and `say` with the gateway's message as detail; `lost`, once
 * until it is ready again; `invalid` and `elsewhere`, after which only open() connects.
 */
export class Connection extends EventTarget {
  #address;
  #hello;
  #socket = null;
  #ready = false;
  #attempt = 0;
  #wanted = false;
  #told = false;
  #asleep = false;
  #timer = 0;
  #silence = 0;

  /** `hello` returns the first message, whenever it is sent. */
  constructor(address, hello) {
    super();
    this.#address = address;
    this.#hello = hello;
    window.addEventListener("online", () => this.retry());
    window.addEventListener("offline", () => this.#drop());
  }

  get ready() {
    return this.#ready;
  }

  /** True where nothing that was sent is still on its way out. */
  get idle() {
    return this.#ready && this.#socket.bufferedAmount === 0;
  }

  open() {
    this.#wanted = true;
    this.#told = false;
    this.#attempt = 0;
    this.#connect();
  }

  close() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#discard();
  }

  /** Try now instead of after the pause, where the connection is lost. */
  retry() {
    if (!this.#wanted || this.#socket) return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Connect again where the gateway hung up because nothing was sent for long. */
  wake() {
    if (this.#asleep) this.retry();
  }

  send(message) {
    if (this.#ready) this.#socket.send(JSON.stringify(message));
  }

  /** Send a picture; if nothing at all comes back for ten seconds, the line is dead. */
  sendPicture(capturedAt, sentAt, jpeg) {
    this.#socket.send(pictureMessage(capturedAt, sentAt, jpeg));
    if (!this.#silence) this.#expectAnswer();
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#discard();
    this.#asleep = false;
    const socket = new WebSocket(this.#address);
    this.#socket = socket;
    this.#expectAnswer();
    socket.onopen = () => socket.send(JSON.stringify(this.#hello()));
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  #receive(data) {
    this.#answered();
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (!MESSAGES.has(message?.type)) return; // of a newer gateway
    if (message.type === "ready") {
      this.#ready = true;
      this.#told = false;
    } else {
      this.#attempt = 0; // a gateway that only greets has not come back yet
    }
    this.dispatchEvent(new CustomEvent(message.type, { detail: message }));
  }

  #closed(code) {
    this.#discard();
    const meaning = meaningOf(code);
    if (meaning === "idle") {
      this.#asleep = true;
      return;
    }
    if (meaning !== "lost") {
      this.#wanted = false;
      this.dispatchEvent(new CustomEvent(meaning));
      return;
    }
    this.#timer = setTimeout(() => this.#connect(), pauseBefore(this.#attempt, Math.random()));
    this.#attempt += 1;
    if (!this.#told) {
      this.#told = true;
      this.dispatchEvent(new CustomEvent("lost"));
    }
  }

  /** Give up on a line that is known or must be taken to be dead. */
  #drop() {
    if (this.#socket) this.#closed(1006);
  }

  #discard() {
    this.#answered();
    this.#ready = false;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #expectAnswer() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#drop(), SILENCE_MS);
  }

  #answered() {
    clearTimeout(this.#silence);
    this.#silence = 0;
  }
}

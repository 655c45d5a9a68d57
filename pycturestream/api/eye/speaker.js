/**
 * Speaks sentences by the browser's own voice, or hands them to the listener's screen reader.
 *
 * Never both: whoever hears each sentence twice hears neither. By default the page speaks, and the
 * live regions stay empty, so that a screen reader that runs beside it reads only the controls.
 * Where the listener has chosen the screen reader, or the browser has no voice for the language,
 * the sentences go into live regions instead, and the page is silent.
 */

import { SILENT, finished, received } from "./speaking.js";

const VOICES_TIMEOUT_MS = 2000;
const LINES_KEPT = 3;
/** A sentence whose end is never reported (browsers forget it at times) must not block the next. */
const LONGEST_MS_PER_LETTER = 150;
const GRACE_MS = 3000;

/** Return the voice for a language, rather one on the device than one over the network. Pure. */
export function voiceFor(voices, language) {
  const own = voices.filter((voice) => voice.lang.toLowerCase().startsWith(language));
  const rank = (voice) => 2 * voice.localService + voice.default;
  return own.sort((one, other) => rank(other) - rank(one))[0] ?? null;
}

/** Events: `spoken` with the sentence as detail, when it begins; `unspeakable`, with the language. */
export class Speaker extends EventTarget {
  #settings;
  #polite;
  #assertive;
  #synthesis = window.speechSynthesis ?? null;
  #state = SILENT;
  #utterance = null;
  #timer = 0;
  #mute = new Set();

  constructor(settings, polite, assertive) {
    super();
    this.#settings = settings;
    this.#polite = polite;
    this.#assertive = assertive;
  }

  get speaking() {
    return this.#state.current !== null;
  }

  /** Wait for the list of voices, and remember whether there is none for the language. */
  async prepare(language) {
    if (this.#settings.speaker !== "voice") return;
    if (this.#synthesis && this.#synthesis.getVoices().length === 0) {
      await new Promise((done) => {
        this.#synthesis.addEventListener("voiceschanged", done, { once: true });
        setTimeout(done, VOICES_TIMEOUT_MS);
      });
    }
    const voices = this.#synthesis?.getVoices() ?? [];
    if (voiceFor(voices, language)) this.#mute.delete(language);
    else this.#giveUp(language);
  }

  /** Whether it is to speak a language, and can't. */
  isMute(language) {
    return this.#settings.speaker === "voice" && this.#mute.has(language);
  }

  say(sentence) {
    this.#follow(received(this.#state, sentence, Date.now()));
  }

  stop() {
    this.#state = SILENT;
    this.#breakOff();
  }

  #follow({ state, speak, cancel }) {
    this.#state = state;
    if (cancel) this.#breakOff();
    if (speak) this.#speak(speak);
  }

  #speak(sentence) {
    this.dispatchEvent(new CustomEvent("spoken", { detail: sentence }));
    const { speaker } = this.#settings;
    if (!this.#synthesis || speaker === "screen-reader" || this.isMute(sentence.language)) {
      this.#announce(sentence);
      return;
    }
    const { rate } = this.#settings;
    const utterance = new SpeechSynthesisUtterance(sentence.text);
    utterance.lang = sentence.language;
    utterance.voice = voiceFor(this.#synthesis.getVoices(), sentence.language);
    utterance.rate = rate;
    utterance.onend = () => this.#ended(utterance);
    utterance.onerror = ({ error }) => {
      // The reasons that another sentence won't do away with.
      if (/unavailable|synthesis-failed/.test(error)) {
        this.#giveUp(sentence.language);
        if (this.#utterance === utterance) this.#announce(sentence);
      } else {
        this.#ended(utterance);
      }
    };
    this.#utterance = utterance; // or else a browser may collect it before it has ended
    const longest = GRACE_MS + (LONGEST_MS_PER_LETTER * sentence.text.length) / rate;
    this.#timer = setTimeout(() => this.#ended(utterance), longest);
    this.#synthesis.speak(utterance);
  }

  #ended(utterance) {
    if (utterance !== this.#utterance) return;
    this.#utterance = null;
    clearTimeout(this.#timer);
    this.#follow(finished(this.#state, Date.now()));
  }

  #breakOff() {
    this.#utterance = null;
    clearTimeout(this.#timer);
    this.#synthesis?.cancel();
  }

  /** A screen reader doesn't say when it has finished: it queues by itself. */
  #announce(sentence) {
    this.#state = SILENT;
    const region = sentence.priority > 0 ? this.#assertive : this.#polite;
    const line = document.createElement("p");
    line.lang = sentence.language;
    line.textContent = sentence.text;
    region.append(line); // a new element, so that the same sentence is read again
    while (region.childElementCount > LINES_KEPT) region.firstElementChild.remove();
  }

  #giveUp(language) {
    if (this.#mute.has(language)) return;
    this.#mute.add(language);
    this.dispatchEvent(new CustomEvent("unspeakable", { detail: language }));
  }
}

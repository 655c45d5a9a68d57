// Stands in for the browser's voice, which a headless one doesn't have: records what is spoken.
window.voice = {
  spoken: [],
  cancelled: 0,
  holding: false,
  languages: ["en-GB", "de-DE", "fr-FR", "es-ES"],
  current: null,
  /** End the sentence that is held. */
  release() {
    const utterance = voice.current;
    voice.current = null;
    utterance?.dispatchEvent(new Event("end"));
    utterance?.onend?.();
  },
};

window.SpeechSynthesisUtterance = class extends EventTarget {
  constructor(text) {
    super();
    this.text = text;
  }
};

Object.defineProperty(window, "speechSynthesis", {
  value: Object.assign(new EventTarget(), {
    getVoices: () =>
      voice.languages.map((lang) => ({ lang, localService: true, default: false })),
    speak(utterance) {
      if (!utterance.text) return;
      const { text, lang, rate } = utterance;
      voice.spoken.push({ text, lang, rate, voice: utterance.voice?.lang });
      voice.current = utterance;
      if (!voice.holding) setTimeout(() => voice.current === utterance && voice.release(), 10);
    },
    cancel() {
      if (voice.current) voice.cancelled += 1;
      voice.current = null;
    },
  }),
});

// Tones as they begin, and vibrations.
window.signals = { tones: [], vibrations: [] };
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  signals.tones.push(this.frequency.value);
  return start.apply(this, when);
};
navigator.vibrate = (pattern) => signals.vibrations.push(pattern);

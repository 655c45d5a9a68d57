/** Short tones and vibration, for what a listener must know without words. */

/** Tones as [Hz, start in s]; vibration in ms on, off, on. */
const SIGNALS = {
  connected: { tones: [[523, 0], [784, 0.12]], vibration: [40] },
  asked: { tones: [[660, 0]], vibration: [25] },
  busy: { tones: [[392, 0], [392, 0.2]], vibration: [60, 80, 60] },
  paused: { tones: [[440, 0]], vibration: [80] },
  danger: { tones: [], vibration: [150, 60, 150, 60, 150] },
  lost: { tones: [[523, 0], [392, 0.14], [262, 0.28]], vibration: [200, 100, 200] },
};
const TONE_S = 0.1;
const LOUDNESS = 0.2;

export class Signals {
  #settings;
  #isSpeaking;
  #context = null;

  constructor(settings, isSpeaking) {
    this.#settings = settings;
    this.#isSpeaking = isSpeaking;
  }

  /** To be called within a touch: browsers allow sound from then on. */
  unlock() {
    if (!window.AudioContext) return;
    this.#context ??= new AudioContext();
    this.#context.resume();
  }

  /** No tone sounds while a sentence is spoken; vibration disturbs none. */
  give(name) {
    const { tones, vibration } = SIGNALS[name];
    if (this.#settings.vibration) navigator.vibrate?.(vibration);
    if (this.#settings.tones && this.#context && !this.#isSpeaking()) {
      for (const [pitch, start] of tones) this.#sound(pitch, start);
    }
  }

  #sound(pitch, start) {
    const begin = this.#context.currentTime + start;
    const oscillator = this.#context.createOscillator();
    const volume = this.#context.createGain();
    oscillator.frequency.value = pitch;
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(LOUDNESS, begin + 0.01);
    volume.gain.linearRampToValueAtTime(0, begin + TONE_S);
    oscillator.connect(volume).connect(this.#context.destination);
    oscillator.start(begin);
    oscillator.stop(begin + TONE_S);
  }
}

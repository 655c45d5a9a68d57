// Notes when the page sends pictures, gets messages and begins to speak; a headless browser has no
// voice, so that what it would say ends at once.
window.noted = { sent: [], received: [], spoken: [] };

const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) {
  if (data instanceof Blob) {
    const at = Date.now();
    data.slice(0, 8).arrayBuffer().then((header) => {
      noted.sent.push({ at, captured_at: Number(new DataView(header).getBigUint64(0)) });
    });
  }
  return send.call(this, data);
};

window.WebSocket = class extends WebSocket {
  constructor(...args) {
    super(...args);
    this.addEventListener("message", ({ data }) => {
      noted.received.push({ ...JSON.parse(data), at: Date.now() });
    });
  }
};

window.SpeechSynthesisUtterance = class extends EventTarget {
  constructor(text) {
    super();
    this.text = text;
  }
};

Object.defineProperty(window, "speechSynthesis", {
  value: Object.assign(new EventTarget(), {
    getVoices: () => [{ lang: "en-GB", localService: true, default: true }],
    speak(utterance) {
      noted.spoken.push({ at: Date.now(), text: utterance.text });
      setTimeout(() => {
        utterance.dispatchEvent(new Event("end"));
        utterance.onend?.();
      }, 10);
    },
    cancel() {},
  }),
});

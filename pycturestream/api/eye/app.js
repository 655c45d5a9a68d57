/** The page as a whole: what is shown, and what each touch, key and message does. */

import { Camera, cameraProblem } from "./camera.js";
import { Connection } from "./connection.js";
import { FindDialog } from "./find_dialog.js";
import { Pictures } from "./pictures.js";
import { SettingsDialog } from "./settings_dialog.js";
import { Signals } from "./signals.js";
import { Speaker } from "./speaker.js";
import { isLate } from "./speaking.js";
import { text, useLanguage } from "./texts.js";
import { keepAwake } from "./wake_lock.js";
import * as store from "./settings.js";

const ANSWER_TIMEOUT_MS = 5000;
const EXPIRY_NOTICE_MS = 7 * 24 * 3600 * 1000;
const VIEWS = ["start", "link", "running"];

const element = (id) => document.getElementById(id);
const settings = store.loadSettings();

/** Each why of a pause: by the button, a covered lens, a page in the background. */
const pauses = { button: false, lens: false, hidden: false };
let token = store.takeToken();
/** What the start view says: a text's key, its title's and its action's. */
let opening = ["start_text", "title", "start"];
let linkMessage = ["no_token_text", "no_token_title"];
let status = "connecting";
/** What is said when the connection is there: nothing, where it was only asleep. */
let greeting = "";
let finding = null;
let lastSentence = null;
let question = 0;

const camera = new Camera(element("video"));
const speaker = new Speaker(settings, element("polite"), element("assertive"));
const signals = new Signals(settings, () => speaker.speaking);
const connection = new Connection(`${location.origin.replace(/^http/, "ws")}/eye/socket`, () => ({
  type: "hello",
  token,
  ...listening(),
}));
const pictures = new Pictures(
  camera,
  connection,
  () => !pauses.button && !pauses.hidden,
  () => (finding ? 0 : settings.interval),
);

// --- What is shown -------------------------------------------------------------------------------

function show(view) {
  for (const id of VIEWS) element(id).hidden = id !== view;
}

function shown() {
  return VIEWS.find((id) => !element(id).hidden);
}

function render() {
  const [message, title, action] = opening;
  element("start-text").textContent = text(message);
  element("start-title").textContent = text(title);
  element("start-action").textContent = text(action);
  element("link-text").textContent = text(linkMessage[0]);
  element("link-title").textContent = text(linkMessage[1]);
  element("status").textContent = text(status);
  element("status").dataset.status = status;
  element("notice").textContent = speaker.isMute(settings.language) ? text("no_voice") : "";
  element("pause").textContent = text(paused() ? "continue" : "pause");
  element("find").textContent = finding ? text("find_stop", finding) : text("find");
  element("running").classList.toggle("preview", settings.preview);
}

function showStart(message, title, action) {
  opening = [message, title, action];
  render();
  show("start");
  element("start-button").focus();
}

function showLink(message, title) {
  linkMessage = [message, title];
  render();
  show("link");
  element("link-title").focus();
}

function showOpening() {
  if (!token) showLink("no_token_text", "no_token_title");
  else if (navigator.onLine) showStart("start_text", "title", "start");
  else showStart("offline_text", "offline_title", "start");
}

function showStatus(key) {
  status = key;
  render();
}

/**
 * Say a sentence of the page itself; it comes before what the gateway says unasked. It is about no
 * picture and so never late: "Connection lost" waits until a warning has been spoken.
 */
function tell(key, values) {
  tellText(text(key, values));
}

function tellText(words) {
  const { language } = settings;
  speaker.say({
    text: words,
    language,
    priority: 0,
    answer: true,
    captured_at: Infinity,
  });
}

speaker.addEventListener("spoken", ({ detail: sentence }) => {
  const line = element("sentence");
  line.textContent = sentence.text === text(status) ? "" : sentence.text; // it stands above
  line.lang = sentence.language;
  line.classList.toggle("danger", sentence.priority > 0);
});

speaker.addEventListener("unspeakable", ({ detail: language }) => {
  if (language !== settings.language) return;
  render();
  tell("no_voice");
});

// --- Starting and stopping -----------------------------------------------------------------------

let starting = false;

async function start() {
  if (starting || shown() !== "start") return;
  starting = true;
  // Within the touch, or else browsers let the page neither speak nor sound later.
  tell("connecting");
  signals.unlock();
  try {
    await camera.start();
  } catch (error) {
    fail(cameraProblem(error));
    return;
  } finally {
    starting = false;
  }
  Object.assign(pauses, { button: false, lens: false, hidden: document.hidden });
  [greeting, finding] = ["connected", null];
  element("sentence").textContent = "";
  showStatus("connecting");
  show("running");
  element("now").focus();
  keepAwake(true);
  connection.open();
  pictures.start();
  await speaker.prepare(settings.language);
}

function stop() {
  forgetQuestion();
  speaker.stop();
  pictures.stop();
  connection.close();
  camera.stop();
  keepAwake(false);
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
}

function fail(message) {
  stop();
  showStart(message, "error_title", "retry");
  tell(message);
}

camera.addEventListener("ended", () => {
  if (!pauses.hidden) fail("camera_failed");
});

element("start").addEventListener("click", ({ target }) => {
  if (!target.closest(".settings-button")) start();
});

for (const name of ["online", "offline"]) {
  window.addEventListener(name, () => {
    if (shown() === "start" && ["start_text", "offline_text"].includes(opening[0])) showOpening();
  });
}

element("link-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = element("link-input");
  const pasted = store.tokenOf(input.value);
  element("link-error").textContent = pasted ? "" : text("link_wrong");
  if (!pasted) {
    input.focus();
    return;
  }
  input.value = "";
  useToken(pasted);
});

function useToken(newToken) {
  token = newToken;
  store.keepToken(token);
  showOpening();
}

// Somebody opens another link in the window that is already here.
window.addEventListener("hashchange", () => {
  const taken = store.takeToken();
  if (taken === token) return;
  stop();
  useToken(taken);
});

// --- The connection ------------------------------------------------------------------------------

function listening() {
  const { language, verbosity, places } = settings;
  return { language, verbosity, places };
}

function sendMode() {
  const mode = finding ? { mode: "find", find: finding.label } : { mode: settings.mode };
  connection.send({ type: "settings", ...listening(), ...mode });
}

connection.addEventListener("ready", ({ detail }) => {
  if (finding || settings.mode !== "change") sendMode();
  showStatus(paused() ? pauseText() : "running");
  if (greeting) {
    signals.give("connected");
    const notice = greeting === "connected" ? expiryNotice(detail.expires_at) : "";
    tellText(`${text(greeting)} ${notice}`.trim());
  }
  greeting = "";
});

/** Return when the link ends, where that is soon. */
function expiryNotice(expiresAt) {
  const end = new Date(expiresAt ?? "");
  if (!(end - Date.now() < EXPIRY_NOTICE_MS)) return "";
  return text("expires", { date: end.toLocaleDateString(settings.language, { dateStyle: "long" }) });
}

connection.addEventListener("lost", () => {
  forgetQuestion();
  greeting ||= "connected_again";
  showStatus("lost");
  signals.give("lost");
  tell("lost");
});

connection.addEventListener("invalid", () => {
  stop();
  token = "";
  store.forgetToken();
  signals.give("lost");
  showLink("invalid_text", "invalid_title");
  tellText(`${text("invalid_title")}. ${text("invalid_text")}`);
});

connection.addEventListener("elsewhere", () => {
  stop();
  signals.give("lost");
  showStart("elsewhere_text", "elsewhere_title", "elsewhere_action");
  tell("elsewhere_text");
});

connection.addEventListener("say", ({ detail: sentence }) => {
  const late = isLate(sentence, Date.now());
  if (sentence.answer && question) {
    forgetQuestion();
    if (late) tell("no_answer");
  }
  if (late || paused()) return;
  lastSentence = sentence;
  if (sentence.priority > 0) signals.give("danger");
  speaker.say(sentence);
});

pictures.addEventListener("busy", () => {
  if (paused()) return;
  signals.give("busy");
  showStatus("slow");
});

pictures.addEventListener("slow", () => {
  if (!paused()) tell("slow");
});

connection.addEventListener("seen", () => {
  if (status === "slow") showStatus("running");
});

pictures.addEventListener("refused", () => tell("refused"));

pictures.addEventListener("blind", () => fail("camera_failed"));

// --- Asking --------------------------------------------------------------------------------------

function ask(what) {
  if (paused()) tell(pauseText());
  else if (!connection.ready) tell("not_connected");
  else {
    forgetQuestion();
    signals.give("asked");
    question = setTimeout(() => {
      question = 0;
      tell("no_answer");
    }, ANSWER_TIMEOUT_MS);
    pictures.whenFresh(() => connection.send({ type: "ask", what }));
  }
}

function forgetQuestion() {
  clearTimeout(question);
  question = 0;
}

function repeat() {
  if (lastSentence) speaker.say({ ...lastSentence, answer: true, captured_at: Date.now() });
  else tell("nothing_to_repeat");
}

element("now").addEventListener("click", () => ask("now"));
element("all").addEventListener("click", () => ask("all"));
element("repeat").addEventListener("click", repeat);

element("running").addEventListener("click", ({ target }) => {
  if (settings.tap && !target.closest("button")) ask("now");
});

// --- Finding -------------------------------------------------------------------------------------

const findDialog = new FindDialog(element("find-dialog"), (chosen) => {
  finding = chosen;
  sendMode();
  render();
  tell("finding", finding);
});

element("find").addEventListener("click", () => {
  if (!finding) {
    findDialog.open(settings.language);
    return;
  }
  const { word } = finding;
  finding = null;
  sendMode();
  render();
  tell("find_stopped", { word });
});

// --- Pausing -------------------------------------------------------------------------------------

function paused() {
  return pauses.button || pauses.lens || pauses.hidden;
}

function pauseText() {
  return pauses.lens && !pauses.button ? "paused_lens" : "paused";
}

/** Pause or go on, for one of the reasons; what is spoken is broken off. */
function setPause(reason, on) {
  const before = paused();
  pauses[reason] = on;
  forgetQuestion();
  if (on && !before) speaker.stop();
  if (connection.ready) showStatus(paused() ? pauseText() : "running");
  else render();
  // The background of a phone is not the place for tones and sentences.
  if (reason === "hidden" || (reason === "lens" && pauses.button)) return;
  signals.give("paused");
  tell(paused() ? pauseText() : "continuing");
}

element("pause").addEventListener("click", () => {
  if (pauses.lens && !pauses.button) tell("paused_lens"); // only the hand can end that
  else setPause("button", !pauses.button);
});
pictures.addEventListener("covered", () => setPause("lens", true));
pictures.addEventListener("uncovered", () => setPause("lens", false));

document.addEventListener("visibilitychange", async () => {
  if (shown() !== "running") return;
  setPause("hidden", document.hidden);
  if (document.hidden) return;
  connection.retry();
  if (camera.open) return;
  try {
    await camera.start(); // phones take the camera away from a page in the background
  } catch (error) {
    fail(cameraProblem(error));
  }
});

// --- Settings ------------------------------------------------------------------------------------

const settingsDialog = new SettingsDialog(element("settings-dialog"), settings, async (name) => {
  store.saveSettings(settings);
  if (name === "language") {
    if (finding) element("find").click(); // its word is one of the other language
    await useLanguage(settings.language);
    settingsDialog.render();
  }
  if (name === "language" || name === "speaker") await speaker.prepare(settings.language);
  if (name === "rate") tell("rate_example");
  render();
  if (["language", "verbosity", "places", "mode"].includes(name)) sendMode();
});

function openSettings() {
  element("end").hidden = shown() !== "running";
  element("forget").hidden = !token;
  settingsDialog.open();
}

for (const button of document.querySelectorAll(".settings-button")) {
  button.addEventListener("click", openSettings);
}

element("end").addEventListener("click", () => {
  stop();
  showOpening();
});

element("forget").addEventListener("click", () => {
  stop();
  token = "";
  store.forgetToken();
  showLink("no_token_text", "no_token_title");
  tell("forgotten");
});

// --- Dialogs and keys ----------------------------------------------------------------------------

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  // What is outside of an open dialog is hidden from screen readers, and so would danger be.
  const regions = [element("polite"), element("assertive")];
  new MutationObserver(() => {
    (dialog.open ? dialog : document.querySelector("main")).append(...regions);
  }).observe(dialog, { attributeFilter: ["open"] });
}

const KEYS = { 1: "now", 2: "all", 3: "find", 4: "repeat", 5: "pause" };

document.addEventListener("keydown", (event) => {
  if (!settings.keys || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  if (shown() !== "running" || document.querySelector("dialog[open]")) return;
  if (event.key === " " && !event.target.closest("button")) ask("now");
  else if (event.key === "6") openSettings();
  else if (event.key in KEYS) element(KEYS[event.key]).click();
  else return;
  event.preventDefault();
});

// --- Beginning -----------------------------------------------------------------------------------

await useLanguage(settings.language);
settingsDialog.render();
showOpening();

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/eye/service-worker.js", { scope: "/eye" }).catch(() => {
    // Without it (private window, unknown certificate) the page works, but not offline.
  });
}

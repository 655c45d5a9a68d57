/** What the listener chose, and the token: kept in this browser and nowhere else. */

export const LANGUAGES = Object.freeze(["en", "de", "fr", "es"]);

/** Every setting: its default first. */
export const CHOICES = Object.freeze({
  language: LANGUAGES,
  speaker: ["voice", "screen-reader"],
  mode: ["change", "quiet"],
  verbosity: ["normal", "short", "full"],
  places: ["sectors", "clock"],
  rate: [1, 0.75, 1.25, 1.5, 2, 3],
  interval: [500, 1000, 2000, 5000],
  tones: [true, false],
  vibration: [true, false],
  tap: [true, false],
  keys: [true, false],
  preview: [true, false],
});

const SETTINGS_KEY = "eye-settings";
const TOKEN_KEY = "eye-token";

/** Return settings with each value that is missing or unknown replaced by its default. Pure. */
export function checked(stored, browserLanguages) {
  const known = stored && typeof stored === "object" ? stored : {};
  const settings = {};
  for (const [name, values] of Object.entries(CHOICES)) {
    settings[name] = values.includes(known[name]) ? known[name] : values[0];
  }
  if (!LANGUAGES.includes(known.language)) {
    const own = browserLanguages.map((tag) => tag.slice(0, 2).toLowerCase());
    settings.language = own.find((tag) => LANGUAGES.includes(tag)) ?? settings.language;
  }
  return settings;
}

/** Return the token of a link, or of a token alone; "" where there is none. Pure. */
export function tokenOf(text) {
  const token = text.trim().split("#").at(-1);
  return /^[\w.~-]{8,200}$/.test(token) ? token : "";
}

export function loadSettings() {
  let stored = null;
  try {
    stored = JSON.parse(localStorage.getItem(SETTINGS_KEY));
  } catch {
    // What can't be read is as good as missing.
  }
  return checked(stored, navigator.languages ?? [navigator.language]);
}

export function saveSettings(settings) {
  keep(SETTINGS_KEY, JSON.stringify(settings));
}

/** Return the token of the address or else the stored one; the address bar no longer shows it. */
export function takeToken() {
  const token = tokenOf(location.hash);
  if (token) keepToken(token);
  if (location.hash) history.replaceState(null, "", location.pathname);
  return token || stored(TOKEN_KEY);
}

export function keepToken(token) {
  keep(TOKEN_KEY, token);
}

export function forgetToken() {
  keep(TOKEN_KEY, "");
}

function stored(key) {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing (private window): the page works until it is closed.
  }
}

// What the scripts of all pages share: requests, elements, states, times.

const RETRIES = 5;
const SHORT_S = 5; // who is away for longer than that is not busy

/** A request failed; the message says why, in a sentence for people. */
export class RequestError extends Error {
  constructor(message, status = 0, retryAfterS = 0) {
    super(message);
    this.status = status;
    this.retryAfterS = retryAfterS;
  }
}

/** Return what a path answers: JSON as a value, else a text, or a Blob if `blob` is set. Throws
 * RequestError; without a valid token the sign-in page opens. */
export async function request(path, { method = "GET", body, signal, blob = false } = {}) {
  let response, content;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    // An answer without content names a type all the same.
    const isJson = response.status !== 204 && /[/+]json/.test(response.headers.get("Content-Type") ?? "");
    content = await (isJson ? response.json() : blob ? response.blob() : response.text()); // may break off
  } catch (error) {
    if (error.name === "AbortError") throw error;
    // What changes something is not sent twice.
    throw new RequestError(method === "GET"
      ? "The server does not answer. It is tried again by itself, or reload."
      : "The server does not answer, and this may not have been saved. Try again.");
  }
  if (response.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    throw new RequestError("Sign in first.", 401);
  }
  if (!response.ok) {
    const retryAfterS = Number(response.headers.get("Retry-After"));
    throw new RequestError(sentence(content?.detail, response), response.status, retryAfterS);
  }
  return content;
}

/** Return what `ask` does; a server that is busy is asked again. Throws RequestError. */
export async function whenFree(ask, signal) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!error.retryAfterS || error.retryAfterS > SHORT_S || attempt > RETRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * error.retryAfterS));
      signal?.throwIfAborted();
    }
  }
}

function sentence(detail, response) {
  const text = typeof detail === "string" && detail ? detail : `The server answered ${response.status}`;
  const end = /[.!?]$/.test(text) ? "" : ".";
  return text[0].toUpperCase() + text.slice(1) + end;
}

/** Make an element: element("p", { class: "hint", onclick: f }, "text", another). Text is text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Show in a place that it is loading, empty or failed, and what to do; replaces its content. */
export function showState(place, kind, text, action) {
  const role = kind === "error" ? "alert" : "status";
  const shown = element("div", { class: `state ${kind}`, role }, element("p", {}, text));
  if (action) shown.append(element("button", { type: "button", onclick: action.run }, action.name));
  place.replaceChildren(shown);
}

/** Return a time of a record (RFC 3339) as the clock of the camera shows it, with the day unless it
 * is today's. */
export function shownTime(text, timeZone = undefined, withSeconds = true) {
  const at = new Date(text);
  const day = { year: "numeric", month: "short", day: "numeric", timeZone };
  const options = { hour: "2-digit", minute: "2-digit", timeZone };
  if (withSeconds) options.second = "2-digit";
  const isToday = formatted(at, day) === formatted(new Date(), day);
  return formatted(at, isToday ? options : { ...day, ...options });
}

const formats = new Map(); // one takes longer to make than a hundred times to use

function formatted(at, options) {
  if (Number.isNaN(at.getTime())) return String(at);
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", options));
  return formats.get(key).format(at);
}

/** Return how long ago that was, as "5 s ago". */
export function ago(text, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - new Date(text).getTime()) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86400)} days ago`;
}

/** Return a value of the style sheet, for canvases: colour("--accent"). */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Call a function with its newest arguments once nothing has come for a while. */
export function settled(run, milliseconds = 250) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(run, milliseconds, ...values);
  };
}

/** Keeps the screen on, for as long as it is wanted and the page is seen. */

let wanted = false;
let lock = null;

export function keepAwake(on) {
  wanted = on;
  if (on) request();
  else lock?.release();
}

async function request() {
  if (!wanted || document.hidden || !navigator.wakeLock || lock?.released === false) return;
  try {
    lock = await navigator.wakeLock.request("screen");
  } catch {
    // An empty battery, for example: the phone decides, and the page works all the same.
  }
}

document.addEventListener("visibilitychange", request);

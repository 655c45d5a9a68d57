/**
 * How large, how sharp and how often pictures are, by measured round trips. Pure.
 *
 * A slow line first gets smaller and coarser pictures, then longer intervals. It gets better ones
 * again after some fast round trips; a try that fails makes the next one wait twice as long, so
 * that pictures don't swing to and fro between two sizes.
 */

/** The detector looks at about 512x384 pixels: a larger picture would only cost more data. */
export const LEVELS = Object.freeze([
  { side: 640, quality: 0.75, intervals: 1 },
  { side: 640, quality: 0.55, intervals: 1 },
  { side: 480, quality: 0.5, intervals: 1 },
  { side: 400, quality: 0.45, intervals: 1 },
  { side: 320, quality: 0.4, intervals: 1 },
  { side: 320, quality: 0.4, intervals: 2 },
  { side: 320, quality: 0.4, intervals: 4 },
]);

/** From here on pictures come less often, and a listener hears less. */
const SPARSE_LEVEL = LEVELS.findIndex(({ intervals }) => intervals > 1);
/** Here pictures are as often as ever, and large enough: the line is good again. */
const GOOD_LEVEL = 2;

/** A sentence may be 2 s late; half of that may pass before it can be spoken. */
export const SLOW_MS = 1000;
export const FAST_MS = 600;
export const PICTURE_TIMEOUT_MS = 5000;

const PATIENCE = 4;
const LONGEST_PATIENCE = 64;

export const START = Object.freeze({ level: 0, calm: 0, patience: PATIENCE, trying: false });

/** Return the pace after a round trip of so many milliseconds; a time-out is one of 5000. */
export function paceAfter(pace, roundTripMs) {
  if (roundTripMs > SLOW_MS) {
    const worse = roundTripMs >= PICTURE_TIMEOUT_MS ? 2 : 1;
    return {
      level: Math.min(pace.level + worse, LEVELS.length - 1),
      calm: 0,
      patience: pace.trying ? Math.min(2 * pace.patience, LONGEST_PATIENCE) : pace.patience,
      trying: false,
    };
  }
  if (roundTripMs > FAST_MS) return { ...pace, calm: 0 };
  const calm = pace.calm + 1;
  const passed = pace.trying && calm >= PATIENCE;
  const patience = passed ? PATIENCE : pace.patience;
  if (pace.level > 0 && calm >= patience) {
    return { level: pace.level - 1, calm: 0, patience, trying: true };
  }
  return { ...pace, calm, patience, trying: pace.trying && !passed };
}

/**
 * Return whether the line is to be called slow after a round trip: from the level on at which
 * pictures come less often, until it is good again, so that it is said once and not at each picture.
 */
export function isSlow(pace, roundTripMs, wasSlow) {
  if (wasSlow) return pace.level > GOOD_LEVEL;
  return roundTripMs > SLOW_MS && pace.level >= SPARSE_LEVEL;
}

/** Return the time between two pictures; the gateway's interval is the least. */
export function intervalMs(pace, ready, chosenMs) {
  return Math.max(ready.interval_ms, chosenMs) * LEVELS[pace.level].intervals;
}

/** Return [width, height] of a picture whose longer side is at most `limit`. */
export function fitted(width, height, limit) {
  const scale = Math.min(1, limit / Math.max(width, height));
  return [width, height].map((side) => Math.max(1, Math.round(side * scale)));
}

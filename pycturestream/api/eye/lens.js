/**
 * Whether something covers the lens, by the brightness of small pictures. Pure.
 *
 * A hand before the lens is dark everywhere. A street at night is dark too, but has lights.
 */

export const COVERED_AFTER_MS = 2000;
export const OPEN = Object.freeze({ darkSince: null, covered: false });

const DARK = { mean: 24, deviation: 10 };
/** Bounds to leave the dark by, further off, so that noise doesn't switch to and fro. */
const BRIGHT = { mean: 32, deviation: 16 };

/** Return the state after a picture with this mean and standard deviation of 0 to 255. */
export function lensAfter(state, { mean, deviation }, now) {
  const bound = state.darkSince === null ? DARK : BRIGHT;
  if (mean > bound.mean || deviation > bound.deviation) return OPEN;
  const darkSince = state.darkSince ?? now;
  return { darkSince, covered: now - darkSince >= COVERED_AFTER_MS };
}

/** Return mean and standard deviation of the brightness of RGBA pixels. */
export function brightness(pixels) {
  let sum = 0;
  let squares = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    const grey = 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
    sum += grey;
    squares += grey * grey;
  }
  const count = pixels.length / 4;
  const mean = sum / count;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / count - mean * mean)) };
}

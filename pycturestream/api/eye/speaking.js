/**
 * Which sentence is spoken, which waits and which is dropped. Pure.
 *
 * A sentence is {text, language, priority, answer, captured_at}. What is spoken and what waits are
 * the state, {current, waiting}, each a sentence or null. `speak` is the sentence to begin with;
 * where `cancel` is true, the current one is broken off first.
 */

export const LATE_MS = 2000;
export const SILENT = Object.freeze({ current: null, waiting: null });

/** True for what is older than 2 s: by then a walker has gone three steps. */
export function isLate(sentence, now) {
  return now - sentence.captured_at > LATE_MS;
}

/** Danger comes before answers, and answers before what is told unasked. */
function urgency(sentence) {
  return 2 * sentence.priority + (sentence.answer ? 1 : 0);
}

export function received(state, sentence, now) {
  const nothing = { state, speak: null, cancel: false };
  if (isLate(sentence, now)) return nothing;
  const { current, waiting } = state;
  const urgent = urgency(sentence);
  if (!current || (urgent > 0 && urgent >= urgency(current))) {
    return {
      state: { current: sentence, waiting: null },
      speak: sentence,
      cancel: current !== null,
    };
  }
  if (waiting && !isLate(waiting, now) && urgency(waiting) > urgent) return nothing;
  return { ...nothing, state: { current, waiting: sentence } };
}

export function finished(state, now) {
  const next = state.waiting && !isLate(state.waiting, now) ? state.waiting : null;
  return { state: { current: next, waiting: null }, speak: next, cancel: false };
}

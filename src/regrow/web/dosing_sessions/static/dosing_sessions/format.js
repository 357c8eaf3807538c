// @ts-check
// Times, spans and figures as the screen writes them.

const MIN = 60_000;

/** @param {number} n */
export const twoDigits = (n) => String(Math.floor(n)).padStart(2, "0");

/**
 * A span as m:ss, or h:mm:ss from an hour on; 0:00 for a negative one.
 * @param {number} ms
 */
export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const minutes = s >= 3600 ? `${Math.floor(s / 3600)}:${twoDigits((s % 3600) / 60)}` : Math.floor(s / 60);
  return `${minutes}:${twoDigits(s % 60)}`;
}

/** @param {number} ms */
export const due = (ms) => (ms >= 0 ? `due in ${span(ms)}` : `overdue by ${span(-ms)}`);

/** @param {number} ms */
export const ago = (ms) =>
  ms < MIN ? `${Math.max(0, Math.round(ms / 1000))} s ago` : `${Math.floor(ms / MIN)} min ago`;

/**
 * A figure to 0.1, without a trailing zero.
 * @param {number} n
 */
export const tenth = (n) => `${Math.round(n * 10) / 10}`;

/**
 * Micrograms as mg.
 * @param {number} ug
 */
export const mgOf = (ug) => `${ug / 1000} mg`;

// @ts-check
// Lengths of time as clocks show them.

/** @param {number} n */
const twoDigits = (n) => String(Math.floor(n)).padStart(2, "0");

/**
 * A span as m:ss, or h:mm:ss from an hour on; 0:00 for a negative one.
 * @param {number} ms
 */
export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const minutes = s >= 3600 ? `${Math.floor(s / 3600)}:${twoDigits((s % 3600) / 60)}` : Math.floor(s / 60);
  return `${minutes}:${twoDigits(s % 60)}`;
}

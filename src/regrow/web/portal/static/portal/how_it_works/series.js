// @ts-check
// The curves: every value is one that the server sent, or lies on the straight line between two of them.

/** @import { Series } from "./types.js" */

/**
 * Value of a lane at a minute; before the first and after the last value, that value.
 * @param {Series} series
 * @param {string} lane
 * @param {number} minute
 */
export function valueAt({ minutes, lanes }, lane, minute) {
  const values = lanes[lane];
  const after = minutes.findIndex((m) => m >= minute);
  if (after === 0) return values[0];
  if (after < 0) return values[values.length - 1];
  const share = (minute - minutes[after - 1]) / (minutes[after] - minutes[after - 1]);
  return values[after - 1] + share * (values[after] - values[after - 1]);
}

/**
 * Paths of a lane and of the area below it.
 * @param {{minutes: number[], values: number[]}} curve
 * @param {{left: number, right: number, base: number, height: number}} box `height` is that of the value `highest`
 * @param {number} highest larger values are drawn at the top
 * @param {(minute: number) => string} x
 */
export function lanePaths({ minutes, values }, { left, right, base, height }, highest, x) {
  const y = (/** @type {number} */ value) => (base - (height * Math.min(value, highest)) / highest).toFixed(1);
  const line = `M${minutes.map((minute, n) => `${x(minute)} ${y(values[n])}`).join("L")}`;
  return { line, area: `${line}L${right} ${base}L${left} ${base}Z` };
}

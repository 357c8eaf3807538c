// @ts-check
// The model's estimate of the concentration, from its answer to 1 mg/min begun at 0, which the server sends as a table.
// Linear models add up: the pump's course is a sum of such answers, one for each change of rate.

/** @import { Model } from "./types.js" */
/** @typedef {{from: number, to: number, mgPerMin: number}} Infused in minutes since the start */

/**
 * Concentration in ng/mL.
 * @param {Model} model
 * @param {Infused[]} runs
 * @param {number} minute
 */
export function concentration(model, runs, minute) {
  let sum = 0;
  for (const { from, to, mgPerMin } of runs) {
    if (minute > from) sum += mgPerMin * stepAnswer(model, minute - from);
    if (minute > to) sum -= mgPerMin * stepAnswer(model, minute - to);
  }
  return sum;
}

/**
 * @param {Model} model
 * @param {number} since
 */
function stepAnswer(model, since) {
  const at = since / model.every_min;
  const [before, after] = [model.response[Math.floor(at)], model.response[Math.floor(at) + 1]];
  if (after === undefined) return model.response.at(-1) ?? 0;
  return before + (after - before) * (at - Math.floor(at));
}

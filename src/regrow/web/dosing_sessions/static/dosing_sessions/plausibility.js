// @ts-check
// Whether typed vital signs can be saved: possible at all, complete, and not far from the last pressure.
import { pressure } from "./fold.js";

/** @import { Constants, Entry } from "./types.js" */
/** @typedef {Record<string, number>} Reading */

/**
 * The typed values as a reading, or what is wrong with them. Empty fields are left out.
 * @param {Record<string, string>} typed
 * @param {Constants} constants
 * @returns {{data: Reading} | {problem: string}}
 */
export function readVitals(typed, constants) {
  /** @type {Reading} */
  const data = {};
  for (const [name, label] of Object.entries(constants.readings)) {
    const text = (typed[name] ?? "").trim();
    if (!text) continue;
    const [low, high] = constants.possible[name];
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < low || value > high) {
      return { problem: `${label}: enter a whole number from ${low} to ${high}, not ${text}.` };
    }
    data[name] = value;
  }
  if (!Object.keys(data).length) return { problem: "Enter blood pressure, pulse or SpO₂." };
  if ("systolic_mmhg" in data !== "diastolic_mmhg" in data) return { problem: "Enter both systolic and diastolic." };
  if (data.systolic_mmhg <= data.diastolic_mmhg) return { problem: "Systolic must be higher than diastolic." };
  return { data };
}

/**
 * Whether the systolic pressure is so far from the last that it is to be confirmed.
 * @param {Reading} data
 * @param {Entry | undefined} last the last entry with a pressure
 * @param {Constants} constants
 */
export function isImplausible(data, last, constants) {
  if (!last || data.systolic_mmhg === undefined) return false;
  const [numerator, denominator] = constants.implausible_change;
  const before = last.data.systolic_mmhg;
  return Math.abs(data.systolic_mmhg - before) * denominator > before * numerator;
}

/** @param {Entry} last */
export const confirmText = (last) => `Last BP was ${pressure(last)}. Save again to confirm.`;

// @ts-check
// Pressure as carets, pulse as dots, SpO₂ as figures, and the levels they are read against.
import { pressure } from "../fold.js";
import { EARLIEST, label, LEFT, level } from "./plot.js";

/** @import { Entry } from "../types.js" */
/** @import { Plot } from "./plot.js" */

const MARKED = [60, 80, 100, 120, 140, 160, 180]; // mmHg

/**
 * @param {Plot} plot
 * @param {number} right
 */
export function grid({ y, state }, right) {
  const parts = MARKED.flatMap((v) => [level(y(v), right, "rule"), label(LEFT - 14, y(v) + 4, "tick", `${v}`, "end")]);
  const limit = state.order?.limits?.during_systolic_mmhg;
  if (!limit) return parts;
  return [
    ...parts,
    level(y(limit), right, "limit"),
    label(right, y(limit) - 5, "tick amber", `signed limit ${limit}`, "end"),
  ];
}

/**
 * @param {Plot} plot
 * @param {number} right
 */
export function readings({ state, minute, x, y }, right) {
  const vitals = state.vitals.filter((v) => minute(v.at) >= EARLIEST);
  const pulses = vitals.filter((v) => v.data.pulse_per_min);
  const line = pulses.map((v) => `${x(minute(v.at))},${y(v.data.pulse_per_min)}`).join(" ");
  const parts = [`<polyline points="${line}" class="pulse"/>`];
  // A monitor's readings come closer than they can be told apart.
  let [dotAt, spo2At] = [-100, -100];
  for (const v of vitals) {
    const at = x(minute(v.at));
    const { systolic_mmhg, diastolic_mmhg, pulse_per_min, spo2_percent } = v.data;
    if (systolic_mmhg) parts.push(caret(at, y(systolic_mmhg), -10), caret(at, y(diastolic_mmhg), 10));
    if (pulse_per_min && (v === vitals.at(-1) || at - dotAt >= 9)) {
      parts.push(`<circle cx="${at}" cy="${y(pulse_per_min)}" r="4.2" class="dot"/>`);
      dotAt = at;
    }
    if (spo2_percent && at - spo2At >= 30) {
      parts.push(label(at, 250, "tick", `${spo2_percent}`, "middle"));
      spo2At = at;
    }
  }
  return [...parts, label(right, 232, "tick", "SpO₂ (%)", "end")];
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} away
 */
const caret = (x, y, away) => `<path d="M${x - 7} ${y + away} L${x} ${y} L${x + 7} ${y + away}" class="caret"/>`;

/**
 * The newest pressure and pulse in figures.
 * @param {Plot} plot
 * @param {Entry | undefined} last
 * @param {number} right
 */
export function lastValues({ state, minute, x, y }, last, right) {
  const say = (/** @type {Entry} */ v, /** @type {string} */ text, /** @type {number} */ height, css = "value") => {
    const at = x(minute(v.at));
    return at + 80 > right ? label(at - 12, height, css, text, "end") : label(at + 14, height, css, text);
  };
  const parts = last ? [say(last, pressure(last), y(last.data.systolic_mmhg) - 2)] : [];
  const beat = state.vitals.findLast((v) => v.data.pulse_per_min);
  if (beat) parts.push(say(beat, `${beat.data.pulse_per_min}`, y(beat.data.pulse_per_min) + 5, "value sky"));
  return parts;
}

// @ts-check
// Below the readings: what happened, the minutes, and where now is.
import { label } from "./plot.js";

/** @import { Entry, Rules } from "../types.js" */
/** @import { Plot } from "./plot.js" */

const TOP = 16;

/**
 * The word for an entry that is marked on the time line; empty for any other.
 * @param {Entry} e
 * @param {Rules} rules
 */
export function markText(e, rules) {
  switch (e.kind) {
    case "symptom": {
      const name = (rules.symptoms[e.data.symptom]?.text ?? e.data.symptom).toLowerCase();
      return e.data.resolved ? `${name} resolved` : `${name} ${e.data.severity}`;
    }
    case "medicine":
      return `${e.data.medicine}`;
    case "call":
      return "called";
    case "stop":
      return "stopped";
    default:
      return "";
  }
}

/** @param {Plot} plot */
export function marks({ rules, state, minute, x, floor }) {
  let lastAt = -100;
  return state.entries.map((e) => {
    const text = markText(e, rules);
    if (!text) return "";
    const at = x(minute(e.at));
    const room = at - lastAt > 74;
    if (room) lastAt = at;
    return label(at, floor + 42, "tick amber", room ? `▲ ${text}` : "▲", "middle");
  });
}

/**
 * The minutes, and where now is.
 * @param {Plot} plot
 * @param {boolean} narrow
 */
export function axis({ state, x, span, until, floor }, narrow) {
  const parts = [];
  if (state.started_at !== null && state.left_at === null) {
    parts.push(`<line x1="${x(until)}" x2="${x(until)}" y1="${TOP}" y2="${floor + 28}" class="now"/>`);
  }
  const step = span > 150 ? 30 : span > 70 && narrow ? 20 : 10;
  for (let m = 0; m <= span; m += step)
    parts.push(label(x(m), floor + 68, "tick", m === 0 ? "0 min" : `${m}`, "middle"));
  return parts;
}

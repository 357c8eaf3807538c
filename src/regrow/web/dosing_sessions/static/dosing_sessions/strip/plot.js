// @ts-check
// The scales of the strip, and the shapes that every part of it is made of.
import { esc } from "../html.js";

/** @import { Rules, SessionState } from "../types.js" */

/**
 * What every part of the drawing reads.
 * @typedef {object} Plot
 * @property {Rules} rules
 * @property {SessionState} state
 * @property {(at: number) => number} minute minutes since the start
 * @property {(minute: number) => number} x
 * @property {(mmhg: number) => number} y
 * @property {number} span minutes
 * @property {number} until the minute that is now, or at which the patient left
 * @property {number | null} ends the minute at which the infusion ends
 * @property {number} planned minutes of the order
 * @property {number} floor where the bar of the dose is
 */

const MIN = 60_000;
export const LEFT = 48;
const LONGEST = 8 * 60; // minutes that are drawn
const WIDEST_WAIT = 120; // minutes of the observation that are drawn
export const EARLIEST = -30; // minutes before the dose that are drawn

/** @param {number} n */
export const r1 = (n) => Math.round(n * 10) / 10;

/**
 * @param {Rules} rules
 * @param {SessionState} state
 * @param {number} now
 * @param {number} right
 * @returns {Plot}
 */
export function scaled(rules, state, now, right) {
  const start = state.started_at ?? now;
  const minute = (/** @type {number} */ at) => (at - start) / MIN;
  const planned = Number(state.order?.minutes ?? 0);
  const until = Math.max(minute(Math.min(state.left_at ?? now, start + LONGEST * MIN)), 0);
  const ends = state.infusion_ends_at === null ? null : minute(state.infusion_ends_at);
  const wait = Math.min(Number(state.order?.limits?.observation_min ?? WIDEST_WAIT), WIDEST_WAIT);
  const span = Math.max((planned || 10) + wait, until + 10, (ends ?? 0) + 20);
  // The readings before the dose are before 0; what is further back is at the edge.
  const early = state.vitals.map((v) => minute(v.at)).filter((m) => m >= EARLIEST);
  const from = Math.max(-span / 12, Math.min(0, ...early));
  const x = (/** @type {number} */ m) =>
    r1(LEFT + ((right - LEFT) * (Math.min(Math.max(m, from), span) - from)) / (span - from));
  const y = (/** @type {number} */ mmhg) => r1(214 - (Math.min(Math.max(mmhg, 40), 200) - 40) * 1.22);
  const floor = rules.way === "infusion" ? 398 : 276;
  return { rules, state, minute, x, y, span, until, ends, planned, floor };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} css
 * @param {string} text
 * @param {"start" | "middle" | "end"} [anchor]
 */
export const label = (x, y, css, text, anchor = "start") =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" class="${css}">${esc(text)}</text>`;

/**
 * @param {number} y
 * @param {number} right
 * @param {string} css
 */
export const level = (y, right, css) => `<line x1="${LEFT}" x2="${right}" y1="${y}" y2="${y}" class="${css}"/>`;

// @ts-check
// One chair of the board: its tile, and its place among the others.
import { lastPressure, pressure, RANK } from "../fold.js";
import { twoDigits } from "../format.js";
import { html } from "../html.js";

/** @import { LogEvent, Rules, StateWithAction } from "../types.js" */
/**
 * @typedef {object} Tile
 * @property {string} session
 * @property {string} rules key of the rules it runs under
 * @property {string} chair
 * @property {string} name
 * @property {number} number
 * @property {string} nurse
 * @property {string[]} alike
 * @property {string} address
 * @property {LogEvent[]} events
 */
/** @typedef {{tile: Tile, rules: Rules, events: Map<string, LogEvent>, state: StateWithAction}} Seat */

const MIN = 60_000;
const SIGNS = { high: "▲▲▲", medium: "▲▲", low: "▲" };
const CALL_SHOWN = 10 * MIN;
const RING = 2 * Math.PI * 26;

/**
 * A span as m:ss, in hours from 100 minutes on; 0:00 for a negative one.
 * @param {number} ms
 */
export function countdown(ms) {
  const minutes = Math.floor(Math.max(0, ms) / MIN);
  return minutes >= 100 ? `${Math.floor(minutes / 60)} h` : `${minutes}:${twoDigits((Math.max(0, ms) % MIN) / 1000)}`;
}

/** @param {string} name */
export const initials = (name) =>
  name
    .split(/[\s-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0].toUpperCase())
    .join("");

/**
 * A number by which tiles are sorted: the worst alarm first, then what is due soonest; closed sessions last.
 * @param {StateWithAction} s
 * @param {number} now
 */
export function urgency(s, now) {
  if (s.phase === "closed") return 9e15;
  const alarm = s.alarms.length ? RANK[s.alarms[0].priority] : 3;
  return alarm * 1e14 + (s.due[0]?.at ?? now + 1e9);
}

/** @param {StateWithAction} s */
function delivered(s) {
  if (s.phase === "preparing") return 0;
  if (s.phase === "infusing" || s.phase === "paused") return s.delivered_mg / (s.ordered_mg || 1);
  return s.devices && s.phase === "administering" ? s.devices.given / s.devices.ordered : 1;
}

/** @param {StateWithAction} s */
function ring(s) {
  const share = delivered(s);
  const met = (/** @type {{open: boolean}[]} */ list) => `${list.filter((l) => !l.open).length}/${list.length}`;
  const inside =
    s.phase === "observing"
      ? met(s.discharge)
      : s.phase === "preparing"
        ? met(s.before)
        : `${Math.round(share * 100)}%`;
  return html`<svg class="ring" viewBox="0 0 64 64" aria-hidden="true">
    <circle cx="32" cy="32" r="26" class="track" />
    <circle
      cx="32"
      cy="32"
      r="26"
      class="arc"
      stroke-dasharray="${RING * share} ${RING}"
      transform="rotate(-90 32 32)"
    />
    <text x="32" y="37" text-anchor="middle">${inside}</text>
  </svg>`;
}

/**
 * @param {StateWithAction} s
 * @param {number} now
 */
function dueText(s, now) {
  const due = s.due[0];
  const none = s.left_at !== null && s.phase !== "closed" ? "to be closed" : "nothing due";
  if (!due) return html`<span class="what">${none}</span>`;
  const left = due.at - now;
  const late = left < 0;
  return html`<span class="count num ${late && "late"}">${late && "−"}${countdown(Math.abs(left))}</span>
    <span class="what">${due.text}${late && ", overdue"}</span>`;
}

/** @param {StateWithAction} s */
function vitals(s) {
  const last = lastPressure(s);
  if (!last) return null;
  const { pulse_per_min, spo2_percent } = last.data;
  const shown = [pressure(last), pulse_per_min && `HR ${pulse_per_min}`, spo2_percent && `SpO₂ ${spo2_percent}%`];
  return html`<div class="small num">${shown.filter(Boolean).join(" · ")}</div>`;
}

/**
 * @param {StateWithAction} s
 * @param {number} now
 */
function calls(s, now) {
  const called = s.entries.findLast((e) => e.kind === "call");
  if (!called || now - called.at >= CALL_SHOWN || s.left_at !== null) return null;
  return html`<div class="alarm medium"><span aria-hidden="true">☎</span><span>Nurse calls the prescriber</span></div>`;
}

/**
 * @param {Seat} seat
 * @param {number} now
 */
export function tileMarkup({ tile, rules, state: s }, now) {
  const alarms = s.alarms.map(
    (a) =>
      html`<div class="alarm ${a.priority}">
        <span aria-hidden="true">${SIGNS[a.priority]}</span>
        <span>${a.text}${a.call_due && " · call the prescriber"}</span>
      </div>`,
  );
  const alike = tile.alike.length > 0 && html`<span class="chip warn wrap">Name alert: ${tile.alike.join(", ")}</span>`;
  const alone =
    s.prescriber_here === false &&
    s.left_at === null &&
    html`<span class="chip stop wrap">No prescriber on site</span>`;
  return html`<a class="tile card ${s.alarms[0]?.priority}" href="${tile.address}">
    <div class="row apart"><b>${tile.chair}</b><span class="small">${rules.constants.phases[s.phase]}</span></div>
    <div class="row nowraprow">
      ${ring(s)}
      <div class="due">${dueText(s, now)}</div>
    </div>
    <div class="person">
      <span class="face" aria-hidden="true">${initials(tile.name)}</span>
      <span class="who"> ${tile.name}<br /><span class="small">session ${tile.number} · ${tile.nurse}</span> </span>
    </div>
    ${vitals(s)}${alike}${alone}${calls(s, now)}${alarms}
  </a>`;
}

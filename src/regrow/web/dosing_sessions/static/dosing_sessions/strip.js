// @ts-check
// The session on one time line, in the symbols of an anesthesia record: pressure as carets, pulse as dots, SpO₂ as
// figures, the pump as a bar, and the model's estimate in plum, solid for the past and dashed for the future.
import { concentration } from "./estimate.js";
import { lastPressure, pressure } from "./fold.js";
import { esc } from "./html.js";

/** @import { Infused } from "./estimate.js" */
/** @import { Entry, Model, PumpRun, Rules, SessionState } from "./types.js" */

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
const LEFT = 48;
const TOP = 16;
const LONGEST = 8 * 60; // minutes that are drawn
const WIDEST_WAIT = 120; // minutes of the observation that are drawn
const MARKED = [60, 80, 100, 120, 140, 160, 180]; // mmHg

/** @param {number} n */
const r1 = (n) => Math.round(n * 10) / 10;

/**
 * @param {Rules} rules
 * @param {Model | null} model
 * @param {SessionState} state
 * @param {number} now
 * @param {boolean} narrow
 */
export function strip(rules, model, state, now, narrow) {
  const width = narrow ? 360 : 560;
  const right = width - 16;
  const plot = scaled(rules, state, now, right);
  const last = lastPressure(state);
  const estimate = model && state.order?.total_ml ? estimated(plot, model, right) : null;
  const parts = [
    ...grid(plot, right),
    ...readings(plot, right),
    ...lastValues(plot, last, right),
    ...(estimate ? [...estimate.parts, ...pumpBar(plot)] : doses(plot)),
    ...marks(plot),
    ...axis(plot, narrow),
  ];
  const shown = last ? `pressure ${pressure(last)}` : "no pressure yet";
  return `<svg class="chart strip" viewBox="0 0 ${width} ${plot.floor + 76}" role="img"
    aria-label="${esc(`Session strip: ${shown}${estimate?.text ?? ""}`)}">${parts.join("")}</svg>`;
}

/**
 * @param {Rules} rules
 * @param {SessionState} state
 * @param {number} now
 * @param {number} right
 * @returns {Plot}
 */
function scaled(rules, state, now, right) {
  const start = state.started_at ?? now;
  const minute = (/** @type {number} */ at) => (at - start) / MIN;
  const planned = Number(state.order?.minutes ?? 0);
  const until = Math.max(minute(Math.min(state.left_at ?? now, start + LONGEST * MIN)), 0);
  const ends = state.infusion_ends_at === null ? null : minute(state.infusion_ends_at);
  const wait = Math.min(Number(state.order?.limits?.observation_min ?? WIDEST_WAIT), WIDEST_WAIT);
  const span = Math.max((planned || 10) + wait, until + 10, (ends ?? 0) + 20);
  // The readings before the dose are before 0; what is further back is at the edge.
  const early = state.vitals.map((v) => minute(v.at)).filter((m) => m >= -30);
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
const label = (x, y, css, text, anchor = "start") =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}" class="${css}">${esc(text)}</text>`;

/**
 * @param {number} y
 * @param {number} right
 * @param {string} css
 */
const level = (y, right, css) => `<line x1="${LEFT}" x2="${right}" y1="${y}" y2="${y}" class="${css}"/>`;

/**
 * @param {Plot} plot
 * @param {number} right
 */
function grid({ y, state }, right) {
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
function readings({ state, minute, x, y }, right) {
  const vitals = state.vitals.filter((v) => minute(v.at) >= -30);
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
function lastValues({ state, minute, x, y }, last, right) {
  const say = (/** @type {Entry} */ v, /** @type {string} */ text, /** @type {number} */ height, css = "value") => {
    const at = x(minute(v.at));
    return at + 80 > right ? label(at - 12, height, css, text, "end") : label(at + 14, height, css, text);
  };
  const parts = last ? [say(last, pressure(last), y(last.data.systolic_mmhg) - 2)] : [];
  const beat = state.vitals.findLast((v) => v.data.pulse_per_min);
  if (beat) parts.push(say(beat, `${beat.data.pulse_per_min}`, y(beat.data.pulse_per_min) + 5, "value sky"));
  return parts;
}

/**
 * @param {Plot} plot
 * @param {Model} model
 * @param {number} right
 */
function estimated({ state, minute, x, span, until, ends, planned }, model, right) {
  const order = state.order ?? {};
  const mgPerMl = Number(order.prepared_mg) / Number(order.total_ml);
  const perMin = (/** @type {number} */ mlPerHour) => (mlPerHour / 60) * mgPerMl;
  /** @type {Infused[]} */
  const done = state.runs.map((run) => ({ from: minute(run.from), to: minute(run.to), mgPerMin: perMin(run.rate) }));
  const all = [...done];
  const mgPerMin = perMin(state.rate ?? Number(order.rate_ml_per_h));
  if (state.phase === "infusing" && ends !== null && ends > until) all.push({ from: until, to: ends, mgPerMin });
  if (state.phase === "preparing") all.push({ from: 0, to: planned, mgPerMin });
  const minutes = Array.from({ length: 121 }, (_, n) => (span * n) / 120);
  const curve = minutes.map((m) => [m, concentration(model, all, m)]);
  const most = Math.max(50, ...curve.map(([, ng]) => ng));
  const y = (/** @type {number} */ ng) => r1(384 - (100 * ng) / most);
  const here = state.phase === "preparing" ? 0 : until;
  const now = [here, concentration(model, done, here)];
  const line = (/** @type {number[][]} */ points, /** @type {string} */ css) =>
    `<polyline points="${points.map(([m, ng]) => `${x(m)},${y(ng)}`).join(" ")}" class="${css}"/>`;
  const parts = [
    level(384, right, "rule"),
    label(LEFT - 14, y(most) + 4, "tick", `${Math.round(most)}`, "end"),
    label(LEFT - 14, 388, "tick", "0", "end"),
    state.started_at === null ? "" : line([...curve.filter(([m]) => m <= here), now], "was"),
    line([now, ...curve.filter(([m]) => m > here)], "maybe"),
    label(right, 274, "tick plum", `estimated ketamine, ng/mL, ${model.site} model`, "end"),
  ];
  return { parts, text: `, estimated ketamine ${Math.round(now[1])} ng/mL now (${model.site} model)` };
}

/**
 * Runs at one rate that follow each other are one; every entry ends a run in the log's arithmetic.
 * @param {PumpRun[]} runs
 */
function joined(runs) {
  /** @type {PumpRun[]} */
  const found = [];
  for (const run of runs) {
    const last = found.at(-1);
    if (last && last.to === run.from && last.rate === run.rate) last.to = run.to;
    else found.push({ ...run });
  }
  return found;
}

/** @param {Plot} plot */
function pumpBar({ state, minute, x, until, ends, planned, floor }) {
  const bar = (/** @type {number} */ from, /** @type {number} */ to, /** @type {string} */ css) =>
    `<rect x="${x(from)}" y="${floor}" width="${Math.max(1, r1(x(to) - x(from)))}" height="24" rx="4" class="${css}"/>`;
  const runs = joined(state.runs).map((run) => ({ ...run, from: minute(run.from), to: minute(run.to) }));
  const parts = runs.map((run) => bar(run.from, run.to, "run"));
  if (state.phase === "infusing" && ends !== null && ends > until) parts.push(bar(until, ends, "planned"));
  if (state.phase === "preparing") parts.push(bar(0, planned, "planned"));
  const wide = runs.filter((run) => x(run.to) - x(run.from) > 80);
  return [...parts, ...wide.map((run) => label(x(run.from) + 10, floor + 17, "tick onleaf", `${r1(run.rate)} mL/h`))];
}

/** @param {Plot} plot */
function doses({ state, minute, x, floor }) {
  const given = state.entries.filter((e) => e.kind === "device" || e.kind === "administer");
  return given.flatMap((e) => {
    const at = x(minute(e.at));
    const text = e.kind === "device" ? `${e.data.n}` : `${e.data.mg} mg`;
    return [
      `<rect x="${at - 5}" y="${floor}" width="10" height="24" rx="3" class="run"/>`,
      label(at, floor - 6, "tick", text, "middle"),
    ];
  });
}

/**
 * The word for an entry that is marked on the time line; empty for any other.
 * @param {Entry} e
 * @param {Rules} rules
 */
function markText(e, rules) {
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
function marks({ rules, state, minute, x, floor }) {
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
function axis({ state, x, span, until, floor }, narrow) {
  const parts = [];
  if (state.started_at !== null && state.left_at === null) {
    parts.push(`<line x1="${x(until)}" x2="${x(until)}" y1="${TOP}" y2="${floor + 28}" class="now"/>`);
  }
  const step = span > 150 ? 30 : span > 70 && narrow ? 20 : 10;
  for (let m = 0; m <= span; m += step)
    parts.push(label(x(m), floor + 68, "tick", m === 0 ? "0 min" : `${m}`, "middle"));
  return parts;
}

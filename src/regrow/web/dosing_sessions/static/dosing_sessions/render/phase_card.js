// @ts-check
// The phase with its clock, the share of the dose, and the figures of the moment.
import { html } from "../html.js";
import { span, tenth } from "../format.js";
import { wallClock } from "../wall_time.js";

/** @import { Chair, SessionState } from "../types.js" */

/**
 * What the large clock shows, in ms: time infused, time since the end, or the length of the stay.
 * @param {SessionState} s
 * @param {number} now
 */
export function bigClock(s, now) {
  switch (s.phase) {
    case "observing":
      return now - (s.ended_at ?? now);
    case "administering":
      return now - (s.started_at ?? now);
    case "discharged":
    case "left_against_advice":
    case "closed":
      return s.left_at !== null && s.started_at !== null ? s.left_at - s.started_at : 0;
    default: {
      const infused = s.runs.reduce((sum, run) => sum + run.to - run.from, 0);
      return s.phase === "infusing" ? infused + (now - s.at) : infused;
    }
  }
}

/** @param {Chair} chair */
export function phaseCard(chair) {
  const { state: s, rules } = chair;
  const last = s.vitals.at(-1)?.data ?? {};
  const moaas = s.scores.findLast((e) => e.data.scale === "moaas");
  const share = s.ordered_mg ? (100 * s.delivered_mg) / s.ordered_mg : 0;
  const inTubing = s.in_line_mg && s.phase !== "infusing" && s.phase !== "paused";
  const facts = [
    fact("Delivered", `${tenth(s.delivered_mg)} mg · ${tenth(share)}%`),
    rules.way === "infusion" && fact("Remaining", `${tenth(s.left_ml)} mL`),
    inTubing && fact("In tubing", `${tenth(s.in_line_mg)} mg`),
    moaas && fact("Sedation", `MOAA/S ${moaas.data.total}`),
    last.spo2_percent && fact("SpO₂", `${last.spo2_percent}%`),
  ];
  return html`<span class="label">${rules.constants.phases[s.phase]}</span>
    <div class="t num" id="bigclock">${span(bigClock(s, chair.clock.now()))}</div>
    <div class="label">${phaseLine(chair)}</div>
    <progress max="100" value="${share}" aria-label="Dose delivered"></progress>
    <dl class="facts">${facts.map((f) => f || null)}${clocks(chair)}</dl>`;
}

/**
 * @param {string} name
 * @param {unknown} value
 */
const fact = (name, value) =>
  html`<dt>${name}</dt>
    <dd class="num">${value}</dd>`;

/** @param {Chair} chair */
function phaseLine({ state: s, rules, frame }) {
  const clock = (/** @type {number | null} */ at) => (at === null ? "" : wallClock(frame.zone, at));
  switch (s.phase) {
    case "preparing":
      return s.order ? "" : "no order";
    case "infusing":
      return `of ${s.order?.minutes ?? "?"}:00 · ends ${clock(s.infusion_ends_at)} if not paused`;
    case "paused":
      return "The end moves with the pause.";
    case "administering":
      return `since device 1 · ${s.devices?.given} of ${s.devices?.ordered} given`;
    case "observing":
      return `${rules.way === "infusion" ? "infusion" : "dose"} ended ${clock(s.ended_at)}`;
    default:
      return s.left_at === null ? "" : `left ${clock(s.left_at).slice(0, 5)}`;
  }
}

/** @param {Chair} chair */
function clocks({ state: s, rules }) {
  return Object.values(s.clocks)
    .filter((c) => c.started_at !== null && (c.at_least_min || rules.way !== "infusion"))
    .map((c) => {
      const left = html`<span data-until="${c.done_at}"></span>`;
      const since = html`<span data-since="${c.started_at}" data-stop="${c.stopped_at}"></span>`;
      return fact(c.text, c.at_least_min ? left : since);
    });
}

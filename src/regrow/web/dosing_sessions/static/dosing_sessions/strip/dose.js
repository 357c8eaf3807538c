// @ts-check
// What was given: the pump as a bar, devices and single doses as marks.
import { label, r1 } from "./plot.js";

/** @import { PumpRun } from "../types.js" */
/** @import { Plot } from "./plot.js" */

/**
 * Runs at one rate that follow each other are one; every entry ends a run in the log's arithmetic.
 * @param {PumpRun[]} runs
 */
export function joined(runs) {
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
export function pumpBar({ state, minute, x, until, ends, planned, floor }) {
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
export function doses({ state, minute, x, floor }) {
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

// @ts-check
// The model's estimate: solid for the past, dashed for the future.
import { concentration } from "../estimate.js";
import { label, LEFT, level, r1 } from "./plot.js";

/** @import { Infused } from "../estimate.js" */
/** @import { Model } from "../types.js" */
/** @import { Plot } from "./plot.js" */

/**
 * @param {Plot} plot
 * @param {Model} model
 * @param {number} right
 */
export function estimated({ state, minute, x, span, until, ends, planned }, model, right) {
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

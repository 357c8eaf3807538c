// @ts-check
// The session on one time line, in the symbols of an anesthesia record: pressure as carets, pulse as dots, SpO₂ as
// figures, the pump as a bar, and the model's estimate in plum, solid for the past and dashed for the future.
import { lastPressure, pressure } from "./fold.js";
import { esc } from "./html.js";
import { doses, pumpBar } from "./strip/dose.js";
import { estimated } from "./strip/estimate_curve.js";
import { scaled } from "./strip/plot.js";
import { grid, lastValues, readings } from "./strip/readings.js";
import { axis, marks } from "./strip/time_line.js";

/** @import { Model, Rules, SessionState } from "./types.js" */

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

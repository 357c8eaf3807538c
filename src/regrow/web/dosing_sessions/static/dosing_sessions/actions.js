// @ts-check
// What each button of the page does, by its `data-do`.
import { askDevice, askRate, askSingle, halt } from "./dialogs/dose.js";
import { askHandover, askLeft, askRide } from "./dialogs/leaving.js";
import { askCorrect, askLate, askOverride } from "./dialogs/log_entries.js";
import { askMonitor } from "./dialogs/monitor.js";
import { askMedicine, askScale, askSeverity } from "./dialogs/observations.js";
import { askChecks, askDraw, askIdentity, askWaste } from "./dialogs/preparation.js";
import { askVitals } from "./dialogs/vitals.js";
import { prescribersHere } from "./render/side.js";

/** @import { Chair } from "./types.js" */
/** @typedef {(chair: Chair, arg: string, button: HTMLElement) => unknown} Act */

/** @type {Record<string, Act>} */
const ACTS = {
  vitals: askVitals,
  monitor: askMonitor,
  identity: askIdentity,
  checks: askChecks,
  draw: askDraw,
  rate: askRate,
  single: askSingle,
  medicine: askMedicine,
  ride: askRide,
  handover: askHandover,
  left: askLeft,
  late: askLate,
  correct: askCorrect,
  scale: askScale,
  symptom: askSeverity,
  pause: (chair) => halt(chair, "pause"),
  stop: (chair) => halt(chair, "stop"),
  device: (chair) => askDevice(chair, (chair.state.devices?.given ?? 0) + 1),
  waste: (chair, container) => {
    const line = chair.state.containers.find((c) => c.container === container);
    if (line) askWaste(chair, line.container, (line.left ?? 0) / 1000);
  },
  override: (chair, rule, button) => askOverride(chair, rule, button.dataset.text ?? ""),
  start: (chair) => chair.submit("start"),
  resume: (chair) => chair.submit("resume"),
  flush: (chair) => chair.submit("flush", { ml: String(chair.state.order?.tubing_ml) }),
  close: (chair) => chair.submit("close"),
  sign: (chair) => chair.submit("sign"),
  double_check: (chair) => chair.submit("double_check"),
  check: (chair, check) => chair.submit("check", { check, holds: true }),
  finding: (chair, criterion) => chair.submit("finding", { criterion, holds: true }),
  notfinding: (chair, criterion) => chair.submit("finding", { criterion, holds: false }),
  resolved: (chair, symptom) => chair.submit("symptom", { symptom, resolved: true }),
  call: (chair) => chair.submit("call", { who: prescribersHere(chair)[0] ?? "the prescriber" }),
  acknowledge: (chair, alarm) => chair.submit("acknowledge", { alarm }),
  dismiss: (chair) => {
    chair.sync.problem = null;
    chair.render();
  },
};

/** @param {Chair} chair */
export function connectButtons(chair) {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {HTMLButtonElement | null} */ (target.closest("[data-do]"));
    if (!button || button.disabled) return;
    void ACTS[button.dataset.do ?? ""]?.(chair, button.dataset.arg ?? "", button);
  });
}

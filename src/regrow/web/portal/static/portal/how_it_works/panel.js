// @ts-check
// What stands around the chart: the step and its sentence, the time, the scenes, and the controls for dose and route.
import { all, element, first } from "../../regrow/dom.js";
import { shareOf } from "./axis.js";
import { valueAt } from "./series.js";
import { isPaused } from "./state.js";
import { filled, timeText } from "./text.js";

/** @import { Frame, Series, State } from "./types.js" */

export const time = element("time", HTMLInputElement);
export const dose = element("dose", HTMLInputElement);
export const back = element("before", HTMLButtonElement);
export const next = element("next", HTMLButtonElement);
export const pause = element("pause", HTMLButtonElement);
export const routes = all(document, ".seg button", HTMLButtonElement);
const main = first(document, "main", HTMLElement);

/** @param {string} text */
export function say(text) {
  element("said", HTMLElement).textContent = text;
}

/** Position of the time slider, from 0 to 1. */
export const sliderShare = () => Number(time.value) / Number(time.max);

/**
 * @param {Frame} frame
 * @param {Series} series
 * @param {State} state
 */
export function showMinute({ axis, steps, texts }, series, { step: number, minute }) {
  const step = steps[number];
  const value = Math.round(100 * valueAt(series, step.lane_id, minute));
  const shown = timeText(texts, minute);
  time.value = String(Math.round(Number(time.max) * shareOf(axis, minute)));
  time.setAttribute("aria-valuetext", `${shown}. ${step.lane}: ${filled(texts.of_largest, { n: value })}`);
  element("moment", HTMLElement).textContent = shown;
  element("step-number", HTMLElement).textContent = filled(texts.step, { n: number + 1, of: steps.length });
  element("sentence", HTMLElement).textContent = step.sentence;
  back.disabled = number === 0;
  next.disabled = number === steps.length - 1;
}

/**
 * The scenes take their values from custom properties.
 * @param {Series} series
 * @param {number} minute
 * @param {string} step
 */
export function showScenes(series, minute, step) {
  for (const lane of Object.keys(series.lanes)) {
    main.style.setProperty(`--${lane}`, valueAt(series, lane, minute).toFixed(3));
  }
  for (const scene of all(document, ".scene", HTMLElement)) {
    scene.classList.toggle("on", (scene.dataset.steps ?? "").split(" ").includes(step));
  }
}

/**
 * @param {Frame} frame
 * @param {State} state
 */
export function showControls(frame, state) {
  const choices = frame.choices[state.route];
  const { dose: amount, label } = choices[state.choice];
  dose.max = String(choices.length - 1);
  dose.value = String(state.choice);
  dose.setAttribute("aria-valuetext", label);
  element("dose-value", HTMLOutputElement).textContent = label;
  for (const button of routes) button.setAttribute("aria-pressed", String(button.dataset.route === state.route));
  const infused = state.route === frame.infusion.route;
  showPause(infused, isPaused(state));
  const line = element("dose-now", SVGLineElement);
  line.style.visibility = infused ? "visible" : "hidden";
  const x = String(frame.dose_axis.left + frame.dose_axis.per_mg_per_kg * amount);
  for (const end of ["x1", "x2"]) line.setAttribute(end, x);
}

/**
 * @param {boolean} infused
 * @param {boolean} pausing
 */
function showPause(infused, pausing) {
  const text = element("pause-text", HTMLElement);
  pause.hidden = !infused;
  pause.setAttribute("aria-pressed", String(pausing));
  text.textContent = (pausing ? text.dataset.go : text.dataset.pause) ?? "";
}

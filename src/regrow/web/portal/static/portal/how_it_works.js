// @ts-check
// The interactive figure "How ketamine works": moves through time, and asks the server for the curves of other doses.
// No formula of pharmacology is here: the curves are drawn as they are sent.
import { pageData } from "../regrow/dom.js";
import { minuteAt } from "./how_it_works/axis.js";
import { drawMinute, drawSeries } from "./how_it_works/chart.js";
import * as panel from "./how_it_works/panel.js";
import { seriesSource } from "./how_it_works/source.js";
import { atMinute, atStep, byRoute, firstState, isPaused, pausedOrResumed, queryOf } from "./how_it_works/state.js";
import { filled } from "./how_it_works/text.js";

/** @import { Frame, State } from "./how_it_works/types.js" */

const FIELDS = "input, button, a, summary";
const frame = /** @type {Frame} */ (pageData("how-data"));
const ask = seriesSource(frame.address, (address) => fetch(address));
let series = frame.first;
let state = firstState(frame);

/** @param {State} moved only in time */
function show(moved) {
  state = moved;
  const step = frame.steps[state.step];
  panel.showScenes(series, state.minute, step.id);
  panel.showMinute(frame, series, state);
  drawMinute(frame.axis, state.minute, step.lane_id);
}

/** @param {State} changed in dose, route or pause */
async function change(changed) {
  state = changed;
  panel.showControls(frame, state);
  const asked = queryOf(frame, state);
  try {
    const answer = await ask(asked);
    if (asked !== queryOf(frame, state)) return; // a later choice has been asked for
    series = answer;
  } catch {
    return panel.say(frame.texts.offline);
  }
  drawSeries(frame, series);
  show(state);
}

const toStep = (/** @type {number} */ step) => show(atStep(frame, state, step));

panel.back.addEventListener("click", () => toStep(state.step - 1));
panel.next.addEventListener("click", () => toStep(state.step + 1));
panel.time.addEventListener("input", () => show(atMinute(frame, state, minuteAt(frame.axis, panel.sliderShare()))));
panel.dose.addEventListener("input", () => change({ ...state, choice: Number(panel.dose.value) }));
for (const button of panel.routes) {
  button.addEventListener("click", () => {
    panel.say("");
    return change(byRoute(frame, state, button.dataset.route ?? frame.first_route));
  });
}
panel.pause.addEventListener("click", () => {
  const changed = pausedOrResumed(frame, state);
  const { texts } = frame;
  const paused = isPaused(changed);
  panel.say(filled(paused ? texts.paused : texts.again, { n: (paused ? changed.paused : changed.resumed) ?? 0 }));
  return change(changed);
});
document.addEventListener("keydown", (event) => {
  const inField = event.target instanceof Element && event.target.closest(FIELDS);
  if (inField || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowRight") toStep(state.step + 1);
  if (event.key === "ArrowLeft") toStep(state.step - 1);
});
panel.showControls(frame, state);
drawSeries(frame, series);
show(state);

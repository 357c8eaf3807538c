// @ts-check
// What is shown, and what each button makes of it. Every function returns a new state.

/** @import { Frame, State } from "./types.js" */

/**
 * @param {Frame} frame
 * @returns {State}
 */
export const firstState = (frame) => ({
  step: frame.first_step,
  minute: frame.steps[frame.first_step].minute,
  route: frame.first_route,
  choice: frame.usual[frame.first_route],
  paused: null,
  resumed: null,
});

/**
 * The nearest step that exists, at its own minute.
 * @param {Frame} frame
 * @param {State} state
 * @param {number} step
 * @returns {State}
 */
export function atStep({ steps }, state, step) {
  const existing = Math.min(Math.max(step, 0), steps.length - 1);
  return { ...state, step: existing, minute: steps[existing].minute };
}

/**
 * Any minute, with the step whose own minute is nearest on the logarithmic axis.
 * @param {Frame} frame
 * @param {State} state
 * @param {number} minute
 * @returns {State}
 */
export function atMinute({ steps }, state, minute) {
  const distances = steps.map((step) => Math.abs(Math.log(step.minute / minute)));
  return { ...state, minute, step: distances.indexOf(Math.min(...distances)) };
}

/**
 * Another route, at its usual dose and without a pause.
 * @param {Frame} frame
 * @param {State} state
 * @param {string} route
 * @returns {State}
 */
export const byRoute = (frame, state, route) => ({
  ...state,
  route,
  choice: frame.usual[route],
  paused: null,
  resumed: null,
});

/** @param {State} state */
export const isPaused = ({ paused, resumed }) => paused !== null && resumed === null;

/**
 * The infusion paused, or resumed when it is paused.
 * @param {Frame} frame
 * @param {State} state
 * @returns {State}
 */
export const pausedOrResumed = (frame, state) => (isPaused(state) ? resumed(frame, state) : paused(frame, state));

/**
 * Paused at the minute shown, or half-way when it is not within the infusion. The minute shown then lies between the
 * pause and the planned end.
 * @param {Frame} frame
 * @param {State} state
 * @returns {State}
 */
function paused({ infusion }, state) {
  const within = state.minute > infusion.pause_after && state.minute < infusion.pause_before;
  const pause = Math.round(within ? state.minute : infusion.minutes / 2);
  return { ...state, paused: pause, resumed: null, minute: Math.max(Math.min(state.minute, infusion.minutes), pause) };
}

/**
 * @param {Frame} frame
 * @param {State} state
 * @returns {State}
 */
function resumed({ infusion }, state) {
  const pause = state.paused ?? 0;
  const earliest = pause + infusion.shortest_pause;
  return { ...state, resumed: Math.round(Math.min(Math.max(state.minute, earliest), pause + infusion.longest_pause)) };
}

/**
 * What the server is asked for.
 * @param {Frame} frame
 * @param {State} state
 */
export function queryOf(frame, state) {
  const query = new URLSearchParams({
    route: state.route,
    dose: String(frame.choices[state.route][state.choice].dose),
  });
  if (state.route !== frame.infusion.route) return query.toString();
  if (state.paused !== null) query.set("paused", String(state.paused));
  if (state.resumed !== null) query.set("again", String(state.resumed));
  return query.toString();
}

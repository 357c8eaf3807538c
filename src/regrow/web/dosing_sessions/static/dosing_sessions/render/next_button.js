// @ts-check
// The next action as the largest button of the page, and what follows it.
import { html } from "../html.js";
import { wallClock } from "../wall_time.js";

/** @import { Chair, NextAction, SessionState } from "../types.js" */

/**
 * Which act of the page (see actions.js) the button does; "none" when there is nothing to press.
 * @type {Record<string, string>}
 */
const ACTS = {
  identity: "identity",
  checklist: "checks",
  prepare: "draw",
  vitals: "vitals",
  start: "start",
  device: "device",
  administer: "single",
  resume: "resume",
  handover: "handover",
  scale: "scale",
  waste: "waste",
  sign: "sign",
  close: "close",
};

/** @param {NextAction} next */
export const actOf = (next) => ACTS[next.id] ?? "none";

/**
 * The argument of the act: the scale, or the container.
 * @param {NextAction} next
 */
const argumentOf = (next) => next.data.scale ?? next.data.container ?? "";

/** @param {NextAction} next */
export function nextButton(next) {
  const countdown = next.due_at !== null && html`<span data-due="${next.due_at}"></span>`;
  const detail = countdown && next.detail ? html`${countdown} · ${next.detail}` : countdown || next.detail;
  const act = actOf(next);
  const inside = html`${next.text}<small>${detail}</small>`;
  if (act === "none") return html`<div class="big quietbig">${inside}</div>`;
  return html`<button class="big" data-do="${act}" data-arg="${argumentOf(next)}">${inside}</button>`;
}

/**
 * The next three things that are due after that.
 * @param {SessionState} state
 * @param {NextAction} next
 * @param {string} zone
 */
export function afterThat(state, next, zone) {
  return state.due
    .filter((d) => !(d.at === next.due_at && (d.text === next.text || (d.id === "vitals" && next.id === "vitals"))))
    .slice(0, 3)
    .map((d) => `${d.text} at ${wallClock(zone, d.at).slice(0, 5)}`)
    .join(" · ");
}

/** @param {Chair} chair */
export function afterCard(chair) {
  const rest = afterThat(chair.state, chair.state.next, chair.frame.zone);
  return (
    rest &&
    html`<span class="label">After that</span>
      <div>${rest}</div>`
  );
}

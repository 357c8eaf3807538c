// @ts-check
// Above everything else: alarms, what is wrong with the network or an entry, the name alert, broken rules.
import { describe, nameOf } from "../describe.js";
import { html } from "../html.js";
import { wallClock } from "../wall_time.js";

/** @import { Alarm, Chair, Problem } from "../types.js" */

const SIGNS = { high: "▲▲▲", medium: "▲▲", low: "▲" };
const PRIORITIES = { high: "High", medium: "Medium", low: "Low" };
const EMERGENCY = "emergency-symptom:";

/** @param {Chair} chair */
export const alarms = (chair) => html`${chair.state.alarms.map((a) => alarm(chair, a))}`;

/**
 * @param {Chair} chair
 * @param {Alarm} a
 */
function alarm(chair, a) {
  const by = a.acknowledged_by && ` · acknowledged by ${nameOf(chair, a.acknowledged_by)}`;
  const symptom = a.id.startsWith(EMERGENCY) && a.id.slice(EMERGENCY.length);
  const acknowledge = html`<button class="button" data-do="acknowledge" data-arg="${a.id}">Acknowledge</button>`;
  return html`<div class="alarm ${a.priority}" role="alert">
    <span aria-hidden="true">${SIGNS[a.priority]}</span>
    <div class="grow">
      <b>${PRIORITIES[a.priority]} priority: ${a.text}</b>
      ${a.do && html`<div>${a.do}</div>`}
      <div class="small">since ${wallClock(chair.frame.zone, a.since).slice(0, 5)}${by}</div>
    </div>
    ${a.call_due && html`<button class="button" data-do="call">Call now</button>`} ${!a.acknowledged_by && acknowledge}
    ${symptom && html`<button class="button" data-do="resolved" data-arg="${symptom}">Resolved</button>`}
  </div>`;
}

/** @param {Chair} chair */
export function banner(chair) {
  const { sync, state, frame } = chair;
  return html`${sync.offline && noNetwork(sync.queue.length)}${sync.others > 0 && othersWait(sync.others)}
  ${sync.problem && problem(chair, sync.problem)}${frame.alike.length > 0 && nameAlert(frame.alike)}
  ${state.breaches.length > 0 &&
  html`<details class="card">
    <summary>${state.breaches.length} ${state.breaches.length === 1 ? "entry breaks" : "entries break"} a rule</summary>
    <ul class="rows">
      ${state.breaches.map((b) => html`<li>${b.text}</li>`)}
    </ul>
  </details>`}`;
}

/** @param {number} count */
function noNetwork(count) {
  const saved =
    count === 1
      ? "1 entry is saved on this tablet and uploads when the network is back."
      : `${count} entries are saved on this tablet and upload when the network is back.`;
  return html`<div class="alarm warn offline" role="status">
    <span aria-hidden="true">⇅</span>
    <div class="grow">No network. Keep charting: ${count ? saved : "entries are saved on this tablet."}</div>
  </div>`;
}

/** @param {number} count */
function othersWait(count) {
  return html`<div class="alarm low" role="status">
    ${count} ${count === 1 ? "entry" : "entries"} by another staff member are saved on this tablet. They upload when
    that person signs in here.
  </div>`;
}

/**
 * @param {Chair} chair
 * @param {Problem} found
 */
function problem(chair, found) {
  const address = `/login/?next=${encodeURIComponent(chair.frame.address)}`;
  const signIn = html`<a class="button" href="${address}">Sign in</a>`;
  const dismiss = html`<button class="button" data-do="dismiss">Dismiss</button>`;
  return html`<div class="alarm stop" role="alert">
    <div class="grow">${found.entry && `Not saved: ${describe(chair, found.entry.line)}. `}${found.text}</div>
    ${found.signIn ? signIn : dismiss}
  </div>`;
}

/** @param {string[]} alike */
const nameAlert = (alike) =>
  html`<div class="alarm warn" role="note">
    <span aria-hidden="true">⚠</span>
    <div>Name alert: ${alike.join(", ")} is here today. Verify photo or MRN.</div>
  </div>`;

// @ts-check
// The buttons that are always in the same place: pause and stop, the tools, the symptoms.
import { nameOf } from "../describe.js";
import { html } from "../html.js";

/** @import { Chair, SymptomTerm } from "../types.js" */

const DOSING = ["preparing", "infusing", "paused", "administering"];

/**
 * Names of the prescribers who are on site.
 * @param {Chair} chair
 */
export function prescribersHere(chair) {
  /** @type {Map<string, boolean>} */
  const here = new Map();
  for (const e of chair.state.entries) if (e.kind === "presence") here.set(e.data.who, e.data.here);
  return [...here].filter(([, yes]) => yes).map(([who]) => nameOf(chair, who));
}

/** @param {Chair} chair */
export function presence(chair) {
  const here = prescribersHere(chair);
  if (here.length) return html`<span class="chip ok">● ${here.join(", ")} on site</span>`;
  return html`<span class="chip warn">No prescriber on site</span>`;
}

/** @param {Chair} chair */
export function side(chair) {
  const { state, rules } = chair;
  const running = state.phase === "infusing";
  const pump = rules.way === "infusion";
  const off = (/** @type {boolean} */ disabled) => disabled && html`disabled`;
  const pause = html`<button class="button pause" data-do="pause" data-key="p" ${off(!running)}>❙❙ Pause</button>`;
  const stop = html`<button class="button stop" data-do="stop" ${off(state.phase === "preparing")}>■ Stop</button>`;
  const about =
    state.phase === "preparing"
      ? "Pause and Stop are available once the dose is running."
      : "Pause and Stop act at once; the reason is asked afterwards.";
  const call = html`<button class="button" data-do="call" ${off(state.left_at !== null)}>
    Call ${prescribersHere(chair)[0] ?? "the prescriber"}
  </button>`;
  const dosing = DOSING.includes(state.phase);
  const tools = [
    pump && (running || state.phase === "paused") && tool("rate", "Change rate"),
    pump && state.phase === "observing" && state.in_line_mg > 0 && tool("flush", "Record line flush"),
    tool("vitals", "Vital signs"),
    ...Object.entries(rules.scales).map(([id, scale]) => tool("scale", scale.title, id)),
    tool("monitor", "Monitor"),
    tool("medicine", "PRN medication"),
    tool("late", "Late entry"),
  ];
  return html`<div class="halts">
      ${dosing && [pump && pause, stop]}${call}${dosing && html`<p class="label">${about}</p>`}
    </div>
    <div class="stack tight tools">${tools}</div>`;
}

/**
 * @param {string} act
 * @param {string} text
 * @param {string} [arg]
 */
const tool = (act, text, arg = "") =>
  html`<button class="button quiet" data-do="${act}" data-arg="${arg}">${text}</button>`;

/**
 * The symptoms; null when the patient is gone.
 * @param {Chair} chair
 */
export function symptoms(chair) {
  const { state, rules } = chair;
  if (state.left_at !== null || state.phase === "closed") return null;
  const open = new Set(state.open_symptoms.map((e) => e.data.symptom));
  const terms = Object.values(rules.symptoms);
  const tap = (/** @type {SymptomTerm} */ term) => {
    const css = `button ${open.has(term.id) ? "on" : ""} ${term.emergency ? "danger" : ""}`;
    const act = open.has(term.id) ? "resolved" : "symptom";
    const text = open.has(term.id) ? `${term.text}: resolved?` : term.text;
    return html`<button class="${css}" data-do="${act}" data-arg="${term.id}">${text}</button>`;
  };
  return html`<div class="taps">${terms.filter((t) => !t.emergency).map(tap)}</div>
    <details>
      <summary>Emergency</summary>
      <div class="taps">${terms.filter((t) => t.emergency).map(tap)}</div>
    </details>`;
}

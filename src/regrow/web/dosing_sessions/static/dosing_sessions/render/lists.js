// @ts-check
// The pre-dose checklist, the discharge criteria and the drug reconciliation.
import { html } from "../html.js";
import { mgOf } from "../format.js";

/** @import { Markup } from "../html.js" */
/** @import { Chair, ChecklistItem, ContainerLine, DischargeCriterion } from "../types.js" */

const DOSING = ["preparing", "infusing", "paused", "administering"];

/**
 * @param {string} act
 * @param {string} text
 * @param {string} [arg]
 */
const button = (act, text, arg = "") =>
  html`<button class="button" data-do="${act}" data-arg="${arg}">${text}</button>`;

/** @param {Chair} chair */
export function lists(chair) {
  const { phase, containers } = chair.state;
  if (phase === "preparing") return checklist(chair);
  return html`${phase === "observing" && criteria(chair)}${!DOSING.includes(phase) &&
  containers.length > 0 &&
  reconciliation(chair)}`;
}

/**
 * One line with its mark, what is missing, and what can be done about it.
 * @param {Chair} chair
 * @param {ChecklistItem} line
 * @param {(Markup | null)[]} buttons
 */
function row(chair, line, buttons) {
  const state = line.open ? (line.state === "not_met" ? "stop" : "warn") : "ok";
  const mark = { stop: "✕", warn: "?", ok: "✓" }[state];
  const override =
    line.force === "gate" &&
    chair.prescribes &&
    html`<button class="button" data-do="override" data-arg="${line.criterion}" data-text="${line.text}">
      Override
    </button>`;
  const met = html`<span class="small">${line.overridden ? "overridden" : "met"}</span>`;
  return html`<div class="determination ${state}">
    <span class="mark" aria-hidden="true">${mark}</span>
    <div>
      <p>${line.text}</p>
      ${line.open && line.missing.length > 0 && html`<p class="small">${line.missing[0]}</p>`}
      ${line.overridden && html`<p class="small">overridden by the prescriber</p>`}
    </div>
    <div class="row">${line.open ? [buttons, override] : met}</div>
  </div>`;
}

/** @param {Chair} chair */
function checklist(chair) {
  const { state, rules } = chair;
  const rows = state.before.map((line, n) => row(chair, line, preDoseButtons(rules.before[n].kind, line)));
  const drawn = state.containers
    .filter((c) => c.container !== rules.constants.preparation)
    .map((c) => html`<li>${containerName(c, c.container)}<span class="num">${mgOf(c.out)} drawn</span></li>`);
  const prepare = html`<div>${button("draw", rules.devices ? "Prepare device" : "Prepare dose")}</div>`;
  return html`<section class="card">
    <h2>Pre-dose checklist</h2>
    ${rows}
    <ul class="rows">
      ${drawn}
    </ul>
    ${!rules.at_home && prepare}
  </section>`;
}

/**
 * @param {string} kind
 * @param {ChecklistItem} line
 */
function preDoseButtons(kind, line) {
  switch (kind) {
    case "check":
      return [button("check", "Yes", line.criterion)];
    case "identity":
      return [button("identity", "Verify")];
    case "double_check":
      return [button("double_check", "Confirm double check")];
    case "vitals":
      return [button("vitals", "Take")];
    default:
      return [];
  }
}

/** @param {Chair} chair */
function criteria(chair) {
  const { state, rules } = chair;
  const rows = state.discharge.map((line, n) => row(chair, line, dischargeButtons(rules.discharge[n], line)));
  return html`<section class="card">
    <h2>Discharge criteria</h2>
    ${rows}
    <div class="row"><button class="button quiet" data-do="left">Leaving AMA</button></div>
  </section>`;
}

/**
 * @param {DischargeCriterion} rule
 * @param {ChecklistItem} line
 */
function dischargeButtons(rule, line) {
  switch (rule.kind) {
    case "scale":
      return [button("scale", "Score", rule.scale)];
    case "finding":
      return [button("finding", "Yes", line.criterion), button("notfinding", "No", line.criterion)];
    case "ride":
      return [button("ride", "Add ride home")];
    case "pressure":
    case "spo2":
    case "capture":
      return [button("vitals", "Measure")];
    default:
      return [];
  }
}

/** @param {Chair} chair */
function reconciliation({ state, rules }) {
  const rows = state.containers.map((c) => {
    const name = c.container === rules.constants.preparation ? "prepared dose" : c.container;
    const left = c.left === null ? "" : `${mgOf(c.left)} left`;
    const waste = c.open ? button("waste", "Waste", c.container) : html`<span class="chip ok">accounted for</span>`;
    return html`<li>${containerName(c, name)}<span class="num">${left}</span>${waste}</li>`;
  });
  const wastes = state.wastes.map(
    (w) =>
      html`<li>
        <span class="grow">Waste of ${w.data.mg} mg from ${w.data.container}</span
        ><span class="chip warn">needs a witness</span>
      </li>`,
  );
  return html`<section class="card">
    <h2>Drug reconciliation</h2>
    <ul class="rows">
      ${rows}${wastes}
    </ul>
  </section>`;
}

/**
 * @param {ContainerLine} line
 * @param {string} name
 */
const containerName = (line, name) => html`<span class="grow">${name}${line.lot && `, lot ${line.lot}`}</span>`;

// @ts-check
// Entries about entries: a late entry, a correction, an override, and what is against an entry.
import { describe, fieldLabel } from "../describe.js";
import { html } from "../html.js";
import { readVitals } from "../plausibility.js";
import { latestInstant } from "../wall_time.js";
import { ask, field, problem, value } from "./ask.js";

/** @import { Chair, Refusal } from "../types.js" */

/** @type {[string, string][]} */
const LATE_KINDS = [
  ["vital", "Vital signs"],
  ["pause", "Pause"],
  ["resume", "Resume"],
  ["stop", "Stop"],
];

/** @param {Chair} chair */
export function askLate(chair) {
  const { readings } = chair.rules.constants;
  const body = html`${field("at", "Time it happened", { type: "time", required: true })}
    <div class="field">
      <label for="kind">Event</label
      ><select id="kind" name="kind">
        ${LATE_KINDS.map(([id, text]) => html`<option value="${id}">${text}</option>`)}
      </select>
    </div>
    <div class="pad">
      ${["systolic_mmhg", "diastolic_mmhg"].map((name) => field(name, readings[name], { mode: "numeric" }))}
    </div>
    <button class="button do" value="save">Add late entry</button>`;
  ask("Late entry", body, (choice, form, element) => {
    const happened = latestInstant(chair.frame.zone, value(form, "at"), chair.clock.now());
    if (happened === null) return problem(element, "Enter a time in the past.");
    const kind = value(form, "kind");
    // By the device's own clock, like every time that is sent.
    const more = { happened_at: new Date(happened - chair.clock.offset()).toISOString() };
    if (kind !== "vital") return void chair.submit(kind, {}, more);
    const typed = { systolic_mmhg: value(form, "systolic_mmhg"), diastolic_mmhg: value(form, "diastolic_mmhg") };
    const read = readVitals(typed, chair.rules.constants);
    if ("problem" in read) return problem(element, read.problem);
    void chair.submit(kind, read.data, more);
  });
}

/**
 * @param {Chair} chair
 * @param {string} id of the entry
 */
export function askCorrect(chair, id) {
  const event = chair.sync.log.find((e) => e.id === id);
  if (!event) return;
  const isFigure = (/** @type {unknown} */ v) => typeof v === "number" || (typeof v === "string" && /^[\d.]+$/.test(v));
  const figures = Object.entries(event.data ?? {}).filter(([, v]) => isFigure(v));
  const fields =
    figures.length > 0 &&
    html`<div class="fields">
        ${figures.map(([name, v]) => field(name, fieldLabel(chair.rules, name), { value: v, mode: "decimal" }))}
      </div>
      <button class="button do" value="change">Save change</button>`;
  const artifact =
    event.kind === "vital" &&
    html`<button class="button" value="artefact">Mark as artifact: saved in the log, not used for decisions</button>`;
  const body = html`<p>${describe(chair, event)}</p>
    ${field("why", "Reason", { required: true, focus: true })}${fields}${artifact}<button
      class="button stop"
      value="strike"
    >
      Mark as entered in error
    </button>`;
  ask("Correct entry", body, (choice, form) => {
    const reason = value(form, "why");
    const correct = (/** @type {object | null} */ data) =>
      void chair.submit("correction", { corrects: id, reason, data });
    if (choice === "strike") return correct(null);
    if (choice === "artefact") return correct({ artefact: true });
    const changed = figures.filter(([name, before]) => String(before) !== value(form, name));
    const typed = changed.map(([name, before]) => {
      const text = value(form, name);
      return [name, typeof before === "number" ? Number(text) : text];
    });
    if (typed.length) correct(Object.fromEntries(typed));
  });
}

/**
 * @param {Chair} chair
 * @param {string} rule
 * @param {string} text
 */
export function askOverride(chair, rule, text) {
  const body = html`<p>${text}</p>
    ${field("reason", "Reason (saved in the log)", { required: true, focus: true })}<button
      class="button do"
      value="save"
    >
      Override
    </button>`;
  ask("Override", body, (choice, form) => void chair.submit("override", { rule, reason: value(form, "reason") }));
}

const FORCES = { hard: "required", gate: "prescriber", warn: "note" };

/**
 * Shows what is against an entry, and what the user may do about it.
 * @param {Chair} chair
 * @param {{kind: string, data: Record<string, any>, more: {happened_at?: string}}} entry
 * @param {Refusal[]} against
 */
export function showRefusals(chair, { kind, data, more }, against) {
  const gates = against.filter((r) => r.force === "gate");
  const warns = against.filter((r) => r.force === "warn");
  const hard = against.some((r) => r.force === "hard");
  const rows = against.map(
    (r) =>
      html`<li><span class="chip ${r.force === "hard" ? "stop" : "warn"}">${FORCES[r.force]}</span> ${r.text}</li>`,
  );
  const override =
    !hard &&
    gates.length > 0 &&
    chair.prescribes &&
    html`${field("reason", "Reason for the override", { required: true })}<button class="button do" value="override">
        Override and continue
      </button>`;
  const acknowledge =
    !hard && !gates.length && html`<button class="button do" value="acknowledge">Acknowledge and continue</button>`;
  const body = html`<ul class="rows plainlist">
      ${rows}
    </ul>
    ${override}${acknowledge}`;
  ask("Not recorded", body, async (choice, form) => {
    if (choice === "acknowledge") {
      return void chair.submit(kind, { ...data, acknowledged: warns.map((r) => r.rule) }, more);
    }
    for (const gate of gates) await chair.submit("override", { rule: gate.rule, reason: value(form, "reason") });
    await chair.submit(kind, data, more);
  });
}

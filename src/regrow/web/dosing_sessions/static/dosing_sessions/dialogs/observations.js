// @ts-check
// What is observed beside vital signs: symptoms, scores, medications given.
import { html } from "../html.js";
import { ask, choices, field, save, value } from "./ask.js";

/** @import { Chair } from "../types.js" */

/**
 * @param {Chair} chair
 * @param {string} symptom
 */
export function askSeverity(chair, symptom) {
  const note = symptom === "other" && field("note", "Which symptom?");
  const body = html`<p class="muted">Severity, 1 (mild) to 5 (worst)</p>
    ${choices([1, 2, 3, 4, 5].map((n) => [n, n]))}${note}`;
  ask(chair.rules.symptoms[symptom].text, body, (choice, form) => {
    const said = value(form, "note");
    void chair.submit("symptom", { symptom, severity: Number(choice), ...(said ? { note: said } : {}) });
  });
}

/**
 * @param {Chair} chair
 * @param {string} scale
 */
export function askScale(chair, scale) {
  const { title, min, max } = chair.rules.scales[scale];
  const totals = Array.from({ length: max - min + 1 }, (_, n) => max - n);
  ask(title, choices(totals.map((n) => [n, n])), (choice) => {
    void chair.submit("scale", { scale, total: Number(choice) });
  });
}

/** @param {Chair} chair */
export function askMedicine(chair) {
  const body = html`<div class="fields">
      ${field("medicine", "Medication", { required: true, focus: true })}${field("dose", "Dose", { required: true })}
    </div>
    ${save("Save")}`;
  ask("PRN medication", body, (choice, form) => {
    void chair.submit("medicine", { medicine: value(form, "medicine"), dose: value(form, "dose") });
  });
}

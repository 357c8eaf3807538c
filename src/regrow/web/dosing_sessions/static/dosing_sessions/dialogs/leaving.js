// @ts-check
// Leaving: the ride home, the discharge, leaving against medical advice (AMA).
import { html } from "../html.js";
import { ask, choices, field, problem, save, value } from "./ask.js";

/** @import { Chair } from "../types.js" */

/** @param {Chair} chair */
export function askRide(chair) {
  const name = field("name", "Name, relationship", { value: chair.state.ride, required: true, focus: true });
  ask("Ride home", html`${name}${save("Save ride")}`, (choice, form, element) => {
    const typed = value(form, "name");
    if (!typed) return problem(element, "Enter the name of the escort.");
    void chair.submit("ride", { name: typed });
  });
}

/** @param {Chair} chair */
export function askHandover(chair) {
  const name = chair.state.ride;
  const body = html`<p>Was this dose well tolerated?</p>
    ${choices([
      ["yes", "Yes"],
      ["no", "No, prescriber must review before next dose"],
    ])}`;
  ask(chair.state.next.text, body, (choice) => {
    void chair.submit("handover", { name, tolerated: choice === "yes" });
  });
}

/** @param {Chair} chair */
export function askLeft(chair) {
  const body = html`${field("reason", "Patient's stated reason", { required: true, focus: true })}${field(
      "told",
      "Prescriber notified",
      { required: true },
    )}
    <p class="muted">The REMS form is still required.</p>
    <button class="button stop" value="save">Record leaving AMA</button>`;
  ask("Leaving AMA", body, (choice, form) => {
    void chair.submit("left", { reason: value(form, "reason"), told: value(form, "told") });
  });
}

// @ts-check
// The pipeline by keys: j and k move from patient to patient, e opens the actions.
import { all } from "../dom.js";
import { isForPage } from "./keys.js";

/**
 * The patient after or before the one in focus; at the ends, the same one.
 * @param {string} key
 * @param {number} focused index, -1 when none is
 * @param {number} count
 */
export function nextPatient(key, focused, count) {
  if (key !== "j" && key !== "k") return null;
  return Math.max(0, Math.min(count - 1, focused + (key === "j" ? 1 : -1)));
}

export function connectPipelineKeys() {
  document.addEventListener("keydown", (event) => {
    const patients = all(document, "[data-board] li > a", HTMLAnchorElement);
    if (!patients.length || !isForPage(event)) return;
    const focused = patients.findIndex((link) => link.closest("li")?.contains(document.activeElement));
    const next = nextPatient(event.key, focused, patients.length);
    if (next !== null) {
      event.preventDefault();
      patients[next].focus();
    } else if (event.key === "e" && focused >= 0 && openActions(patients[focused])) {
      event.preventDefault();
    }
  });
}

/** @param {HTMLAnchorElement} patient */
function openActions(patient) {
  const actions = patient.closest("li")?.querySelector("details");
  if (!actions) return false;
  actions.open = true;
  all(actions, "button, select, input, a", HTMLElement)[0]?.focus();
  return true;
}

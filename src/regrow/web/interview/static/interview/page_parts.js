// @ts-check
// Replaces the parts of the page that follow from the record by those of a page that was loaded just now.

const FOLLOWING = ["map", "follows", "coded-end"];
const END = "coded-end";
const REASON = "[name=reason]";

/**
 * @param {string} html a page
 * @param {string} section whose entries are replaced too
 */
export function replaceParts(html, section) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const id of new Set([...FOLLOWING, `coded-${section}`])) {
    const [shown, loaded] = [document.getElementById(id), fresh.getElementById(id)];
    // The form that ends the visit is left alone while someone is in it.
    const inUse = id === END && section !== "end" && shown?.contains(document.activeElement);
    if (!shown || !loaded || inUse) continue;
    const entered = id === END ? enteredIn(shown) : null;
    shown.replaceChildren(...loaded.childNodes);
    if (entered) enter(shown, entered);
  }
}

/** @param {HTMLElement} form */
function enteredIn(form) {
  const reason = form.querySelector(REASON);
  const outcome = form.querySelector("[name=outcome]:checked");
  return {
    reason: reason instanceof HTMLTextAreaElement || reason instanceof HTMLInputElement ? reason.value : "",
    outcome: outcome instanceof HTMLInputElement ? outcome.value : "",
  };
}

/**
 * @param {HTMLElement} form
 * @param {{reason: string, outcome: string}} entered
 */
function enter(form, { reason, outcome }) {
  const field = form.querySelector(REASON);
  if (reason && (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) field.value = reason;
  const choice = outcome && form.querySelector(`[name=outcome][value="${CSS.escape(outcome)}"]`);
  if (choice instanceof HTMLInputElement) choice.checked = true;
}

// @ts-check
// What a section shows when another window has saved its narrative, and what earlier visits left unsent.
import { element, first } from "../regrow/dom.js";

/** @import { Drafts } from "./drafts.js" */
/** @import { Narrative } from "./narrative.js" */
/** @import { StoredNarrative } from "./types.js" */

/** @param {string} id of a <template> */
const copyOf = (id) => /** @type {DocumentFragment} */ (element(id, HTMLTemplateElement).content.cloneNode(true));

/**
 * Asks which text stays, below the field.
 * @param {HTMLTextAreaElement} field
 * @param {Narrative} narrative
 * @param {StoredNarrative} stored
 */
export function showConflict(field, narrative, stored) {
  const section = field.closest("[data-section]");
  if (!section) return;
  const box = first(section, ".clash", HTMLElement);
  const parts = copyOf("conflict");
  const other = first(parts, "[data-other]", HTMLElement);
  if (stored.text) other.textContent = stored.text;
  const choose = (/** @type {boolean} */ withStored) => () => {
    box.classList.add("hidden");
    narrative.resolve(stored, withStored);
    field.focus();
  };
  first(parts, "[data-stays=both]", HTMLButtonElement).addEventListener("click", choose(true));
  first(parts, "[data-stays=this]", HTMLButtonElement).addEventListener("click", choose(false));
  box.replaceChildren(parts);
  box.classList.remove("hidden");
}

/** @param {Drafts} drafts */
export function showUnsent(drafts) {
  for (const { text, remove } of drafts.unsent()) {
    const parts = copyOf("unsent-draft");
    const card = first(parts, "section", HTMLElement);
    first(parts, "[data-text]", HTMLElement).textContent = text;
    first(parts, "button", HTMLButtonElement).addEventListener("click", () => {
      remove();
      card.remove();
    });
    element("unsent", HTMLElement).append(parts);
  }
}

// @ts-check
// One section at a time, the one that the address names; on paper, all of them.
import { all, element, first } from "../regrow/dom.js";

const cards = all(element("sections", HTMLElement), "[data-section]", HTMLElement);
const WRONG = ".errors:not(.hidden), [aria-invalid=true]";

/** The section shown. */
export const current = () => cards.find((card) => `#${card.id}` === location.hash) ?? cards[0];

/** Shows the section that the address names, and marks it in the map. */
export function showCurrent() {
  const shown = current();
  for (const card of cards) card.classList.toggle("elsewhere", card !== shown);
  for (const link of all(document, "#map a", HTMLAnchorElement)) {
    if (link.hash === `#${shown.id}`) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
}

function focusCurrent() {
  first(current(), "h2", HTMLElement).focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** A form that came back with an error may be in another section: that one is shown first. */
export function connectSections() {
  const wrong = cards.find((card) => card.querySelector(WRONG));
  if (wrong && !location.hash) history.replaceState(null, "", `#${wrong.id}`);
  showCurrent();
  window.addEventListener("hashchange", () => {
    showCurrent();
    focusCurrent();
  });
}

// @ts-check
// Keys that press the button marked with them.

const TYPING = "input, select, textarea";

/**
 * Whether a key is meant for the page, not for a field or the browser.
 * @param {KeyboardEvent} event
 */
export const isForPage = ({ ctrlKey, metaKey, altKey, target }) =>
  !ctrlKey && !metaKey && !altKey && !(target instanceof Element && target.matches(TYPING));

export function connectKeys() {
  document.addEventListener("keydown", (event) => {
    if (!isForPage(event)) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!(button instanceof HTMLElement)) return;
    event.preventDefault();
    button.click();
  });
}

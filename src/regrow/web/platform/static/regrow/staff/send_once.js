// @ts-check
// A form is sent once, however often its button is pressed.
import { all } from "../dom.js";

const SUBMITS = "button[type=submit], button:not([type])";

export function sendFormsOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    for (const button of all(form, SUBMITS, HTMLButtonElement)) button.setAttribute("aria-busy", "true");
  });
  // A page that comes back from the browser's memory can be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of all(document, "form[data-sent]", HTMLFormElement)) {
      delete form.dataset.sent;
      for (const button of all(form, "[aria-busy]", HTMLElement)) button.removeAttribute("aria-busy");
    }
  });
}

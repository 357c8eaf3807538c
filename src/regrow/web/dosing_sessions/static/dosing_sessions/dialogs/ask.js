// @ts-check
// The one dialog of the page: a form with a title, fields and buttons.
import { html } from "../html.js";

/** @import { Markup } from "../html.js" */
/**
 * Called with the value of the button that was pressed. Returns false to keep the dialog open.
 * @typedef {(choice: string, form: FormData, element: HTMLFormElement) => unknown} Done
 */

/** @param {string} id */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

const dialog = () => /** @type {HTMLDialogElement} */ (element("ask"));

/**
 * Opens the dialog, in place of one that is open.
 * @param {string} title
 * @param {Markup} body
 * @param {Done} [done]
 */
export function ask(title, body, done = () => {}) {
  const box = dialog();
  box.innerHTML = html`<form method="dialog" class="stack">
    <h2>${title}</h2>
    <div class="stack" data-problem></div>
    ${body}<button class="button quiet" value="" formnovalidate>Cancel</button>
  </form>`.text;
  const form = /** @type {HTMLFormElement} */ (box.firstElementChild);
  form.onsubmit = (event) => {
    event.preventDefault();
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    if (!button?.value) return box.close();
    const answer = done(button.value, new FormData(form), form);
    // A refusal may have replaced this form; it stays open.
    if (answer !== false && box.firstElementChild === form) box.close();
  };
  if (!box.open) box.showModal();
  /** @type {HTMLElement | null} */ (form.querySelector("[autofocus], input, button"))?.focus();
  return form;
}

/**
 * Shows what is wrong, above the fields; the dialog stays open.
 * @param {HTMLFormElement} form
 * @param {string} text
 */
export function problem(form, text) {
  const place = form.querySelector("[data-problem]");
  if (place) place.innerHTML = html`<p class="alarm warn" role="alert">${text}</p>`.text;
  return false;
}

/**
 * @param {FormData} form
 * @param {string} name
 */
export const value = (form, name) => String(form.get(name) ?? "").trim();

/**
 * One button for each choice.
 * @param {[string | number, string | number][]} items value and text
 */
export const choices = (items) =>
  html`<div class="taps">
    ${items.map(([id, text]) => html`<button class="button" value="${id}">${text}</button>`)}
  </div>`;

/**
 * @param {string} name
 * @param {string} label
 * @param {{value?: unknown, type?: string, mode?: string, list?: string, required?: boolean, focus?: boolean}} [more]
 */
export function field(name, label, more = {}) {
  return html`<div class="field">
    <label for="${name}">${label}</label
    ><input
      id="${name}"
      name="${name}"
      value="${more.value}"
      type="${more.type ?? "text"}"
      ${more.mode && html`inputmode="${more.mode}"`}
      ${more.list && html`list="${more.list}"`}
      ${more.type === "time" && html`step="1"`}
      ${more.required && html`required`}
      ${more.focus && html`autofocus`}
    />
  </div>`;
}

/** @param {string} text */
export const save = (text) => html`<button class="big" value="save">${text}</button>`;

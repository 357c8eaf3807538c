// @ts-check
// Vital signs, typed on a pad of keys.
import { lastPressure } from "../fold.js";
import { html } from "../html.js";
import { confirmText, isImplausible, readVitals } from "../plausibility.js";
import { ask, problem, save, value } from "./ask.js";

/** @import { Chair, Constants } from "../types.js" */

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "⌫", "0", "→"];
/** @type {Record<string, string>} */
const KEY_NAMES = { "⌫": "Delete", "→": "Next field" };

/** @param {Chair} chair */
export function askVitals(chair) {
  const { constants } = chair.rules;
  const names = Object.keys(constants.readings);
  let confirmed = "";
  const body = html`<div class="pad">
      ${names.map(
        (name, n) =>
          html`<div class="field">
            <label for="${name}">${constants.readings[name]}</label
            ><input
              id="${name}"
              name="${name}"
              inputmode="numeric"
              autocomplete="off"
              maxlength="3"
              ${n === 0 && html`autofocus`}
            />
          </div>`,
      )}
    </div>
    <div class="keys">
      ${KEYS.map(
        (key) =>
          html`<button type="button" class="button key" data-pad="${key}" aria-label="${KEY_NAMES[key] ?? key}">
            ${key}
          </button>`,
      )}
    </div>
    ${save("Save vital signs")}`;
  const form = ask("Vital signs", body, (choice, data, element) => {
    const read = readVitals(Object.fromEntries(names.map((name) => [name, value(data, name)])), constants);
    if ("problem" in read) return problem(element, read.problem);
    const last = lastPressure(chair.state);
    const told = JSON.stringify(read.data);
    if (last && confirmed !== told && isImplausible(read.data, last, constants)) {
      confirmed = told;
      return problem(element, confirmText(last));
    }
    void chair.submit("vital", read.data);
  });
  connectPad(form, names, constants);
}

/**
 * A field that is full moves on to the next one; the keys type into the field that had the focus last.
 * @param {HTMLFormElement} form
 * @param {string[]} names
 * @param {Constants} constants
 */
function connectPad(form, names, constants) {
  const inputs = names.map((name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name)));
  let active = inputs[0];
  const next = () => inputs[inputs.indexOf(active) + 1];
  const moveOn = () => {
    const [low, high] = constants.possible[active.name];
    const typed = Number(active.value);
    const full = active.value.length === 3 || (active.value.length === 2 && typed * 10 > high && typed >= low);
    if (full) next()?.focus();
  };
  for (const input of inputs) {
    input.onfocus = () => (active = input);
    input.oninput = moveOn;
  }
  for (const key of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-pad]"))) {
    key.onclick = () => {
      const pressed = key.dataset.pad ?? "";
      if (pressed === "→") return (next() ?? inputs[0]).focus();
      active.value = pressed === "⌫" ? active.value.slice(0, -1) : (active.value + pressed).slice(0, 3);
      if (pressed !== "⌫") moveOn();
    };
  }
}

// @ts-check
// Markup as a tagged template: what is inserted is escaped unless it is markup itself.

export class Markup {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** @param {unknown} text */
export const esc = (text) => String(text ?? "").replace(/[&<>"]/g, (c) => ENTITIES[c]);

/**
 * @param {unknown} value
 * @returns {string}
 */
function inserted(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(inserted).join("");
  return value === false ? "" : esc(value);
}

/**
 * Null, undefined and false insert nothing; a list inserts each of its items. Spaces around the whole are dropped, so
 * that a part of the page with nothing to say is empty.
 * @param {TemplateStringsArray} strings
 * @param {unknown[]} values
 */
export const html = (strings, ...values) =>
  new Markup(strings.reduce((text, part, n) => text + inserted(values[n - 1]) + part).trim());

/**
 * Markup made elsewhere, inserted as it is.
 * @param {string} text
 */
export const raw = (text) => new Markup(text);

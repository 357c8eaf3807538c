// @ts-check
// Elements of the page by their id or selector, each with the type that the script needs.

/**
 * @template {Element} T
 * @typedef {{new (): T}} ElementType
 */

/**
 * Throws when the page has no such element.
 * @template {Element} T
 * @param {string} id
 * @param {ElementType<T>} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

/**
 * The first match within `place`; throws when there is none.
 * @template {Element} T
 * @param {ParentNode} place
 * @param {string} selector
 * @param {ElementType<T>} type
 * @returns {T}
 */
export function first(place, selector, type) {
  const found = place.querySelector(selector);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} ${selector}`);
}

/**
 * Every match within `place` that is of the type.
 * @template {Element} T
 * @param {ParentNode} place
 * @param {string} selector
 * @param {ElementType<T>} type
 * @returns {T[]}
 */
export const all = (place, selector, type) =>
  [...place.querySelectorAll(selector)].flatMap((found) => (found instanceof type ? [found] : []));

/**
 * What the server wrote into the page by `json_script`; the caller names its shape.
 * @param {string} id
 * @returns {unknown}
 */
export const pageData = (id) => JSON.parse(element(id, HTMLScriptElement).textContent ?? "");

/** Token that the server requires with each POST. */
export const csrfToken = () => {
  const field = document.querySelector("[name=csrfmiddlewaretoken]");
  return field instanceof HTMLInputElement ? field.value : "";
};

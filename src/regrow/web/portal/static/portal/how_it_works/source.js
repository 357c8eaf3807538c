// @ts-check
// Where the curves for other doses come from: the server, and for what was asked before, this page.

/** @import { Series } from "./types.js" */

/**
 * @param {string} address
 * @param {(address: string) => Promise<Response>} get
 */
export function seriesSource(address, get) {
  /** @type {Map<string, Series>} */
  const known = new Map();

  /**
   * Throws without a network, and when the server refuses.
   * @param {string} query
   * @returns {Promise<Series>}
   */
  return async function ask(query) {
    const found = known.get(query);
    if (found) return found;
    const response = await get(`${address}?${query}`);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    /** @type {Series} */
    const series = await response.json();
    known.set(query, series);
    return series;
  };
}

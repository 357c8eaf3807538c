// @ts-check
// Where every microgram went: drawn from a container, given, wasted before a witness, or left.

/** @import { ContainerLine, Entry } from "../types.js" */
/** @import { Projection } from "./projection.js" */

/** @param {number | string} mg */
export const micrograms = (mg) => Math.round(Number(mg) * 1000);

/** @param {number} ug */
const mg = (ug) => `${ug / 1000} mg`;

/**
 * Each container and the preparation. Empty while nothing was drawn.
 * @param {Projection} seen
 * @returns {ContainerLine[]}
 */
export function containerLines(seen) {
  const { preparation } = seen.rules.constants;
  /** @type {Map<string, Entry[]>} */
  const draws = new Map();
  for (const e of seen.of("draw")) {
    const name = String(e.data.container);
    draws.set(name, [...(draws.get(name) ?? []), e]);
  }
  if (!draws.size) return [];
  /** @type {Map<string, number>} */
  const wasted = new Map();
  for (const e of seen.of("waste")) {
    const name = String(e.data.container);
    wasted.set(name, (wasted.get(name) ?? 0) + micrograms(e.data.mg));
  }
  const lines = [...draws].map(([name, entries]) => container(name, entries, wasted.get(name) ?? 0));
  const drawn = lines.reduce((sum, line) => sum + line.out, 0);
  const given = micrograms(seen.deliveredMg);
  const gone = wasted.get(preparation) ?? 0;
  const left = drawn - given - gone;
  const finished = seen.endedAt !== null || seen.departed !== null;
  const text = `prepared ${mg(drawn)}, given ${mg(given)}, wasted ${mg(gone)}, left ${mg(left)}`;
  const open = left !== 0 && finished;
  return [...lines, { container: preparation, lot: "", out: given, wasted: gone, left, open, text }];
}

/**
 * @param {string} name
 * @param {Entry[]} entries
 * @param {number} wasted
 * @returns {ContainerLine}
 */
function container(name, entries, wasted) {
  const first = entries[0].data;
  const out = entries.reduce((sum, e) => sum + micrograms(e.data.drawn_mg), 0);
  const held = first.size_mg ? micrograms(first.size_mg) : null;
  const left = held === null ? null : held - out - wasted;
  const single = first.single_dose ?? true;
  const of = held === null ? "" : ` of ${mg(held)}`;
  const rest = left === null ? "" : `, wasted ${mg(wasted)}, left ${mg(left)}`;
  return {
    container: name,
    lot: first.lot ?? "",
    out,
    wasted,
    left,
    open: left !== null && left !== 0 && (single || left < 0),
    text: `${name}: drawn ${mg(out)}${of}${rest}`,
  };
}

/**
 * Waste that no second person has confirmed.
 * @param {Projection} seen
 */
export function unwitnessed(seen) {
  const witnessed = new Set(seen.of("witness").map((e) => String(e.data.waste)));
  return seen.of("waste").filter((e) => !witnessed.has(e.id));
}

// @ts-check
// The log in its order: each event once, corrections applied, what was struck out left out.
import { atOf, by, ms, serverOf, timesOf } from "./times.js";

/** @import { Entry, LogEvent } from "../types.js" */
/** @typedef {{event: LogEvent, at: number}} Placed */

/**
 * @param {LogEvent[]} events
 * @returns {LogEvent[]} each event once; the first to arrive counts
 */
export function once(events) {
  /** @type {Map<string, LogEvent>} */
  const known = new Map();
  for (const event of events) {
    const other = known.get(event.id);
    if (!other || serverOf(event) < serverOf(other)) known.set(event.id, event);
  }
  return [...known.values()];
}

/**
 * Each event with its time. A device whose clock jumps back does not reorder its own entries.
 * @param {LogEvent[]} events
 * @returns {Placed[]}
 */
function placed(events) {
  /** @type {Map<string, number>} */
  const newest = new Map();
  const byDevice = by(
    (/** @type {LogEvent} */ e) => e.device ?? "",
    (e) => e.seq ?? 0,
    (e) => timesOf(e).device,
    serverOf,
    (e) => e.id,
  );
  const found = [...events].sort(byDevice).map((event) => {
    let at = atOf(event);
    if (event.device && event.seq && !event.happened_at) {
      at = Math.max(at, newest.get(event.device) ?? at);
      newest.set(event.device, at);
    }
    return { event, at };
  });
  return found.sort(
    by(
      (p) => p.at,
      (p) => serverOf(p.event),
      (p) => p.event.seq ?? 0,
      (p) => p.event.id,
    ),
  );
}

/**
 * The correction of each event that counts: the last, unless a later correction struck it out.
 * @param {Placed[]} list
 * @returns {Map<string, LogEvent>}
 */
function verdicts(list) {
  const order = new Map(list.map((p, n) => [p.event.id, n]));
  /** @type {Map<string, LogEvent>} */
  const found = new Map();
  for (let n = list.length - 1; n >= 0; n--) {
    const correction = list[n].event;
    if (correction.kind !== "correction") continue;
    const target = String(correction.data?.corrects);
    const where = order.get(target);
    // A late entry may be placed before what it corrects; a correction is corrected only by a later one.
    const earlier = where !== undefined && list[where].event.kind === "correction" && where > n;
    if (!found.has(correction.id) && !earlier && !found.has(target)) found.set(target, correction);
  }
  return found;
}

/**
 * @param {LogEvent[]} events
 * @returns {Entry[]}
 */
export function entriesOf(events) {
  const list = placed(once(events));
  const judged = verdicts(list);
  /** @type {Entry[]} */
  const entries = [];
  for (const { event, at } of list) {
    if (event.kind === "correction") continue;
    const correction = judged.get(event.id);
    const change = correction?.data ?? {};
    if (correction && (change.data ?? null) === null && !("at" in change)) continue;
    entries.push({
      id: event.id,
      kind: event.kind,
      event,
      at: change.at ? ms(change.at) : at,
      data: { ...event.data, ...change.data },
      corrected: correction?.id ?? "",
    });
  }
  return entries.sort(
    by(
      (e) => e.at,
      (e) => serverOf(e.event),
      (e) => e.event.seq ?? 0,
      (e) => e.id,
    ),
  );
}

/**
 * The correction that counts for each corrected event, by that event's id.
 * @param {LogEvent[]} events
 */
export const correctionsOf = (events) => verdicts(placed(once(events)));

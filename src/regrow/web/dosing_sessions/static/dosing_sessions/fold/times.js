// @ts-check
// The time of an event by the server's clock, and how events are ordered by it.

/** @import { LogEvent } from "../types.js" */

export const MIN = 60_000;
// A clock a little ahead of this one: what was entered there a moment ago counts here at once.
const AHEAD = 3000;

/** @param {string} text */
export const ms = (text) => Date.parse(text);

// Sorting looks at each time many times; an event never changes, so it is read once.
/** @type {WeakMap<LogEvent, {device: number, at: number, server: number}>} */
const read = new WeakMap();

/** @param {LogEvent} e */
export function timesOf(e) {
  let times = read.get(e);
  if (!times) {
    const device = ms(e.device_time);
    const at = (e.happened_at ? ms(e.happened_at) : device) + (e.skew_ms ?? 0);
    times = { device, at, server: e.server_time ? ms(e.server_time) : device };
    read.set(e, times);
  }
  return times;
}

/** @param {LogEvent} e */
export const atOf = (e) => timesOf(e).at;

/** @param {LogEvent} e */
export const serverOf = (e) => timesOf(e).server;

/**
 * The moment up to which the log is folded: now, or a little later when an entry's clock is ahead.
 * @param {LogEvent[]} events
 * @param {number} now
 */
export const noticed = (events, now) =>
  events.reduce((at, e) => (atOf(e) <= now + AHEAD ? Math.max(at, atOf(e)) : at), now);

/**
 * Entered after the fact, or kept on a tablet without network.
 * @param {LogEvent} e
 * @param {number} lateAfterMs
 */
export const isLate = (e, lateAfterMs) => Boolean(e.happened_at) || serverOf(e) - atOf(e) > lateAfterMs;

/**
 * A comparison by several keys, the first that differs decides.
 * @template T
 * @param {((item: T) => string | number)[]} keys
 * @returns {(a: T, b: T) => number}
 */
export const by =
  (...keys) =>
  (a, b) => {
    for (const key of keys) {
      const [one, two] = [key(a), key(b)];
      if (one !== two) return one < two ? -1 : 1;
    }
    return 0;
  };

// @ts-check
// The tablet's time: runs on without a network and never backwards, and knows how far it is from the server's.

const STALE = 10 * 60_000; // a better measurement is believed for so long
const LONGEST = 10_000; // a slower answer measures nothing
const SLEPT = 2000; // a device clock further ahead than this woke from sleep
const STORED = "chair-clock";

/**
 * The server's clock less the tablet's in ms, measured at `at` by an answer that took `trip` ms.
 * @typedef {{offset: number, trip: number, at: number}} Fix
 */
/** @typedef {{sent: number, received: number, server: number}} Answer device times, and the server's time between */
/**
 * @typedef {object} Clock
 * @property {(answer: Answer) => void} learn takes an answer that says what time it is at the server
 * @property {() => number} offset what to add to the tablet's clock, in ms; 0 while it is right within the tolerance
 * @property {() => number | null} measured the same for the server to judge; null while nothing was measured
 * @property {() => number} deviceNow
 * @property {() => number} now the server's time as far as it is known
 */

/**
 * The best of two measurements. One that contradicts the old means that a clock was set, and wins.
 * @param {Fix | null} old
 * @param {Answer} answer
 * @param {number} tolerance
 * @returns {Fix | null}
 */
export function better(old, { sent, received, server }, tolerance) {
  const trip = received - sent;
  if (!Number.isFinite(server) || trip < 0 || trip > LONGEST) return old;
  const measured = { offset: Math.round(server - (sent + received) / 2), trip, at: received };
  const contradicts = old && Math.abs(old.offset - measured.offset) > old.trip + trip + tolerance;
  return !old || contradicts || trip <= old.trip || received - old.at > STALE ? measured : old;
}

/**
 * @param {number} tolerance a clock that is off by less, in ms, is taken as right
 * @param {{storage?: Pick<Storage, "getItem" | "setItem">, date?: () => number, ticks?: () => number}} [sources]
 * @returns {Clock}
 */
export function createClock(tolerance, sources = {}) {
  const { storage = localStorage, date = () => Date.now(), ticks = () => performance.now() } = sources;
  /** @type {Fix | null} */
  let fix = JSON.parse(storage.getItem(STORED) ?? "null");
  let anchor = { date: date(), ticks: ticks() };
  const running = () => anchor.date + ticks() - anchor.ticks;

  function deviceNow() {
    const before = running();
    if (date() - before > SLEPT) anchor = { date: date(), ticks: ticks() };
    return Math.max(before, running());
  }
  const offset = () => (fix && Math.abs(fix.offset) > tolerance + fix.trip ? fix.offset : 0);

  return {
    learn(answer) {
      fix = better(fix, answer, tolerance);
      if (fix) storage.setItem(STORED, JSON.stringify(fix));
    },
    offset,
    measured: () => (fix ? offset() : null),
    deviceNow,
    now: () => deviceNow() + offset(),
  };
}

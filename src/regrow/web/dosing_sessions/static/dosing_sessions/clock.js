// The tablet's time: runs on by itself and never backwards, and knows how far it is from the server's.

const TOLERANCE = 1500; // a clock that is off by less is taken as right
const STALE = 10 * 60_000; // a better measurement is believed for so long
const LONGEST = 10_000; // a slower answer measures nothing
const KEPT = "chair-clock";

let anchor = { date: Date.now(), perf: performance.now() };
export function deviceNow() {
  const running = anchor.date + performance.now() - anchor.perf;
  if (Date.now() - running > 2000) anchor = { date: Date.now(), perf: performance.now() }; // it slept
  return Math.max(running, anchor.date + performance.now() - anchor.perf);
}

// { offset, trip, at }: the server's clock less the tablet's in ms, measured by an answer that took `trip` ms.
let fix = JSON.parse(localStorage.getItem(KEPT) ?? "null");

/** The best of two measurements. One that contradicts the old means that a clock was set, and wins. */
export function better(old, { sent, received, server }) {
  const trip = received - sent;
  if (!Number.isFinite(server) || trip < 0 || trip > LONGEST) return old;
  const measured = { offset: Math.round(server - (sent + received) / 2), trip, at: received };
  const contradicts = old && Math.abs(old.offset - measured.offset) > old.trip + trip + TOLERANCE;
  return !old || contradicts || trip <= old.trip || received - old.at > STALE ? measured : old;
}

/** Learns from an answer that says what time it is at the server. */
export function learn(answer) {
  fix = better(fix, answer);
  if (fix) localStorage.setItem(KEPT, JSON.stringify(fix));
}

/** What to add to the tablet's clock, in ms; 0 while it is right within the tolerance or was never measured. */
export const offset = () => (fix && Math.abs(fix.offset) > TOLERANCE + fix.trip ? fix.offset : 0);
/** What the tablet itself adds, for the server to judge: both must order the entries alike, so a difference that a
 *  slow answer may have made up is none for either. Null while nothing was measured. */
export const measured = () => (fix ? offset() : null);
export const now = () => deviceNow() + offset();

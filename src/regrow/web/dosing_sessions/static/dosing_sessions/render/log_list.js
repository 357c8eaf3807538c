// @ts-check
// Every entry of the log, the newest first, with what became of it.
import { describe, nameOf } from "../describe.js";
import { correctionsOf, isLate } from "../fold.js";
import { html } from "../html.js";
import { wallClock } from "../wall_time.js";

/** @import { Chair, LogEvent } from "../types.js" */

// Signed, or a fact about the log itself: not corrected on the tablet.
const FIXED = ["order", "presence", "correction", "handover", "close"];

/** @param {LogEvent} e */
const typedAt = (e) => Date.parse(e.happened_at ?? e.device_time);

/** @param {Chair} chair */
export function logList(chair) {
  const { log, queue } = chair.sync;
  const corrections = correctionsOf(log);
  const waiting = new Set(queue.map((q) => q.id));
  const newestFirst = [...log].sort((a, b) => typedAt(b) - typedAt(a));
  return html`${newestFirst.map((e) => row(chair, e, corrections.get(e.id), waiting.has(e.id)))}`;
}

/**
 * @param {Chair} chair
 * @param {LogEvent} e
 * @param {LogEvent | undefined} correction
 * @param {boolean} waits
 */
function row(chair, e, correction, waits) {
  const { zone } = chair.frame;
  const struck = correction !== undefined && (correction.data?.data ?? null) === null;
  const text = describe(chair, e);
  const late = isLate(e, chair.rules.constants.late_after_ms);
  const correct = html`<button class="button quiet" data-do="correct" data-arg="${e.id}">
    Correct<span class="hidden"> the entry of ${wallClock(zone, Date.parse(e.device_time))}</span>
  </button>`;
  return html`<li>
    <span class="num nowrap">${wallClock(zone, typedAt(e) + (e.skew_ms ?? 0))}</span
    ><span class="grow"
      >${struck ? html`<s>${text}</s>` : text}<span class="small"> · ${nameOf(chair, e.author)}</span></span
    >${waits && html`<span class="chip warn">on this tablet</span>`}${late &&
    html`<span class="chip plain">late entry</span>`}${correction &&
    !struck &&
    html`<span class="chip plain">corrected</span>`}${!FIXED.includes(e.kind) && !struck && correct}
  </li>`;
}

// @ts-check
// The session log folded into its state at one moment.
import { activeAlarms, vitalsDueAt } from "./alarms.js";
import { beforeList, captured, dischargeList, windowOf } from "./checklists.js";
import { containerLines, unwitnessed } from "./containers.js";
import { entriesOf, once } from "./log.js";
import { nextAction } from "./next_action.js";
import { Projection } from "./projection.js";
import { impaired, refusals } from "./refusals.js";
import { by, isLate, MIN, serverOf } from "./times.js";

/** @import { Breach, Clock, DueItem, Entry, LogEvent } from "../types.js" */
/** @import { Refusal, Rules, SessionState, StateWithAction } from "../types.js" */

/**
 * @param {Rules} rules
 * @param {LogEvent[]} events
 * @param {number} at
 * @param {Map<string, boolean>} [judged] which leavings were in order when they were made
 */
function run(rules, events, at, judged = new Map()) {
  const entries = entriesOf(events).filter((e) => e.at <= at);
  const seen = new Projection(rules);
  /** @type {Breach[]} */
  const breaches = [];
  for (const entry of entries) {
    const found = refusals(seen, entry).filter((r) => r.force !== "warn");
    breaches.push(...found.map((r) => ({ event: entry.id, rule: r.rule, text: r.text })));
    if (!found.length || inEffect(rules, events, entry, found, judged)) seen.take(entry);
  }
  seen.pump?.runTo(at);
  return { seen, breaches, entries };
}

/**
 * Whether an entry counts although a rule is against it. What happened to the patient happened and counts, until they
 * left. Discharging and closing are acts of the clinic and count only when they were in order.
 * @param {Rules} rules
 * @param {LogEvent[]} events
 * @param {Entry} entry
 * @param {Refusal[]} found
 * @param {Map<string, boolean>} judged
 */
function inEffect(rules, events, entry, found, judged) {
  if (found.some((r) => ["left", "closed", "nothing_given"].includes(r.rule))) return false;
  if (!rules.constants.kinds.acts.includes(entry.kind)) return true;
  if (!judged.has(entry.id)) {
    judged.set(entry.id, false);
    const made = serverOf(entry.event);
    const known = events.filter((e) => serverOf(e) <= made && e.id !== entry.id);
    if (known.length < events.length - 1) {
      const { seen } = run(rules, known, entry.at, judged);
      judged.set(entry.id, !refusals(seen, entry).some((r) => r.force !== "warn"));
    }
  }
  return Boolean(judged.get(entry.id));
}

/**
 * Every rule against a new event, at the time at which it happened. Empty when it may be recorded. A correction is
 * judged by the server alone.
 * @param {Rules} rules
 * @param {LogEvent[]} events
 * @param {LogEvent} event
 * @returns {Refusal[]}
 */
export function refusalsOf(rules, events, event) {
  const log = once(events);
  const entry = entriesOf([...log, event]).find((e) => e.id === event.id);
  return entry ? refusals(run(rules, log, entry.at).seen, entry) : [];
}

/**
 * The state of a session at `at`. Later events are not looked at.
 * @param {Rules} rules
 * @param {LogEvent[]} events
 * @param {number} at
 * @returns {StateWithAction}
 */
export function fold(rules, events, at) {
  const { seen, breaches, entries } = run(rules, once(events), at);
  const { pump } = seen;
  const leftAt = seen.departed?.at ?? null;
  const clocks = clocksOf(seen, leftAt, at);
  const due = seen.departed ? [] : dueOf(seen, clocks, at);
  const nextDevice = due.find((d) => d.id === "device")?.at ?? null;
  const devices = { given: seen.given.length, ordered: seen.devicesOrdered, next_at: nextDevice };
  /** @type {SessionState} */
  const state = {
    phase: seen.phase,
    at,
    order: seen.order,
    ordered_mg: seen.order ? Number(seen.order.prepared_mg) : null,
    started_at: seen.firstDoseAt,
    delivered_mg: seen.deliveredMg,
    delivered_ml: pump?.delivered ?? 0,
    left_ml: pump?.left ?? 0,
    in_line_mg: pump?.inLineMg ?? 0,
    infusion_ends_at: pump?.endsAt() ?? null,
    ended_at: seen.endedAt,
    left_at: leftAt,
    runs: pump?.runs ?? [],
    rate: pump?.rate ?? null,
    devices: rules.devices ? devices : null,
    clocks,
    due: due.map((d) => ({ ...d, overdue_min: Math.max(0, Math.floor((at - d.at) / MIN)) })),
    alarms: seen.departed ? [] : activeAlarms(seen, at),
    before: beforeList(seen),
    discharge: dischargeList(seen, leftAt ?? at),
    containers: containerLines(seen),
    unwitnessed: unwitnessed(seen).map((e) => e.id),
    wastes: unwitnessed(seen),
    unsigned_vitals: seen.unsigned.length,
    vitals: entries.filter((e) => e.kind === "vital" && !e.data.artefact),
    open_symptoms: seen.openSymptoms,
    scores: seen.of("scale"),
    ride: entries.filter((e) => e.kind === "ride").at(-1)?.data.name ?? null,
    prescriber_here: seen.prescriberHere,
    consent_withdrawn: seen.consentWithdrawn,
    impaired: impaired(seen, leftAt ?? at),
    breaches,
    entries,
    late: entries.filter((e) => isLate(e.event, rules.constants.late_after_ms)).map((e) => e.id),
  };
  return { ...state, next: nextAction(rules, state) };
}

/**
 * @param {Projection} seen
 * @param {number | null} leftAt
 * @param {number} at
 */
function clocksOf(seen, leftAt, at) {
  const until = leftAt ?? at;
  /** @type {Record<string, Clock>} */
  const clocks = {};
  for (const rule of seen.rules.clocks) {
    const anchor = seen.anchor(rule.anchor);
    const started = anchor !== null && anchor <= until ? anchor : null;
    clocks[rule.id] = {
      text: rule.text,
      started_at: started,
      stopped_at: leftAt,
      elapsed_min: started === null ? 0 : (until - started) / MIN,
      at_least_min: rule.at_least_min,
      done_at: started !== null && rule.at_least_min ? started + rule.at_least_min * MIN : null,
    };
  }
  return clocks;
}

/**
 * What is to be done, the earliest first.
 * @param {Projection} seen
 * @param {Record<string, Clock>} clocks
 * @param {number} at
 */
function dueOf(seen, clocks, at) {
  /** @type {DueItem[]} */
  const due = [];
  const vitals = vitalsDueAt(seen);
  if (vitals !== null) due.push({ id: "vitals", text: "Vital signs", at: vitals });
  for (const capture of seen.rules.captures) {
    const window = windowOf(seen, capture);
    if (window && !captured(seen, capture)) due.push({ id: capture.id, text: capture.text, at: window.due });
  }
  const last = seen.given.at(-1);
  if (seen.rules.devices && last && seen.endedAt === null) {
    const text = `Device ${seen.given.length + 1}`;
    due.push({ id: "device", text, at: last.at + seen.rules.devices.apart_min * MIN });
  }
  for (const [id, clock] of Object.entries(clocks)) {
    if (clock.done_at !== null && clock.done_at > at) due.push({ id, text: clock.text, at: clock.done_at });
  }
  return due.sort(
    by(
      (d) => d.at,
      (d) => d.id,
    ),
  );
}

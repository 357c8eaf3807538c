// @ts-check
// Alarms: a limit crossed by the newest reading, a rise from baseline, a limit crossed at two readings, emergencies.
// Priorities are those of IEC 60601-1-8. A limit that was not signed raises no alarm.
import { lastRun } from "./checklists.js";
import { PRESSURE } from "./projection.js";
import { by, MIN } from "./times.js";

/** @import { Alarm, AlarmRule, Entry } from "../types.js" */
/** @import { Projection } from "./projection.js" */
/** @typedef {Omit<Alarm, "acknowledged_by" | "call_due">} FoundAlarm */

export const RANK = { high: 0, medium: 1, low: 2 };

/**
 * When the next set of vital signs is due; null before the first dose and after leaving.
 * @param {Projection} seen
 */
export function vitalsDueAt(seen) {
  const every = seen.limit("vitals_every_min");
  if (seen.firstDoseAt === null || every === null || seen.departed) return null;
  return Math.max(seen.firstDoseAt, ...seen.vitals(...PRESSURE).map((e) => e.at)) + every * MIN;
}

/**
 * The alarms at `at`, the highest priority first. After leaving: those that were never resolved.
 * @param {Projection} seen
 * @param {number} at
 * @returns {Alarm[]}
 */
export function activeAlarms(seen, at) {
  if (!seen.order || (seen.firstDoseAt === null && !seen.rules.at_home)) return [];
  return seen.rules.alarms
    .filter((rule) => seen.firstDoseAt !== null || rule.on === "symptom:emergency")
    .flatMap((rule) => found(seen, rule, at))
    .map((alarm) => answered(seen, alarm, at))
    .sort(
      by(
        (a) => RANK[a.priority],
        (a) => a.since,
      ),
    );
}

/**
 * @param {Projection} seen
 * @param {AlarmRule} rule
 * @param {number} at
 * @returns {FoundAlarm[]}
 */
function found(seen, rule, at) {
  if (rule.on === "symptom:emergency") return emergencies(seen, rule);
  if (rule.on === "overdue:vitals") return overdue(seen, rule, at);
  if (rule.on.startsWith("scale:")) return score(seen, rule);
  return vital(seen, rule);
}

/**
 * @param {Projection} seen
 * @param {AlarmRule} rule
 * @returns {FoundAlarm[]}
 */
function emergencies(seen, rule) {
  return seen.openSymptoms.flatMap((entry) => {
    const term = seen.rules.symptoms[entry.data.symptom];
    if (!term?.emergency) return [];
    const { priority } = rule;
    return [
      {
        id: `${rule.id}:${term.id}`,
        priority,
        text: term.text,
        since: entry.at,
        event: entry.id,
        do: term.emergency,
      },
    ];
  });
}

/**
 * @param {Projection} seen
 * @param {AlarmRule} rule
 * @param {number} at
 * @returns {FoundAlarm[]}
 */
function overdue(seen, rule, at) {
  const [due, every] = [vitalsDueAt(seen), seen.limit("vitals_every_min")];
  const late = due === null ? 0 : Math.floor((at - due) / MIN);
  if (due === null || !every || late < 1) return [];
  // A whole interval was missed.
  const priority = late >= every && rule.priority === "low" ? "medium" : rule.priority;
  const event = seen.of("order").at(-1)?.id ?? "";
  return [{ id: rule.id, priority, text: `${rule.text} by ${late} min`, since: due, event, do: "" }];
}

/**
 * @param {Projection} seen
 * @param {AlarmRule} rule
 * @returns {FoundAlarm[]}
 */
function score(seen, rule) {
  const below = seen.limit(rule.below);
  const scores = seen.scores(rule.on.slice("scale:".length));
  const last = scores.at(-1);
  if (below === null || !last || !(last.data.total < below)) return [];
  const since = lastRun(scores, (e) => e.data.total < below)[0].at;
  return [
    { id: rule.id, priority: rule.priority, text: `${rule.text} ${last.data.total}`, since, event: last.id, do: "" },
  ];
}

/**
 * @param {Projection} seen
 * @param {AlarmRule} rule
 * @returns {FoundAlarm[]}
 */
function vital(seen, rule) {
  const first = seen.firstDoseAt;
  if (first === null) return [];
  const readings = seen.vitals(rule.on);
  const after = readings.filter((e) => e.at > first);
  const last = after.at(-1);
  const [atLeast, below, rise] = [seen.limit(rule.at_least), seen.limit(rule.below), seen.limit(rule.rise_at_least)];
  /** @type {number | null} */
  const baseline = readings.filter((e) => e.at <= first).at(-1)?.data[rule.on] ?? null;
  const beyond = (/** @type {Entry} */ e) => {
    const value = e.data[rule.on];
    return (
      (atLeast !== null && value >= atLeast) ||
      (below !== null && value < below) ||
      (rise !== null && baseline !== null && value - baseline >= rise)
    );
  };
  if (!last || !beyond(last)) return [];
  const run = lastRun(after, beyond);
  const unit = { spo2_percent: "%", pulse_per_min: " /min" }[rule.on] ?? " mmHg";
  const limit = atLeast ?? below;
  const bound = limit !== null ? `limit ${limit}` : `${rise} above ${baseline} allowed`;
  const text = `${rule.text}: ${last.data[rule.on]}${unit}, ${bound}`;
  const alarm = { id: rule.id, priority: rule.priority, text, since: run[0].at, event: last.id, do: "" };
  const apart = seen.limit(rule.apart) ?? 0;
  const again = rule.readings > 1 && !(run.length > 1 && last.at - run[0].at >= apart * MIN);
  if (!again) return [alarm];
  return [{ ...alarm, priority: "low", text: `${text}; measure again ${apart} min after the first` }];
}

/**
 * With who acknowledged it, and whether the prescriber is due to be called.
 * @param {Projection} seen
 * @param {FoundAlarm} alarm
 * @param {number} at
 * @returns {Alarm}
 */
function answered(seen, alarm, at) {
  const acknowledged = seen.of("acknowledge").filter((e) => e.data.alarm === alarm.id && e.at >= alarm.since);
  const after = seen.limit("escalate_after_min");
  const called = seen.of("call").some((e) => e.at >= alarm.since);
  const tooLong = after !== null && at - alarm.since >= after * MIN;
  const due = !called && alarm.priority !== "low" && (tooLong || alarm.id.startsWith("emergency"));
  return { ...alarm, acknowledged_by: acknowledged.at(-1)?.event.author ?? "", call_due: due };
}

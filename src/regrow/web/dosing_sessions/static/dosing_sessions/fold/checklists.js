// @ts-check
// The pre-dose checklist and the discharge criteria, and the windows of timed measurements.
import { PRESSURE } from "./projection.js";
import { MIN } from "./times.js";

/** @import { CaptureRule, ChecklistItem, DischargeCriterion, Entry, Force, PreDoseItem } from "../types.js" */
/** @import { Projection } from "./projection.js" */
/** @typedef {{text?: string, missing?: string, since?: number | null}} Details */
/** @typedef {(state: ChecklistItem["state"], because?: Entry[], details?: Details) => ChecklistItem} Answer */

/** @param {Entry} entry */
export const pressure = (entry) => `${entry.data.systolic_mmhg}/${entry.data.diastolic_mmhg}`;

/**
 * Makes the lines of one criterion.
 * @param {Projection} seen
 * @param {{id: string, text: string, force?: Force}} item
 * @returns {Answer}
 */
function line(seen, item) {
  const overridden = seen.overridden.has(item.id);
  return (state, because = [], { text = item.text, missing = "", since = null } = {}) => ({
    criterion: item.id,
    state,
    force: item.force ?? "hard",
    overridden,
    text,
    missing: missing ? [missing] : [],
    because: because.map((e) => e.id),
    since: since ?? because.at(-1)?.at ?? null,
    open: state !== "met" && !overridden,
  });
}

/**
 * The line with what would satisfy it.
 * @param {ChecklistItem} row
 */
export function sentence(row) {
  const missing = row.missing.filter((text) => !row.text.includes(text));
  const willDo = missing.length ? ` (${missing[0]})` : "";
  return row.text + willDo + (row.force === "gate" && row.open ? "; or the prescriber's override" : "");
}

/** @param {Projection} seen */
export const beforeList = (seen) => seen.rules.before.map((item) => before(seen, item));

/**
 * @param {Projection} seen
 * @param {PreDoseItem} item
 */
function before(seen, item) {
  const answer = line(seen, item);
  const first = seen.firstDoseAt;
  const early = (/** @type {Entry} */ e) => first === null || e.at <= first;
  switch (item.kind) {
    case "identity":
      return identity(seen, answer, seen.of("identity").filter(early).at(-1));
    case "double_check": {
      const own = new Set(
        seen
          .of("draw")
          .filter(early)
          .map((e) => e.event.author),
      );
      const second = seen
        .of("double_check")
        .filter(early)
        .filter((e) => !own.has(e.event.author))
        .at(-1);
      if (second) return answer("met", [second]);
      return answer("not_documented", [], { missing: "a check by someone who did not prepare the dose" });
    }
    case "vitals":
    case "pressure": {
      const last = seen
        .vitals(...PRESSURE)
        .filter(early)
        .at(-1);
      if (!last) return answer("not_documented", [], { missing: "take a first set of vital signs" });
      return item.kind === "vitals" ? answer("met", [last]) : startPressure(seen, answer, last);
    }
    case "presence": {
      const last = seen.of("presence").slice(-1);
      if (seen.prescriberHere) return answer("met", last);
      const state = seen.prescriberHere === null ? "not_documented" : "not_met";
      return answer(state, last, { missing: "a prescriber marks themselves on site" });
    }
    default: {
      const check = seen
        .of("check")
        .filter(early)
        .filter((e) => e.data.check === item.id)
        .at(-1);
      if (!check) return answer("not_documented");
      return answer((check.data.holds ?? true) ? "met" : "not_met", [check]);
    }
  }
}

/**
 * @param {Projection} seen
 * @param {Answer} answer
 * @param {Entry | undefined} entry
 */
function identity(seen, answer, entry) {
  if (!entry) return answer("not_documented", [], { missing: "two identifiers, such as name and date of birth" });
  /** @type {string[]} */
  const how = entry.data.by;
  if (how.length < 2) return answer("not_met", [entry], { missing: "a second identifier" });
  const third = seen.rules.constants.third_identifiers;
  if (seen.order?.name_alike && !third.some((n) => how.includes(n))) {
    const missing = "Name alert: similar name today; verify photo or MRN";
    return answer("not_met", [entry], { missing });
  }
  return answer("met", [entry]);
}

/**
 * @param {Projection} seen
 * @param {Answer} answer
 * @param {Entry} last
 */
function startPressure(seen, answer, last) {
  const [systolic, diastolic] = [seen.limit("start_hold_systolic_mmhg"), seen.limit("start_hold_diastolic_mmhg")];
  const high =
    (systolic !== null && last.data.systolic_mmhg > systolic) ||
    (diastolic !== null && last.data.diastolic_mmhg > diastolic);
  if (!high) return answer("met", [last]);
  const missing = `a reading of ${systolic}/${diastolic} or less`;
  return answer("not_met", [last], { text: `Blood pressure was ${pressure(last)}`, missing });
}

/**
 * @param {Projection} seen
 * @param {number} at
 */
export const dischargeList = (seen, at) => seen.rules.discharge.map((rule) => discharge(seen, rule, at));

/**
 * Only what was seen after the end of the dose counts.
 * @param {Projection} seen
 * @param {DischargeCriterion} rule
 * @param {number} at
 */
function discharge(seen, rule, at) {
  const answer = line(seen, rule);
  const end = seen.endedAt;
  if (rule.kind === "ride") {
    const ride = seen.last("ride");
    if (ride) return answer("met", [ride], { text: `${rule.text}: ${ride.data.name}` });
    return answer("not_documented", [], { missing: "the name of the ride home" });
  }
  if (end === null || end > at) {
    const word = { infusion: "infusion", devices: "last device", single: "dose" }[seen.rules.way];
    return answer("not_documented", [], { missing: `the end of the ${word}` });
  }
  if (rule.kind === "observation") {
    const need = seen.limit("observation_min");
    if (need !== null) return waited(answer, rule.text, end, at, need);
    return answer("not_documented", [], { missing: "a signed observation time" });
  }
  if (rule.kind === "clock") {
    const clock = seen.rules.clocks.find((c) => c.id === rule.clock);
    const since = seen.anchor(clock?.anchor ?? "");
    if (since !== null && clock?.at_least_min) return waited(answer, rule.text, since, at, clock.at_least_min);
    return answer("not_documented", [], { missing: `the ${(clock?.anchor ?? "").replace("_", " ")}` });
  }
  if (rule.kind === "capture") {
    const capture = seen.rules.captures.find((c) => c.id === rule.capture);
    const taken = capture && captured(seen, capture);
    if (taken) return answer("met", [taken], { text: `${rule.text}: ${pressure(taken)}` });
    return answer("not_documented", [], { missing: "a reading within its time window" });
  }
  return afterDose(seen, rule, answer, end);
}

/**
 * @param {Projection} seen
 * @param {DischargeCriterion} rule
 * @param {Answer} answer
 * @param {number} end
 */
function afterDose(seen, rule, answer, end) {
  if (rule.kind === "scale") {
    const scores = seen.scores(rule.scale ?? "").filter((e) => e.at >= end);
    const title = seen.rules.scales[rule.scale ?? ""]?.title ?? "scale";
    const holds = (/** @type {Entry} */ e) =>
      (rule.at_least ?? -Infinity) <= e.data.total && e.data.total <= (rule.at_most ?? Infinity);
    return latest(answer, scores, holds, {
      none: `${title} after the end`,
      text: (last) => `${rule.text}: ${last.data.total}`,
    });
  }
  if (rule.kind === "pressure") {
    const [systolic, diastolic] = [seen.limit("discharge_systolic_mmhg"), seen.limit("discharge_diastolic_mmhg")];
    const known = systolic !== null && diastolic !== null;
    const bound = `a reading under ${known ? `${systolic}/${diastolic}` : "the signed limit"}`;
    const readings = seen.vitals(...PRESSURE).filter((e) => e.at >= end);
    const holds = (/** @type {Entry} */ e) =>
      (systolic === null || e.data.systolic_mmhg < systolic) &&
      (diastolic === null || e.data.diastolic_mmhg < diastolic);
    return latest(answer, readings, holds, {
      none: `${bound} after the end`,
      text: (last) => `${rule.text}: ${pressure(last)}`,
      bound,
    });
  }
  if (rule.kind === "spo2") {
    const least = seen.limit("discharge_spo2_percent");
    const bound = `SpO₂ of ${least}% or more`;
    const readings = seen.vitals("spo2_percent").filter((e) => e.at >= end);
    return latest(answer, readings, (e) => least === null || e.data.spo2_percent >= least, {
      none: `${bound} after the end`,
      text: (last) => `${rule.text}: ${last.data.spo2_percent}%`,
      bound,
    });
  }
  const findings = seen.of("finding").filter((e) => e.data.criterion === rule.id && e.at >= end);
  return latest(answer, findings, (e) => Boolean(e.data.holds), {
    none: rule.text[0].toLowerCase() + rule.text.slice(1),
    text: () => rule.text,
  });
}

/**
 * Decided by the latest entry; met since the first of the unbroken run that ends with it.
 * @param {Answer} answer
 * @param {Entry[]} entries
 * @param {(entry: Entry) => boolean} holds
 * @param {{none: string, text: (last: Entry) => string, bound?: string}} words
 */
function latest(answer, entries, holds, words) {
  const last = entries.at(-1);
  if (!last) return answer("not_documented", [], { missing: words.none });
  const text = words.text(last);
  if (!holds(last)) return answer("not_met", [last], { text, missing: words.bound });
  return answer("met", [last], { text, since: lastRun(entries, holds)[0].at });
}

/**
 * The unbroken run of entries of which `holds` is true that ends with the last one.
 * @param {Entry[]} entries
 * @param {(entry: Entry) => boolean} holds
 */
export function lastRun(entries, holds) {
  const broken = entries.findLastIndex((entry) => !holds(entry));
  return entries.slice(broken + 1);
}

/**
 * @param {Answer} answer
 * @param {string} text
 * @param {number} since
 * @param {number} at
 * @param {number} need minutes
 */
function waited(answer, text, since, at, need) {
  const done = since + need * MIN;
  const shown = `${text}: ${Math.floor(Math.max(at - since, 0) / MIN)} of ${need} min`;
  if (at >= done) return answer("met", [], { text: shown, since: done });
  return answer("not_met", [], { text: shown, missing: `${Math.ceil((done - at) / MIN)} min more` });
}

/**
 * When a timed measurement opens, is due and closes; null before its anchor, or when its limit was left empty.
 * @param {Projection} seen
 * @param {CaptureRule} capture
 */
export function windowOf(seen, capture) {
  const anchor = seen.anchor(capture.anchor);
  if (anchor === null || !seen.order) return null;
  const after = /^\d/.test(capture.at_min) ? Number(capture.at_min) : seen.limit(capture.at_min);
  if (after === null) return null;
  const due = anchor + after * MIN;
  const [early, late] = [seen.limit(capture.early), seen.limit(capture.late)];
  return { opens: early === null ? anchor : due - early * MIN, due, closes: late === null ? null : due + late * MIN };
}

/**
 * The first measurement inside the window, or null.
 * @param {Projection} seen
 * @param {CaptureRule} capture
 */
export function captured(seen, capture) {
  const window = windowOf(seen, capture);
  if (!window) return null;
  const entries = capture.what === "pressure" ? seen.vitals(...PRESSURE) : seen.scores(capture.what);
  return entries.find((e) => window.opens <= e.at && (window.closes === null || e.at <= window.closes)) ?? null;
}

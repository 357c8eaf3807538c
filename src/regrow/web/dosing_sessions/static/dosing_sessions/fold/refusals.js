// @ts-check
// Why an event cannot be recorded now, in sentences that say what would satisfy them.
// hard: nothing overrides it. gate: a prescriber may override. warn: shown, and acknowledged by sending it again.
import { activeAlarms } from "./alarms.js";
import { beforeList, dischargeList, sentence } from "./checklists.js";
import { containerLines, micrograms, unwitnessed } from "./containers.js";
import { MIN } from "./times.js";

/** @import { Entry, Refusal } from "../types.js" */
/** @import { Projection } from "./projection.js" */
/** @typedef {Generator<Refusal, void, undefined>} Refusals */

const PUMP_KINDS = ["start", "pause", "resume", "rate", "stop", "complete", "flush"];

/**
 * Every rule against `entry`, given what was seen before it; overridden gates and acknowledged notes are left out.
 * @param {Projection} seen
 * @param {Entry} entry
 */
export function refusals(seen, entry) {
  const acknowledged = entry.data.acknowledged ?? [];
  return [...against(seen, entry)].filter(
    (r) =>
      !(r.force === "gate" && seen.overridden.has(r.rule)) && !(r.force === "warn" && acknowledged.includes(r.rule)),
  );
}

/**
 * @param {string} rule
 * @param {string} text
 * @returns {Refusal}
 */
const hard = (rule, text) => ({ rule, force: "hard", text });

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* against(seen, entry) {
  const { kind } = entry;
  const { kinds, prescribing_roles } = seen.rules.constants;
  const stop = stops(seen, entry);
  if (stop) return yield stop;
  if (kinds.dosing.includes(kind) && seen.consentWithdrawn) {
    yield hard("consent", "The patient withdrew consent. Do not give more in this session.");
  }
  if (kind === "order" && seen.dosed) {
    yield hard("order_after_dose", "The dose has started under its order. Stop it or change the rate.");
  }
  if (kind === "double_check" && seen.of("draw").some((e) => e.event.author === entry.event.author)) {
    const text = "You prepared this dose. A second staff member must sign in and do the double check.";
    yield hard("own_check", text);
  }
  if (kind === "draw") yield* draw(seen, entry);
  if (kind === "waste") yield* waste(seen, entry);
  if (kind === "witness") yield* witness(seen, entry);
  if (PUMP_KINDS.includes(kind)) yield* pump(seen, entry);
  if (kind === "device") yield* device(seen, entry);
  if (kind === "administer") yield* administer(seen, entry);
  if (kind === "override" && !prescribing_roles.includes(entry.event.role ?? "")) {
    yield hard("override_role", "Only a prescriber can override. The prescriber must sign in.");
  }
  if (kind === "consent" && impaired(seen, entry.at)) {
    yield hard("impaired", "No consent, signature or payment until the discharge criteria are met.");
  }
  if (kind === "handover") yield* handover(seen, entry);
  if (kind === "left") yield* left(seen);
  if (kind === "close") yield* close(seen, entry);
}

/**
 * The one rule that makes every other irrelevant, or null.
 * @param {Projection} seen
 * @param {Entry} entry
 */
function stops(seen, entry) {
  const { kinds } = seen.rules.constants;
  if (seen.closed) {
    return hard("closed", "The session is closed. Add missing information as a correction.");
  }
  if (seen.departed && !kinds.after_leaving.includes(entry.kind) && entry.at >= seen.departed.at) {
    return hard("left", "The patient has left. Add missing information as a late entry.");
  }
  if (!seen.order && [...kinds.dosing, "draw", "handover"].includes(entry.kind)) {
    return hard("order", "This session has no signed order. Ask the prescriber to sign one.");
  }
  if (!kinds.unnamed.includes(entry.kind) && needsThirdIdentifier(seen)) {
    const text = "Name alert: similar name today. Verify photo or MRN before any entry.";
    return hard("name_alike", text);
  }
  return null;
}

/** @param {Projection} seen */
function needsThirdIdentifier(seen) {
  const third = seen.rules.constants.third_identifiers;
  return Boolean(seen.order?.name_alike) && !seen.of("identity").some((e) => third.some((n) => e.data.by.includes(n)));
}

/**
 * @param {Projection} seen
 * @param {number} at
 * @param {string} what
 * @returns {Refusals}
 */
function* openAlarms(seen, at, what) {
  for (const alarm of activeAlarms(seen, at).filter((a) => a.priority !== "low")) {
    const ways = "Record that it is resolved, or have the prescriber override.";
    yield {
      rule: "open_alarm",
      force: "gate",
      text: `Cannot ${what} yet: the alarm “${alarm.text}” is active. ${ways}`,
    };
  }
}

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* draw(seen, entry) {
  const { container, expiry, size_mg, drawn_mg } = entry.data;
  if (expiry && expiry < new Date(entry.at).toISOString().slice(0, 10)) {
    yield hard("expired", `${container} expired on ${expiry}; use another one and quarantine this one.`);
  }
  if (!size_mg) return;
  const held = containerLines(seen).find((l) => l.container === String(container))?.left ?? micrograms(size_mg);
  if (micrograms(drawn_mg) > held) {
    yield hard("draw_too_much", `${container} holds ${held / 1000} mg; ${drawn_mg} mg cannot be drawn from it.`);
  }
}

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* waste(seen, entry) {
  const name = String(entry.data.container);
  const known = containerLines(seen).find((l) => l.container === name);
  if (!known) {
    return yield hard("waste_unknown", `${name} was not drawn from in this session; record the draw first.`);
  }
  if (name === seen.rules.constants.preparation && seen.dosed && seen.endedAt === null) {
    return yield hard("waste_running", "The dose is still running. Stop or finish it, then waste the remainder.");
  }
  if (known.left !== null && micrograms(entry.data.mg) > known.left) {
    const text = `${name} has ${known.left / 1000} mg left; ${entry.data.mg} mg cannot be wasted from it.`;
    yield hard("waste_too_much", text);
  }
}

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* witness(seen, entry) {
  const wasted = seen.of("waste").find((e) => e.id === String(entry.data.waste));
  if (!wasted) return yield hard("witness_unknown", "That waste is not in this session's log.");
  if (wasted.event.author === entry.event.author) {
    const text = "You can't witness your own waste. A second staff member must sign in and confirm.";
    yield hard("own_witness", text);
  } else if (wasted.event.device && wasted.event.device === entry.event.device) {
    const text = "Witness on a different device from the one that recorded the waste.";
    yield hard("same_device", text);
  }
}

/**
 * @param {Projection} seen
 * @returns {Refusals}
 */
function* openBefore(seen) {
  for (const row of beforeList(seen).filter((r) => r.open)) {
    yield { rule: row.criterion, force: row.force, text: `Cannot start yet: ${sentence(row)}.` };
  }
}

/**
 * Rules that refuse more of a dose that has started.
 * @param {Projection} seen
 * @returns {Refusals}
 */
function* underWay(seen) {
  const names = seen.openSymptoms
    .map((e) => seen.rules.symptoms[e.data.symptom])
    .filter((term) => term?.emergency)
    .map((term) => term.text);
  if (names.length) {
    const ways = "Record that it is resolved, or have the prescriber override with a reason.";
    yield { rule: "emergency", force: "gate", text: `${names.join(", ")} is not resolved. ${ways}` };
  }
  if (seen.prescriberHere === false) {
    const force = seen.rules.before.find((item) => item.kind === "presence")?.force ?? "gate";
    const text = "No prescriber on site. Do not give more until one returns";
    yield { rule: "presence", force, text: text + (force === "hard" ? "." : ", or overrides with a reason.") };
  }
}

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* pump(seen, entry) {
  const { kind } = entry;
  const { phase } = seen;
  const running = phase === "infusing" || phase === "paused";
  if (!seen.pump) {
    if (kind === "stop" && seen.rules.way !== "infusion" && seen.endedAt === null) return;
    return yield hard("no_pump", `There is no pump to ${kind} in this session.`);
  }
  if (kind === "start") {
    if (phase === "preparing") return yield* openBefore(seen);
    yield hard("started", `The infusion has already started; the session is ${phase}.`);
  } else if (kind === "resume") {
    if (phase === "paused") return yield* underWay(seen);
    yield hard("resume", `The infusion is not paused; the session is ${phase}.`);
  } else if (kind === "pause" && phase !== "infusing") {
    yield hard("pause", `The infusion is not running; the session is ${phase}.`);
  } else if (kind === "rate" && !running) {
    yield hard("rate", `The rate can be changed while infusing or paused; the session is ${phase}.`);
  } else if (kind === "stop" && !running) {
    yield hard("stop", `No infusion is running or paused; the session is ${phase}.`);
  } else if (kind === "complete" && phase !== "infusing" && phase !== "observing") {
    yield hard("complete", `Only a running or finished infusion can be completed; the session is ${phase}.`);
  } else if (kind === "flush" && phase !== "observing") {
    yield hard("flush", `Flush the line after the infusion has ended; the session is ${phase}.`);
  }
}

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* device(seen, entry) {
  const { devices } = seen.rules;
  if (!devices) return yield hard("no_devices", `${seen.rules.title} is not given with devices.`);
  const { given } = seen;
  const last = given.at(-1);
  if (seen.last("stop")) yield hard("stopped", "The dose was stopped. Waste the unused devices with a witness.");
  if (given.length >= seen.devicesOrdered) {
    return yield hard("all_given", `All ${seen.devicesOrdered} ordered devices were given.`);
  }
  if (entry.data.n !== given.length + 1) {
    yield hard("device_order", `The next device is number ${given.length + 1}, not ${entry.data.n}.`);
  }
  if (!last) return yield* openBefore(seen);
  const rest = devices.apart_min * MIN - (entry.at - last.at);
  if (rest > 0) {
    const seconds = Math.ceil(rest / 1000);
    const toGo = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} to go.`;
    yield hard("device_rest", `${devices.apart_min} minutes between devices: ${toGo}`);
  }
  yield* underWay(seen);
}

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* administer(seen, entry) {
  if (seen.rules.way !== "single" || !seen.order) {
    return yield hard("not_single", "This order is not a single dose. Use the pump or the devices.");
  }
  if (seen.last("stop")) yield hard("stopped", "The dose was stopped. Waste the remainder with a witness.");
  const rest = micrograms(seen.order.prepared_mg) - micrograms(seen.deliveredMg);
  if (micrograms(entry.data.mg) > rest) {
    yield hard("over_order", `The order leaves ${rest / 1000} mg to give; ${entry.data.mg} mg is more.`);
  }
  yield* seen.dosed ? underWay(seen) : openBefore(seen);
}

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* handover(seen, entry) {
  if (!seen.dosed) return yield nothingGiven();
  for (const row of dischargeList(seen, entry.at).filter((r) => r.open)) {
    yield { rule: row.criterion, force: row.force, text: `Cannot discharge yet: ${sentence(row)}.` };
  }
  yield* openAlarms(seen, entry.at, "discharge");
}

const nothingGiven = () => hard("nothing_given", "No dose was given. Close the session with a reason instead.");

/**
 * @param {Projection} seen
 * @returns {Refusals}
 */
function* left(seen) {
  if (!seen.dosed) yield nothingGiven();
  else if (seen.endedAt === null) {
    yield hard("running", "The dose is still running. Stop it before you record that the patient left.");
  }
}

/**
 * @param {Projection} seen
 * @param {Entry} entry
 * @returns {Refusals}
 */
function* close(seen, entry) {
  if (seen.dosed && !seen.departed) {
    yield hard("not_left", "Cannot close yet: the patient is still here. Discharge the patient first.");
  }
  if (!seen.dosed && !entry.data.reason) {
    yield hard("no_reason", "No dose was given. Enter the reason for closing without a dose.");
  }
  for (const { data } of unwitnessed(seen)) {
    yield hard("unwitnessed", `Cannot close yet: the waste of ${data.mg} mg from ${data.container} has no witness.`);
  }
  yield* openContainers(seen);
  if (seen.dosed && !seen.rules.at_home && !seen.of("draw").length) {
    const text = "Cannot close yet: no amount drawn is recorded.";
    yield { rule: "no_draw", force: "gate", text };
  }
  if (seen.unsigned.length) {
    yield hard("unsigned", `Cannot close yet: sign the monitor readings (${seen.unsigned.length} unsigned).`);
  }
  if (seen.departed) yield* openAlarms(seen, seen.departed.at, "close");
}

/**
 * @param {Projection} seen
 * @returns {Refusals}
 */
function* openContainers(seen) {
  const { preparation } = seen.rules.constants;
  for (const row of containerLines(seen)) {
    if (!row.open && !(!seen.dosed && row.container === preparation && row.left)) continue;
    yield hard("open_waste", `Cannot close yet: ${row.text}. Waste the remainder with a witness.`);
  }
}

/**
 * From the first dose until discharge is possible: no consent, signature or payment.
 * @param {Projection} seen
 * @param {number} at
 */
export function impaired(seen, at) {
  return seen.dosed && !seen.departed && dischargeList(seen, at).some((row) => row.open && row.criterion !== "ride");
}

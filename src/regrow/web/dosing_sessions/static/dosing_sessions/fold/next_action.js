// @ts-check
// What the nurse does next: one action at a time, as `regrow.session.next_action` computes it on the server.
import { pressure } from "./checklists.js";

/** @import { DueItem, Entry, NextAction, Rules, SessionState } from "../types.js" */

/**
 * @param {string} id
 * @param {string} text
 * @param {Partial<NextAction>} [more]
 * @returns {NextAction}
 */
const action = (id, text, more = {}) => ({ id, text, detail: "", kind: null, data: {}, due_at: null, ...more });

/**
 * The action that comes first at `state.at`.
 * @param {Rules} rules
 * @param {SessionState} state
 * @returns {NextAction}
 */
export function nextAction(rules, state) {
  switch (state.phase) {
    case "preparing":
      return beforeDose(rules, state);
    case "paused":
      return action("resume", "Resume infusion", { detail: "same rate", kind: "resume" });
    case "infusing":
    case "administering":
    case "observing":
      return during(rules, state);
    case "discharged":
    case "left_against_advice":
      return afterLeaving(state);
    default:
      return action("none", "Session closed");
  }
}

/**
 * @param {Rules} rules
 * @param {SessionState} state
 */
function beforeDose(rules, state) {
  const { order } = state;
  if (!order) return action("wait_for_order", "Waiting for the order", { detail: "the prescriber signs it" });
  const openKinds = rules.before.filter((_, n) => state.before[n].open).map((item) => item.kind);
  if (openKinds.includes("identity")) {
    return action("identity", "Verify identity", { detail: "two identifiers", kind: "identity" });
  }
  if (openKinds.includes("check")) {
    const detail = `${openKinds.length} open`;
    return action("checklist", "Complete pre-dose checklist", { detail, kind: "check" });
  }
  const dose = `${plain(order.prepared_mg)} mg`;
  const prepared = state.containers.filter((c) => c.container !== rules.constants.preparation).length;
  const needed = rules.devices ? (state.devices?.ordered ?? 0) : 1;
  if (!rules.at_home && prepared < needed) {
    const text = rules.devices ? `Prepare device ${prepared + 1}` : "Prepare dose";
    return action("prepare", text, { detail: dose, kind: "draw" });
  }
  const last = lastPressure(state);
  if (!last || openKinds.includes("pressure")) {
    return vitals(state, last ? "BP above the signed limit" : "before the dose");
  }
  if (rules.way === "devices") {
    return action("device", "Device 1", { detail: "one spray in each nostril", kind: "device", data: { n: 1 } });
  }
  const second = openKinds.includes("double_check") ? " · double check open" : "";
  if (rules.way === "single") {
    const data = { mg: plain(order.prepared_mg) };
    return action("administer", "Give dose", { detail: dose + second, kind: "administer", data });
  }
  const rate = order.rate_ml_per_h ? ` at ${plain(order.rate_ml_per_h)} mL/h` : "";
  return action("start", "Start infusion", { detail: dose + rate + second, kind: "start" });
}

/**
 * @param {Rules} rules
 * @param {SessionState} state
 */
function during(rules, state) {
  if (state.phase === "observing" && !state.discharge.some((row) => row.open)) {
    const text = state.ride ? `Discharge with ${state.ride}` : "Discharge";
    const data = state.ride ? { name: state.ride } : {};
    return action("handover", text, { detail: "all criteria met", kind: "handover", data });
  }
  const captures = new Map(rules.captures.map((c) => [c.id, c]));
  const due = firstDue(
    state.due.filter((d) => d.id === "vitals" || d.id === "device" || captures.has(d.id)),
    state.at,
  );
  if (!due) return vitals(state, "when you check the patient");
  if (due.id === "device") {
    return action("device", due.text, {
      kind: "device",
      data: { n: (state.devices?.given ?? 0) + 1 },
      due_at: due.at,
    });
  }
  const capture = captures.get(due.id);
  if (capture && capture.what !== "pressure") {
    return action("scale", capture.text, { kind: "scale", data: { scale: capture.what }, due_at: due.at });
  }
  return vitals(state, "", { text: capture?.text, due_at: due.at });
}

/**
 * The earliest; an overdue reading comes before anything else, an overdue question included.
 * @param {DueItem[]} due
 * @param {number} at
 */
const firstDue = (due, at) => due.find((d) => d.id === "vitals" && d.at <= at) ?? due[0];

/** @param {SessionState} state */
function afterLeaving(state) {
  const line = state.containers.find((c) => c.open);
  if (line) {
    const mg = plain((line.left ?? 0) / 1000);
    const data = { container: line.container, mg };
    return action("waste", `Waste ${mg} mg`, { detail: `from ${line.container}`, kind: "waste", data });
  }
  if (state.unwitnessed.length) {
    const detail = "a second staff member, on their own device, under Witness waste";
    return action("witness", "Waste needs a witness", { detail });
  }
  const count = state.unsigned_vitals;
  if (count) {
    const detail = `${count} ${count === 1 ? "reading" : "readings"}`;
    return action("sign", "Sign monitor readings", { detail, kind: "sign" });
  }
  return action("close", "Close session", { detail: "waste and readings are complete", kind: "close" });
}

/**
 * @param {SessionState} state
 * @param {string} why
 * @param {{text?: string, due_at?: number | null}} [more]
 */
function vitals(state, why, { text = "Take vital signs", due_at = null } = {}) {
  const last = lastPressure(state);
  const pulse = last?.data.pulse_per_min;
  const told = last ? `last BP ${pressure(last)}${pulse ? `, HR ${pulse}` : ""}` : "";
  return action("vitals", text, { detail: [why, told].filter(Boolean).join(" · "), kind: "vital", due_at });
}

/**
 * @param {SessionState} state
 * @returns {Entry | undefined}
 */
export const lastPressure = (state) => state.vitals.findLast((v) => "systolic_mmhg" in v.data);

/**
 * A number without trailing zeros.
 * @param {number | string} value
 */
export const plain = (value) => String(Number(value));

// @ts-check
// An entry of the log in words.

import { plain } from "./fold.js";

/** @import { Frame, LogEvent, Rules } from "./types.js" */
/** @typedef {Pick<LogEvent, "kind" | "data">} Told */
/** @typedef {{frame: Pick<Frame, "names">, rules: Rules}} Names */

/**
 * @param {Rules} rules
 * @param {string} name
 */
export const fieldLabel = (rules, name) => rules.constants.fields[name] ?? name.replaceAll("_", " ");

/**
 * The name of a user.
 * @param {{frame: Pick<Frame, "names">}} chair
 * @param {string} username
 */
export const nameOf = (chair, username) => chair.frame.names[username] ?? username;

/**
 * @param {Names} chair
 * @param {Told} event
 * @returns {string}
 */
export function describe(chair, event) {
  const { rules } = chair;
  const d = event.data ?? {};
  const lot = d.lot ? `, lot ${d.lot}` : "";
  switch (event.kind) {
    case "order":
      return `Order signed: ${plain(d.prepared_mg)} mg`;
    case "vital":
      return vital(d);
    case "symptom":
      return symptom(rules.symptoms[d.symptom]?.text ?? d.symptom, d);
    case "scale":
      return `${rules.scales[d.scale]?.title ?? d.scale} ${d.total}`;
    case "check":
      return `${rules.before.find((b) => b.id === d.check)?.text ?? d.check}: ${d.holds === false ? "no" : "yes"}`;
    case "finding":
      return `${rules.discharge.find((c) => c.id === d.criterion)?.text ?? d.criterion}: ${d.holds ? "yes" : "no"}`;
    case "identity":
      return `Identity verified: ${names(rules.constants.identifiers, d.by ?? []).join(", ")}`;
    case "rate":
      return `Rate ${d.rate_ml_per_h} mL/h`;
    case "device":
      return `Device ${d.n}${lot}`;
    case "draw":
      return `${plain(d.drawn_mg)} mg drawn from ${d.container}${lot}`;
    case "waste":
      return `${plain(d.mg)} mg wasted from ${d.container}`;
    case "witness":
      return "Waste witnessed";
    case "double_check":
      return "Independent double check";
    case "presence":
      return `${nameOf(chair, d.who)} ${d.here ? "on site" : "left the clinic"}`;
    case "override":
      return `Override of ${d.rule}: ${d.reason}`;
    case "medicine":
      return `${d.medicine} ${d.dose}`;
    case "call":
      return `Called ${nameOf(chair, d.who)}`;
    case "ride":
      return `Ride home: ${d.name}`;
    case "handover":
      return `Discharged to ${d.name}`;
    case "left":
      return `Left AMA: ${d.reason}`;
    case "correction":
      return `Correction: ${correction(rules, d)} (${d.reason})`;
    case "pause":
      return `Paused${reason(rules.constants.pause_reasons, d.reason)}`;
    case "stop":
      return `Stopped${reason(rules.constants.stop_reasons, d.reason)}`;
    default:
      return event.kind[0].toUpperCase() + event.kind.slice(1).replaceAll("_", " ");
  }
}

/** @param {Record<string, any>} d */
function vital(d) {
  const parts = [
    d.systolic_mmhg && `${d.systolic_mmhg}/${d.diastolic_mmhg}`,
    d.pulse_per_min && `HR ${d.pulse_per_min}`,
    d.spo2_percent && `SpO₂ ${d.spo2_percent}%`,
    d.artefact && "artifact",
    d.source && `from ${d.source}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/**
 * @param {string} text
 * @param {Record<string, any>} d
 */
const symptom = (text, d) =>
  d.resolved ? `${text}: resolved` : `${text}, ${d.severity} of 5${d.note ? `: ${d.note}` : ""}`;

/**
 * @param {Rules} rules
 * @param {Record<string, any>} d
 */
function correction(rules, d) {
  if ((d.data ?? null) === null) return "entered in error";
  return Object.entries(d.data)
    .map(([name, value]) => `${fieldLabel(rules, name)} ${value}`)
    .join(", ");
}

/**
 * @param {Record<string, string>} known
 * @param {string | undefined} id
 */
const reason = (known, id) => (id ? ` (${known[id] ?? id.replaceAll("_", " ")})` : "");

/**
 * @param {Record<string, string>} known
 * @param {string[]} ids
 */
const names = (known, ids) => ids.map((id) => known[id] ?? id);

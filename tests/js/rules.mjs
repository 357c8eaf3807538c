// @ts-check
// The rules of the shipped protocols and a writer of logs for the tests. The rules come from Python, as on the tablet.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** @import { Frame, LogEvent, Rules } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/types.js" */

const ROOT = new URL("../..", import.meta.url).pathname;
const LOCAL = `${ROOT}/.venv/bin/python`;
const PYTHON = existsSync(LOCAL) ? LOCAL : "python3";
const SCRIPT = `
import json
from regrow.knowledge import Knowledge
from regrow.session import rules_as_json
knowledge = Knowledge.shipped()
ids = ("iv-weekly-6", "spravato-label", "im-supervised")
rules = {id: knowledge.session_rules(id) for id in ids}
limits = {id: {n: v for n, v in knowledge.demo_limits(id).items() if n in rules[id].limits} for id in ids}
print(json.dumps({"rules": {id: rules_as_json(r) for id, r in rules.items()}, "limits": limits}))
`;
/** @type {{rules: Record<string, Rules>, limits: Record<string, Record<string, string>>}} */
const exported = JSON.parse(execFileSync(PYTHON, ["-c", SCRIPT], { encoding: "utf8" }));

export const IV = exported.rules["iv-weekly-6"];
export const SPRAVATO = exported.rules["spravato-label"];
export const IM = exported.rules["im-supervised"];
export const MIN = 60_000;
/** 14:00 in New York on a day without a change of its clocks. */
export const START = Date.parse("2026-11-24T19:00:00Z");
export const VITALS = { systolic_mmhg: 128, diastolic_mmhg: 80, pulse_per_min: 70, spo2_percent: 98 };

/** @type {Record<string, object>} */
const ORDERS = {
  "iv-weekly-6": { prepared_mg: "40", total_ml: "100.8", rate_ml_per_h: "151.2", minutes: 40 },
  "spravato-label": { prepared_mg: "84" },
  "im-supervised": { prepared_mg: "40" },
};

let made = 0;
/**
 * @param {number} minute after START
 * @param {string} kind
 * @param {Record<string, any>} [data]
 * @param {Partial<LogEvent>} [more]
 * @returns {LogEvent}
 */
export function event(minute, kind, data = {}, more = {}) {
  const time = new Date(START + minute * MIN).toISOString();
  return { id: `e${++made}`, kind, data, device_time: time, server_time: time, author: "nina", role: "nurse", ...more };
}

/**
 * A signed order at minute -30.
 * @param {Rules} rules
 * @param {object} [change]
 */
export function order(rules, change = {}) {
  const data = { limits: exported.limits[rules.protocol], ...ORDERS[rules.protocol], ...change };
  return event(-30, "order", data, { author: "lin", role: "prescriber" });
}

/**
 * The order and everything before the dose.
 * @param {Rules} rules
 */
export function ready(rules) {
  const containers = rules.devices ? ["device-1", "device-2", "device-3"] : ["vial-1"];
  const [size_mg, drawn_mg] = rules.devices ? ["28", "28"] : ["500", "40"];
  return [
    order(rules),
    event(-20, "presence", { who: "lin", here: true }, { author: "lin", role: "prescriber" }),
    event(-19, "identity", { by: ["name", "born"] }),
    ...rules.before.filter((item) => item.kind === "check").map((item) => event(-18, "check", { check: item.id })),
    ...containers.map((container) => event(-14, "draw", { container, size_mg, drawn_mg, lot: "KT2231" })),
    event(-10, "double_check", {}, { author: "noel" }),
    event(-5, "vital", VITALS),
  ];
}

/**
 * What a session page is opened with.
 * @param {Partial<Frame>} [more]
 * @returns {Frame}
 */
export const frame = (more = {}) => ({
  session: "session-1",
  rules: IV,
  events: ready(IV),
  me: { username: "nina", name: "Nina Ito", role: "nurse", licence: "RN" },
  names: { nina: "Nina Ito", lin: "Dr. Mei Lin" },
  patient: { name: "Ottilie Brandauer", mrn: "10410" },
  alike: [],
  cabinet: [],
  zone: "America/New_York",
  model: null,
  address: "/patients/p/sessions/s/",
  clock_tolerance_ms: 1500,
  ...more,
});

// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { lastRun } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/fold/checklists.js";
import { entriesOf } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/fold/log.js";
import { Pump } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/fold/pump.js";
import { by } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/fold/times.js";
import {
  correctionsOf,
  fold,
  isLate,
  noticed,
  refusalsOf,
} from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/fold.js";
import { event, IV, MIN, order, ready, SPRAVATO, START, VITALS } from "./rules.mjs";

const at = (/** @type {number} */ minute) => START + minute * MIN;
/**
 * @param {number} minute
 * @param {string} kind
 * @param {Record<string, any>} [data]
 */
const entry = (minute, kind, data = {}) => ({
  id: kind,
  kind,
  data,
  at: at(minute),
  event: event(minute, kind, data),
  corrected: "",
});

test("the pump delivers at its rate, stops with a pause and runs empty by itself", () => {
  const pump = new Pump({ total_ml: "100", rate_ml_per_h: "150", prepared_mg: "40", tubing_ml: "0" });
  pump.take(entry(0, "start"));
  pump.take(entry(10, "pause"));
  assert.equal(pump.delivered, 25);
  assert.equal(pump.endsAt(), null);
  pump.take(entry(20, "resume"));
  assert.equal(pump.endsAt(), at(50));
  pump.runTo(at(300));
  assert.deepEqual([pump.delivered, pump.left, pump.endedAt, pump.phase], [100, 0, at(50), "observing"]);
});

test("what is in the tubing is given only when it is flushed", () => {
  const pump = new Pump({ total_ml: "100", rate_ml_per_h: "600", prepared_mg: "50", tubing_ml: "10" });
  pump.take(entry(0, "start"));
  pump.runTo(at(60));
  assert.deepEqual([pump.delivered, pump.inLineMg], [90, 5]);
  pump.take(entry(61, "flush", { ml: "30" }));
  assert.deepEqual([pump.delivered, pump.inLineMg], [100, 0]);
});

test("a correction changes an entry, a second one strikes it out, and a third brings the first back", () => {
  const reading = event(5, "vital", VITALS);
  const change = event(6, "correction", { corrects: reading.id, reason: "typo", data: { pulse_per_min: 90 } });
  const strike = event(7, "correction", { corrects: reading.id, reason: "other patient", data: null });
  const undo = event(8, "correction", { corrects: strike.id, reason: "was right", data: null });
  assert.equal(entriesOf([reading, change])[0].data.pulse_per_min, 90);
  assert.equal(entriesOf([reading, change])[0].data.spo2_percent, 98);
  assert.deepEqual(entriesOf([reading, change, strike]), []);
  assert.equal(entriesOf([reading, change, strike, undo])[0].data.pulse_per_min, 90);
  assert.equal(correctionsOf([reading, change]).get(reading.id)?.id, change.id);
});

test("an event that arrives twice counts once, and the order of arrival does not matter", () => {
  const log = [...ready(IV), event(0, "start"), event(10, "pause"), event(12, "resume")];
  const shuffled = [...log.slice(5), ...log.slice(0, 5), log[3]];
  assert.deepEqual(fold(IV, shuffled, at(20)), fold(IV, log, at(20)));
});

test("a device whose clock jumps back does not reorder its own entries", () => {
  const first = event(10, "pause", {}, { device: "a", seq: 1 });
  const second = event(9, "resume", {}, { device: "a", seq: 2, server_time: first.server_time });
  assert.deepEqual(
    entriesOf([second, first]).map((e) => [e.kind, e.at]),
    [
      ["pause", at(10)],
      ["resume", at(10)],
    ],
  );
});

test("an entry is late when it was entered afterwards or arrived a minute later", () => {
  const late = IV.constants.late_after_ms;
  const arrived = (/** @type {number} */ ms) =>
    event(0, "pause", {}, { server_time: new Date(START + ms).toISOString() });
  assert.equal(isLate(arrived(late), late), false);
  assert.equal(isLate(arrived(late + 1), late), true);
  assert.equal(isLate(event(0, "pause", {}, { happened_at: new Date(START - MIN).toISOString() }), late), true);
});

test("an entry of a clock a little ahead is noticed at once, one far ahead is not", () => {
  assert.equal(noticed([event(0.04, "pause")], START), START + 2400);
  assert.equal(noticed([event(1, "pause")], START), START);
});

test("a run ends with the last entry", () => {
  const run = (/** @type {number[]} */ values) =>
    lastRun(
      values.map((n) => entry(n, "vital", { n })),
      (e) => e.data.n > 5,
    ).map((e) => e.data.n);
  assert.deepEqual(run([7, 3, 8, 9]), [8, 9]);
  assert.deepEqual(run([7, 8]), [7, 8]);
  assert.deepEqual(run([7, 3]), []);
});

test("several keys sort one after the other", () => {
  const items = [
    { a: 2, b: "x" },
    { a: 1, b: "y" },
    { a: 1, b: "x" },
  ];
  assert.deepEqual(
    items.sort(
      by(
        (i) => i.a,
        (i) => i.b,
      ),
    ),
    [items[0], items[1], items[2]],
  );
  assert.deepEqual(
    items.map((i) => `${i.a}${i.b}`),
    ["1x", "1y", "2x"],
  );
});

test("a refusal names the rule, its force and what would satisfy it", () => {
  const [refusal] = refusalsOf(IV, [order(IV)], event(0, "start")).filter((r) => r.rule === "identity");
  assert.deepEqual(refusal, {
    rule: "identity",
    force: "hard",
    text: "Cannot start yet: Two patient identifiers verified (two identifiers, such as name and date of birth).",
  });
});

test("a gate is open once a prescriber overrides it, and not when a nurse does", () => {
  const high = event(-2, "vital", { ...VITALS, systolic_mmhg: 210 });
  const data = { rule: "pressure", reason: "known" };
  const rules = (/** @type {string} */ role) =>
    refusalsOf(IV, [...ready(IV), high, event(-1, "override", data, { role })], event(0, "start")).map((r) => r.rule);
  assert.deepEqual(rules("nurse"), ["pressure"]);
  assert.deepEqual(rules("prescriber"), []);
});

test("devices rest between each other", () => {
  const log = [...ready(SPRAVATO), event(0, "device", { n: 1 })];
  assert.deepEqual(
    refusalsOf(SPRAVATO, log, event(4, "device", { n: 2 })).map((r) => r.text),
    ["5 minutes between devices: 1:00 to go."],
  );
  assert.deepEqual(refusalsOf(SPRAVATO, log, event(5, "device", { n: 2 })), []);
});

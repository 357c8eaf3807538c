// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { fold } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/fold.js";
import { strip } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/strip.js";
import { joined } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/strip/dose.js";
import { scaled } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/strip/plot.js";
import { event, IV, MIN, ready, SPRAVATO, START, VITALS } from "./rules.mjs";

/** @import { LogEvent, Rules } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/types.js" */

const model = { title: "model", site: "venous", every_min: 10, response: [0, 20, 30, 35, 38, 40] };
const at = (/** @type {number} */ minute) => START + minute * MIN;
/**
 * @param {Rules} rules
 * @param {LogEvent[]} events
 * @param {number} minute
 */
const stateAt = (rules, events, minute) => fold(rules, [...ready(rules), ...events], at(minute));
/** @param {string} text @param {string} part */
const count = (text, part) => text.split(part).length - 1;

test("time runs from left to right, and what is beyond the edges is at them", () => {
  const { x, y } = scaled(IV, stateAt(IV, [event(0, "start")], 10), at(10), 544);
  const places = [-999, 0, 10, 40, 9999].map(x);

  assert.deepEqual(
    places.toSorted((a, b) => a - b),
    places,
  );
  assert.deepEqual([places[0], places[4]], [48, 544]);
  assert.ok(y(180) < y(60));
  assert.deepEqual([y(10), y(300)], [y(40), y(200)]);
});

test("runs at one rate that follow each other are one", () => {
  const runs = [
    { from: 0, to: 1, rate: 100 },
    { from: 1, to: 2, rate: 100 },
    { from: 2, to: 3, rate: 50 },
    { from: 4, to: 5, rate: 50 },
  ];

  assert.deepEqual(joined(runs), [
    { from: 0, to: 2, rate: 100 },
    { from: 2, to: 3, rate: 50 },
    { from: 4, to: 5, rate: 50 },
  ]);
});

test("a pressure is two carets, a symptom a mark, and the estimate is said in words", () => {
  const events = [
    event(0, "start"),
    event(5, "vital", VITALS),
    event(6, "symptom", { symptom: "nausea", severity: 3 }),
  ];
  const svg = strip(IV, model, stateAt(IV, events, 10), at(10), false);

  assert.equal(count(svg, 'class="caret"'), 4); // two readings: before the dose and at minute 5
  assert.ok(svg.includes("▲ nausea 3"));
  assert.match(svg, /aria-label="Session strip: pressure 128\/80, estimated ketamine \d+ ng\/mL now \(venous model\)"/);
  assert.equal(count(svg, 'class="was"'), 1);
  assert.equal(count(svg, 'class="maybe"'), 1);
});

test("devices are marks with their number, without an estimate", () => {
  const state = stateAt(SPRAVATO, [event(0, "device", { n: 1 }), event(5, "device", { n: 2 })], 10);
  const svg = strip(SPRAVATO, null, state, at(10), false);

  assert.equal(count(svg, 'class="run"'), 2);
  assert.ok(!svg.includes("estimated"));
});

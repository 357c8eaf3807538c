// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  confirmText,
  isImplausible,
  readVitals,
} from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/plausibility.js";
import { event, IV } from "./rules.mjs";

const { constants } = IV;
/** @param {number} systolic_mmhg */
const last = (systolic_mmhg) => ({
  ...event(0, "vital"),
  at: 0,
  data: { systolic_mmhg, diastolic_mmhg: 60 },
  event: event(0, "vital"),
  corrected: "",
});
const pressure = (/** @type {number} */ systolic_mmhg) => ({ systolic_mmhg, diastolic_mmhg: 60 });

test("typed values become numbers, and empty fields are left out", () => {
  assert.deepEqual(readVitals({ systolic_mmhg: " 128 ", diastolic_mmhg: "80", pulse_per_min: "" }, constants), {
    data: { systolic_mmhg: 128, diastolic_mmhg: 80 },
  });
});

for (const [name, [low, high]] of Object.entries(constants.possible)) {
  if (!(name in constants.readings) || name.endsWith("mmhg")) continue;
  test(`${name} is possible from ${low} to ${high}`, () => {
    const read = (/** @type {number} */ value) => "data" in readVitals({ [name]: String(value) }, constants);
    assert.deepEqual([low - 1, low, high, high + 1].map(read), [false, true, true, false]);
  });
}

const BAD = [
  ["nothing", {}],
  ["half a pressure", { systolic_mmhg: "128" }],
  ["a diastolic as high as the systolic", { systolic_mmhg: "90", diastolic_mmhg: "90" }],
  ["a word", { pulse_per_min: "7o" }],
  ["a decimal", { pulse_per_min: "70.5" }],
  ["an impossible value", { spo2_percent: "101" }],
];
for (const [what, typed] of /** @type {[string, Record<string, string>][]} */ (BAD)) {
  test(`${what} is not saved, and says what to enter`, () => {
    const read = readVitals(typed, constants);
    assert.ok("problem" in read && read.problem.length > 10);
  });
}

test("a systolic pressure more than the signed share away from the last is confirmed", () => {
  const [numerator, denominator] = constants.implausible_change;
  assert.deepEqual([numerator, denominator], [1, 3]);
  const asked = (/** @type {number} */ value) => isImplausible(pressure(value), last(120), constants);
  assert.deepEqual([79, 80, 120, 160, 161].map(asked), [true, false, false, false, true]);
});

test("without a last pressure, or without a new one, nothing is confirmed", () => {
  assert.equal(isImplausible(pressure(210), undefined, constants), false);
  assert.equal(isImplausible({ pulse_per_min: 70 }, last(120), constants), false);
});

test("the question names the last pressure", () => {
  assert.equal(confirmText(last(120)), "Last BP was 120/60. Save again to confirm.");
});

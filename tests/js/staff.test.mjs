// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { nextPatient } from "../../src/regrow/web/platform/static/regrow/staff/pipeline_keys.js";
import { span } from "../../src/regrow/web/platform/static/regrow/staff/span.js";

const MIN = 60_000;

test("j moves to the next patient and k to the previous, up to the first and last", () => {
  const next = (/** @type {number} */ focused) => [nextPatient("j", focused, 3), nextPatient("k", focused, 3)];

  assert.deepEqual([-1, 0, 1, 2].map(next), [
    [0, 0],
    [1, 0],
    [2, 0],
    [2, 1],
  ]);
  assert.equal(nextPatient("e", 1, 3), null);
});

test("a span has minutes and seconds, and hours from the first on", () => {
  assert.deepEqual([-5, 0, 59_999, MIN, 59 * MIN + 59_000, 60 * MIN, 605 * MIN].map(span), [
    "0:00",
    "0:00",
    "0:59",
    "1:00",
    "59:59",
    "1:00:00",
    "10:05:00",
  ]);
});

// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { percent, progressText } from "../../src/regrow/web/simulator/static/simulator/progress.js";

test("the share is a whole percentage, and unknown until the total is known", () => {
  assert.equal(percent({ ended: false, done: 1, total: 3 }), 33);
  assert.equal(percent({ ended: false, done: 3, total: 3 }), 100);
  assert.equal(percent({ ended: false, done: 0, total: 0 }), null);
});

test("the sentence is the server's, and empty until the total is known", () => {
  assert.equal(progressText("{percent}% simulated.", { ended: false, done: 30, total: 120 }), "25% simulated.");
  assert.equal(progressText("{percent}% simulated.", { ended: false, done: 0, total: 0 }), "");
});

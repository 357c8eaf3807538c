// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { minuteAt, shareOf, xOf } from "../../src/regrow/web/portal/static/portal/how_it_works/axis.js";
import { lanePaths, valueAt } from "../../src/regrow/web/portal/static/portal/how_it_works/series.js";
import { seriesSource } from "../../src/regrow/web/portal/static/portal/how_it_works/source.js";
import {
  atMinute,
  atStep,
  byRoute,
  firstState,
  isPaused,
  pausedOrResumed,
  queryOf,
} from "../../src/regrow/web/portal/static/portal/how_it_works/state.js";
import { filled, timeText } from "../../src/regrow/web/portal/static/portal/how_it_works/text.js";

/** @import { Frame, Series, Texts } from "../../src/regrow/web/portal/static/portal/how_it_works/types.js" */

const axis = { first_minute: 2, last_minute: 200 };
/** @type {Series} */
const series = { minutes: [2, 10, 20], lanes: { mood: [0, 0.4, 1] }, running: [[0, 40]] };
/** @type {Texts} */
const texts = {
  minutes: "{n} minutes",
  hours: "{n} hours",
  days: "{n} days",
  day: "1 day",
  step: "step {n} of {of}",
  of_largest: "{n} percent",
  paused: "paused at {n}",
  again: "resumed at {n}",
  offline: "no network",
};
const step = (/** @type {number} */ minute) => ({ id: `s${minute}`, lane: "", lane_id: "mood", minute, sentence: "" });
/** @type {Frame} */
const frame = {
  first: series,
  address: "/data/",
  axis,
  highest: 1.15,
  steps: [step(10), step(100), step(1000)],
  first_step: 1,
  choices: { iv: [0.25, 0.5].map((dose) => ({ dose, label: "" })), spray: [1, 2].map((dose) => ({ dose, label: "" })) },
  usual: { iv: 1, spray: 0 },
  first_route: "iv",
  infusion: {
    route: "iv",
    minutes: 40,
    pause_after: 2.5,
    pause_before: 39,
    shortest_pause: 10,
    longest_pause: 240,
  },
  dose_axis: { left: 40, per_mg_per_kg: 300 },
  texts,
};
const start = firstState(frame);
const at = (/** @type {number} */ minute) => ({ ...start, minute });

test("the axis is logarithmic, and minutes before it are at its beginning", () => {
  assert.deepEqual(
    [0, 2, 20, 200].map((minute) => shareOf(axis, minute).toFixed(6)),
    ["0.000000", "0.000000", "0.500000", "1.000000"],
  );
  assert.equal(minuteAt(axis, shareOf(axis, 33)).toFixed(9), "33.000000000");
  assert.equal(xOf(axis, { left: 100, right: 300 }, 20), "200.0");
});

test("a value between two of the server's lies on the line between them; outside, it is the nearest", () => {
  assert.deepEqual(
    [1, 2, 6, 10, 15, 20, 99].map((minute) => valueAt(series, "mood", minute)),
    [0, 0, 0.2, 0.4, 0.7, 1, 1],
  );
});

test("a lane is drawn up from its base, and cut at the highest value", () => {
  const box = { left: 0, right: 20, base: 100, height: 50 };
  const { line, area } = lanePaths({ minutes: [2, 10], values: [0.5, 9] }, box, 1, String);

  assert.equal(line, "M2 75.0L10 50.0");
  assert.equal(area, "M2 75.0L10 50.0L20 100L0 100Z");
});

test("time is in minutes, then hours, then days to 0.1", () => {
  const shown = [2.4, 99, 101, 1439, 1440, 2160, 10080].map((minute) => timeText(texts, minute));

  assert.deepEqual(shown, ["2 minutes", "99 minutes", "2 hours", "24 hours", "1 day", "1.5 days", "7 days"]);
});

test("figures are put in their places", () => {
  assert.equal(filled("step {n} of {of}, {n}", { n: 1, of: 7 }), "step 1 of 7, 1");
  assert.equal(filled("{other}", { n: 1 }), "{other}");
});

test("steps end at the first and the last, each at its own minute", () => {
  assert.deepEqual([start.step, start.minute], [1, 100]);
  assert.deepEqual(
    [-1, 0, 2, 3].map((n) => atStep(frame, start, n).minute),
    [10, 10, 1000, 1000],
  );
});

test("a minute belongs to the step that is nearest on the logarithmic axis", () => {
  assert.deepEqual(
    [2, 31, 32, 300, 400].map((minute) => atMinute(frame, start, minute).step),
    [0, 0, 1, 1, 2],
  );
});

test("another route begins at its usual dose, without a pause", () => {
  const paused = pausedOrResumed(frame, at(20));

  assert.deepEqual(byRoute(frame, paused, "spray"), { ...paused, route: "spray", choice: 0, paused: null });
});

test("an infusion is paused at the minute shown, or half-way when that is outside it", () => {
  assert.deepEqual(
    [2.5, 3.4, 20, 38.9, 39, 500].map((minute) => pausedOrResumed(frame, at(minute)).paused),
    [20, 3, 20, 39, 20, 20],
  );
  // The minute shown is not before the pause, and not after the planned end.
  assert.deepEqual(
    [2.5, 20, 500].map((minute) => pausedOrResumed(frame, at(minute)).minute),
    [20, 20, 40],
  );
});

test("it is resumed at the minute shown, after the shortest and before the longest pause", () => {
  const paused = pausedOrResumed(frame, at(20));
  const resumed = [20, 29, 100, 261].map((minute) => pausedOrResumed(frame, { ...paused, minute }).resumed);

  assert.ok(isPaused(paused));
  assert.deepEqual(resumed, [30, 30, 100, 260]);
  const again = pausedOrResumed(frame, { ...pausedOrResumed(frame, paused), minute: 10 });
  assert.deepEqual([again.paused, again.resumed], [10, null]);
});

test("the server is asked for dose and route, and for an infusion's pause", () => {
  const paused = pausedOrResumed(frame, at(20));

  assert.equal(queryOf(frame, start), "route=iv&dose=0.5");
  assert.equal(queryOf(frame, paused), "route=iv&dose=0.5&paused=20");
  assert.equal(queryOf(frame, pausedOrResumed(frame, paused)), "route=iv&dose=0.5&paused=20&again=30");
  assert.equal(queryOf(frame, { ...paused, route: "spray" }), "route=spray&dose=2");
});

test("what the server answered once is not asked for again; what it refused is", async () => {
  /** @type {string[]} */
  const asked = [];
  const ask = seriesSource("/data/", async (address) => {
    asked.push(address);
    return address.endsWith("bad") ? new Response("", { status: 400 }) : Response.json(series);
  });

  assert.deepEqual([await ask("dose=1"), await ask("dose=1")], [series, series]);
  await assert.rejects(ask("bad"), /answered 400/);
  await assert.rejects(ask("bad"), /answered 400/);
  assert.deepEqual(asked, ["/data/?dose=1", "/data/?bad", "/data/?bad"]);
});

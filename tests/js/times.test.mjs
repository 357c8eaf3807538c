// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { better, createClock } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/clock.js";
import { ago, due, span, tenth } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/format.js";
import { latestInstant, wallClock } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/wall_time.js";

const NEW_YORK = "America/New_York";
const TOLERANCE = 1500;
/**
 * @param {string} text
 * @param {string} now
 * @param {string} [zone]
 */
function at(text, now, zone = NEW_YORK) {
  const found = latestInstant(zone, text, Date.parse(now));
  return found === null ? null : new Date(found).toISOString();
}

test("a time of today is the instant at which the clinic's clock showed it", () => {
  assert.equal(at("13:50", "2026-11-24T19:00:00Z"), "2026-11-24T18:50:00.000Z");
  assert.equal(at("13:50:07", "2026-11-24T19:00:00Z"), "2026-11-24T18:50:07.000Z");
  assert.equal(at("14:00:00", "2026-11-24T19:00:00.900Z"), "2026-11-24T19:00:00.000Z");
});

test("a time before midnight is yesterday's", () => {
  assert.equal(at("23:50", "2026-11-24T05:10:00Z"), "2026-11-24T04:50:00.000Z");
});

test("a time in the future, or more than twelve hours ago, is none", () => {
  assert.equal(at("14:01", "2026-11-24T19:00:00Z"), null);
  assert.equal(at("01:59", "2026-11-24T19:00:00Z"), null);
  assert.equal(at("02:00", "2026-11-24T19:00:00Z"), "2026-11-24T07:00:00.000Z");
});

test("what is no time is none", () => {
  for (const text of ["", "x", "1", "12:3", "25:00", "12:75"]) assert.equal(at(text, "2026-11-24T19:00:00Z"), null);
});

test("across the end of daylight saving time the hour is not off by one", () => {
  // Clocks went back at 06:00 UTC: 00:45 EDT was 04:45 UTC; 03:15 EST is 08:15 UTC.
  assert.equal(at("00:45", "2026-11-01T08:15:00Z"), "2026-11-01T04:45:00.000Z");
});

test("the hour that comes twice is the later of the two that has passed", () => {
  assert.equal(at("01:30", "2026-11-01T08:15:00Z"), "2026-11-01T06:30:00.000Z");
  assert.equal(at("01:30", "2026-11-01T06:10:00Z"), "2026-11-01T05:30:00.000Z");
});

test("across the start of daylight saving time the hour is not off by one, and the skipped hour is none", () => {
  // Clocks went forward at 07:00 UTC: 01:45 EST was 06:45 UTC; 03:15 EDT is 07:15 UTC.
  assert.equal(at("01:45", "2026-03-08T07:15:00Z"), "2026-03-08T06:45:00.000Z");
  assert.equal(at("02:30", "2026-03-08T07:15:00Z"), null);
});

test("a zone with a half hour and one ahead of UTC", () => {
  assert.equal(at("19:20", "2026-11-24T14:00:00Z", "Asia/Kolkata"), "2026-11-24T13:50:00.000Z");
  assert.equal(at("23:50", "2026-11-24T15:05:00Z", "Asia/Tokyo"), "2026-11-24T14:50:00.000Z");
});

test("the clinic's clock has 24 hours", () => {
  assert.equal(wallClock(NEW_YORK, Date.parse("2026-11-24T05:00:09Z")), "00:00:09");
  assert.equal(wallClock(NEW_YORK, Date.parse("2026-07-24T21:05:00Z")), "17:05:00");
});

test("the better measurement is the shorter trip, a newer one when the old is stale, or one that contradicts it", () => {
  const old = { offset: 5000, trip: 100, at: 0 };
  const answer = (/** @type {number} */ sent, /** @type {number} */ trip, /** @type {number} */ offset) => ({
    sent,
    received: sent + trip,
    server: sent + trip / 2 + offset,
  });
  assert.deepEqual(better(old, answer(1000, 50, 5100), TOLERANCE), { offset: 5100, trip: 50, at: 1050 });
  assert.equal(better(old, answer(1000, 400, 5300), TOLERANCE), old);
  assert.equal(better(old, answer(11 * 60_000, 400, 5300), TOLERANCE)?.offset, 5300);
  assert.equal(better(old, answer(1000, 400, 9000), TOLERANCE)?.offset, 9000);
  assert.equal(better(old, answer(1000, 10_001, 9000), TOLERANCE), old);
  assert.equal(better(null, { sent: 2, received: 1, server: 0 }, TOLERANCE), null);
});

/** @param {Record<string, string>} [items] */
function memory(items = {}) {
  return {
    getItem: (/** @type {string} */ name) => items[name] ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => void (items[name] = value),
  };
}

test("an offset within the tolerance is none; a larger one is added and stored", () => {
  const storage = memory();
  const clock = createClock(TOLERANCE, { storage, date: () => 1_000_000, ticks: () => 0 });
  assert.equal(clock.measured(), null);
  clock.learn({ sent: 1_000_000, received: 1_000_100, server: 1_001_050 });
  assert.deepEqual([clock.offset(), clock.measured(), clock.now()], [0, 0, 1_000_000]);
  clock.learn({ sent: 1_000_000, received: 1_000_100, server: 1_009_050 });
  assert.deepEqual([clock.offset(), clock.now()], [9000, 1_009_000]);
  const again = createClock(TOLERANCE, { storage, date: () => 1_000_000, ticks: () => 0 });
  assert.equal(again.offset(), 9000);
});

test("the device clock never runs backwards, and follows after the tablet slept", () => {
  let [date, ticks] = [1_000_000, 0];
  const clock = createClock(TOLERANCE, { storage: memory(), date: () => date, ticks: () => ticks });
  [date, ticks] = [900_000, 500]; // somebody set the clock back
  assert.equal(clock.deviceNow(), 1_000_500);
  [date, ticks] = [1_100_000, 600]; // it slept: the ticks stood still
  assert.equal(clock.deviceNow(), 1_100_000);
});

test("spans, countdowns and figures", () => {
  assert.deepEqual([span(-5), span(61_000), span(3_661_000)], ["0:00", "1:01", "1:01:01"]);
  assert.deepEqual([due(61_000), due(-61_000)], ["due in 1:01", "overdue by 1:01"]);
  assert.deepEqual([ago(1400), ago(125_000)], ["1 s ago", "2 min ago"]);
  assert.deepEqual([tenth(18.04), tenth(18.06)], ["18", "18.1"]);
});

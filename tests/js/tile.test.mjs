// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countdown,
  initials,
  tileMarkup,
  urgency,
} from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/board/tile.js";
import { fold } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/fold.js";
import { event, IV, MIN, ready, START, VITALS } from "./rules.mjs";

/** @import { LogEvent } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/types.js" */

const at = (/** @type {number} */ minute) => START + minute * MIN;
const stateAt = (/** @type {LogEvent[]} */ events, /** @type {number} */ minute) =>
  fold(IV, [...ready(IV), ...events], at(minute));
const HIGH = { ...VITALS, spo2_percent: 80 };

test("an open alarm comes before a session without one, and a closed session comes last", () => {
  const quiet = stateAt([event(0, "start")], 6);
  const alarmed = stateAt([event(0, "start"), event(5, "vital", HIGH)], 6);
  assert.ok(alarmed.alarms.length > 0);

  assert.ok(urgency(alarmed, at(6)) < urgency(quiet, at(6)));
  assert.ok(urgency(quiet, at(6)) < urgency({ ...quiet, phase: "closed" }, at(6)));
});

test("of two sessions without an alarm the one with the earlier due time comes first", () => {
  const state = { ...stateAt([event(0, "start")], 1), alarms: [] };
  const due = (/** @type {number} */ minute) => ({ ...state, due: [{ ...state.due[0], at: at(minute) }] });

  assert.ok(urgency(due(10), at(1)) < urgency(due(20), at(1)));
});

test("countdowns and initials", () => {
  assert.deepEqual([-1, 65_000, 99 * MIN, 100 * MIN, 125 * MIN].map(countdown), [
    "0:00",
    "1:05",
    "99:00",
    "1 h",
    "2 h",
  ]);
  assert.deepEqual(["Ottilie Brandauer", "Ana-Maria de la Cruz", ""].map(initials), ["OB", "AM", ""]);
});

test("a tile has the chair, the last readings, like names and a call for ten minutes", () => {
  const tile = {
    session: "s",
    rules: "iv",
    chair: "Chair 2",
    name: "Ottilie Brandauer",
    number: 3,
    nurse: "Nina Ito",
    alike: ["Otto Brandauer"],
    address: "/s/",
    events: [],
  };
  const shown = (/** @type {number} */ minute) => {
    const state = stateAt([event(0, "start"), event(2, "call")], minute);
    return tileMarkup({ tile, rules: IV, events: new Map(), state }, at(minute)).text;
  };

  for (const part of ["Chair 2", "128/80 · HR 70 · SpO₂ 98%", "Name alert: Otto Brandauer", "session 3 · Nina Ito"]) {
    assert.ok(shown(5).includes(part), part);
  }
  assert.ok(shown(11).includes("Nurse calls the prescriber"));
  assert.ok(!shown(12).includes("Nurse calls the prescriber"));
});

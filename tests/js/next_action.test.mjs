// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { fold } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/fold.js";
import { Markup } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/html.js";
import {
  actOf,
  afterThat,
  nextButton,
} from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/render/next_button.js";
import { event, IV, MIN, order, ready, SPRAVATO, START, VITALS } from "./rules.mjs";

/** @import { LogEvent, Rules } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/types.js" */

/**
 * @param {Rules} rules
 * @param {LogEvent[]} log
 * @param {number} minute
 */
const stateAt = (rules, log, minute) => fold(rules, log, START + minute * MIN);
/** @param {Markup} markup */
const flat = (markup) => markup.text.replace(/\s+/g, " ").replaceAll("> <", "><");

test("an action that is entered is a button that does it", () => {
  const { next } = stateAt(IV, [order(IV)], -20);
  assert.equal(
    flat(nextButton(next)),
    `<button class="big" data-do="identity" data-arg="">Verify identity<small>two identifiers</small></button>`,
  );
});

test("waiting is text, without a button", () => {
  const { next } = stateAt(IV, [], -20);
  assert.equal(actOf(next), "none");
  assert.match(nextButton(next).text, /^<div class="big quietbig">Waiting for the order/);
});

test("an action with a time counts down, followed by the last values", () => {
  const { next } = stateAt(IV, [...ready(IV), event(0, "start")], 5);
  const shown = flat(nextButton(next));
  assert.ok(shown.includes(`<span data-due="${next.due_at}"></span> · last BP 128/80, HR 70`), shown);
});

test("a scale and a container are the argument of their act", () => {
  const comfort = { comfort_at_min: "5", vitals_every_min: "30" };
  const signed = order(IV);
  signed.data = { ...signed.data, limits: { ...signed.data?.limits, ...comfort } };
  const asked = stateAt(IV, [signed, ...ready(IV).slice(1), event(0, "start")], 6).next;
  assert.match(nextButton(asked).text, /data-do="scale" data-arg="comfort"/);
  const left = [...ready(IV), event(0, "start"), event(10, "stop"), event(12, "left", { reason: "x", told: "lin" })];
  assert.match(nextButton(stateAt(IV, left, 13).next).text, /data-do="waste" data-arg="vial-1"/);
});

test("names are escaped", () => {
  const next = {
    id: "handover",
    text: `Discharge with <b>"A"</b>`,
    detail: "",
    kind: "handover",
    data: {},
    due_at: null,
  };
  assert.ok(nextButton(next).text.includes("Discharge with &lt;b&gt;&quot;A&quot;&lt;/b&gt;"));
});

test("what follows leaves out the action itself and is in clinic time", () => {
  const log = [...ready(SPRAVATO), event(0, "device", { n: 1 })];
  const state = stateAt(SPRAVATO, log, 1);
  assert.equal(state.next.text, "Device 2");
  const rest = afterThat(state, state.next, "America/New_York");
  assert.doesNotMatch(rest, /Device 2/);
  assert.match(rest, /^Vital signs at 14:\d\d/);
});

test("every action of the engine has an act, or nothing to press", () => {
  const known = ["wait_for_order", "witness", "none"];
  const log = [...ready(IV), event(0, "start"), event(5, "vital", VITALS), event(10, "pause")];
  for (const [events, minute] of /** @type {[LogEvent[], number][]} */ ([
    [[], -40],
    [log.slice(0, 1), -30],
    [log.slice(0, 3), -19],
    [log.slice(0, 7), -15],
    [log, -4],
    [log, 2],
    [log, 11],
  ])) {
    const { next } = stateAt(IV, events, minute);
    assert.ok(actOf(next) !== "none" || known.includes(next.id), next.id);
  }
});

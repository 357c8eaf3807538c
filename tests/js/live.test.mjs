// Whether a page knows that it is not live: silence, a lost stream, and what it does when it hears again.
import assert from "node:assert/strict";
import test from "node:test";

import { Live, SILENT_MS } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/live.js";

/** A stream that a test feeds. */
class FakeStream {
  /** @type {Map<string, () => void>} */
  listeners = new Map();
  closed = false;
  onmessage = (/** @type {{data: string}} */ message) => void message;
  onerror = () => {};

  /**
   * @param {string} name
   * @param {() => void} listener
   */
  addEventListener(name, listener) {
    this.listeners.set(name, listener);
  }

  /** @param {string} name */
  say(name) {
    this.listeners.get(name)?.();
  }

  close() {
    this.closed = true;
  }
}

function page() {
  /** @type {FakeStream[]} */
  const streams = [];
  const seen = { ready: 0, changed: 0, messages: /** @type {unknown[]} */ ([]) };
  const open = () => {
    streams.push(new FakeStream());
    return /** @type {EventSource} */ (/** @type {unknown} */ (streams[streams.length - 1]));
  };
  const at = { now: 1_000_000 };
  const live = new Live(
    "/live/",
    {
      ready: () => seen.ready++,
      message: (data) => seen.messages.push(data),
      changed: () => seen.changed++,
    },
    { open, now: () => at.now },
  );
  live.connect();
  return { live, streams, seen, at };
}

/**
 * Seconds pass, and the page looks every second.
 * @param {Live} live
 * @param {{now: number}} at
 * @param {number} seconds
 */
function wait(live, at, seconds) {
  for (let n = 0; n < seconds; n++) {
    at.now += 1000;
    live.look();
  }
}

test("a page that hears beats stays live", () => {
  const { live, streams, seen, at } = page();
  streams[0].say("ready");
  for (let n = 0; n < 10; n++) {
    wait(live, at, 5);
    streams[0].say("beat");
  }
  assert.equal(live.lostAt, null);
  assert.deepEqual([seen.ready, seen.changed], [1, 0]);
});

test("a silent page says since when it is not live, within 15 seconds", () => {
  const { live, streams, seen, at } = page();
  streams[0].say("ready");
  const heard = at.now;
  wait(live, at, 15);
  assert.equal(live.lostAt, heard);
  assert.equal(seen.changed, 1);
});

test("a page that hears a beat again requests what it missed", () => {
  const { live, streams, seen, at } = page();
  streams[0].say("ready");
  wait(live, at, SILENT_MS / 1000 + 1);
  streams[0].say("beat");
  assert.equal(live.lostAt, null);
  assert.deepEqual([seen.ready, seen.changed], [2, 2]);
});

test("a page that did not run for an hour is not silent until it has listened for 12 seconds", () => {
  const { live, streams, at } = page();
  streams[0].say("ready");
  live.look();
  at.now += 3_600_000;
  live.look();
  assert.equal(live.lostAt, null);
  wait(live, at, 13);
  assert.notEqual(live.lostAt, null);
});

test("a stream that stays silent is opened anew", () => {
  const { live, streams, at } = page();
  wait(live, at, SILENT_MS / 1000 + 6);
  assert.equal(streams.length, 2);
  assert.ok(streams[0].closed);
});

test("a lost stream is not live at once, and a message makes it live", () => {
  const { live, streams, seen } = page();
  streams[0].onerror();
  assert.notEqual(live.lostAt, null);
  streams[0].onmessage({ data: '{"session":"a"}' });
  assert.equal(live.lostAt, null);
  assert.deepEqual(seen.messages, [{ session: "a" }]);
});

// @ts-check
// The queue of entries, with a server and a store in memory: Node has neither IndexedDB nor the clinic's server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Sync } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/sync.js";
import { event, frame, START } from "./rules.mjs";

/** @import { LogEvent, QueueEntry, Refusal } from "../../src/regrow/web/dosing_sessions/static/dosing_sessions/types.js" */

/** What was stored on the tablet; shared by two pages of the same tablet. */
class Disk {
  /** @type {Map<string, QueueEntry>} */
  queue = new Map();
  /** @type {LogEvent[]} */
  log = [];
  keep = async (/** @type {QueueEntry} */ entry) => void this.queue.set(entry.id, structuredClone(entry));
  waiting = async () => [...this.queue.values()].sort((a, b) => a.made - b.made || a.line.seq - b.line.seq);
  readLog = async () => this.log;
  settle = async (/** @type {string} */ _, /** @type {LogEvent[]} */ events, /** @type {string[]} */ sent) => {
    for (const id of sent) this.queue.delete(id);
    this.log = events;
  };
}

/** A server that keeps what it is sent; `mode` says how it answers. */
class Server {
  /** @type {"up" | "down" | "signed-out" | "error" | "answer-lost"} */
  mode = "up";
  /** @type {LogEvent[]} */
  log = [];
  /** @type {any[]} */
  sent = [];
  /** @type {(line: any) => Refusal[]} */
  refuse = () => [];
  /** @type {(line: any) => boolean} */
  unreadable = () => false;

  fetch = async (/** @type {string} */ address, /** @type {RequestInit} */ init) => {
    if (this.mode === "down") throw new TypeError("no network");
    if (this.mode === "signed-out") return Response.json({}, { status: 403 });
    if (this.mode === "error") return new Response("", { status: 502 });
    if (!address.includes("events/")) return Response.json({ now: START, events: this.log });
    const { events } = JSON.parse(String(init.body));
    this.sent.push(events);
    if (events.some(this.unreadable)) return Response.json({ problem: "cannot be read" }, { status: 400 });
    const taken = events.map((/** @type {any} */ line) => ({ id: line.id, refused: this.refuse(line) }));
    const kept = events.filter((/** @type {any} */ line) => !this.refuse(line).length);
    this.log.push(
      ...kept.map((/** @type {any} */ line, /** @type {number} */ n) => stored(line, this.log.length + n + 1)),
    );
    if (this.mode === "answer-lost") throw new TypeError("the connection broke");
    return Response.json({ now: START, events: this.log, taken });
  };
}

/**
 * @param {any} line
 * @param {number} number
 */
const stored = (line, number) => ({ ...line, number, author: "nina", server_time: line.device_time });

const clock = {
  learn: () => {},
  offset: () => 0,
  measured: () => 0,
  deviceNow: () => START,
  now: () => START,
};

/**
 * @param {Server} server
 * @param {Disk} [disk]
 * @param {Parameters<typeof frame>[0]} [more]
 */
function tablet(server, disk = new Disk(), more = {}) {
  /** @type {Record<string, string>} */
  const items = {};
  const storage = {
    getItem: (/** @type {string} */ name) => items[name] ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ value) => void (items[name] = value),
  };
  const sources = { store: disk, clock, storage, fetch: server.fetch, csrf: () => "token", changed: () => {} };
  return { sync: new Sync(frame(more), sources), disk };
}
const nausea = { symptom: "nausea", severity: 3 };
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("an entry is on the disk, is sent, and leaves the queue when the server has it", async () => {
  const server = new Server();
  const { sync, disk } = tablet(server);
  const { id, against } = await sync.record("symptom", nausea, {});
  assert.deepEqual(against, []);
  assert.ok(sync.log.some((e) => e.id === id && e.author === "nina"));
  await settled();
  assert.deepEqual([sync.queue.length, disk.queue.size, server.log.length], [0, 0, 1]);
  assert.equal(sync.server.get(id)?.number, 1);
  assert.equal(sync.savedAt, START);
});

test("an entry against a rule is neither stored nor sent", async () => {
  const server = new Server();
  const { sync, disk } = tablet(server);
  const { id, against } = await sync.record("resume", {}, {});
  assert.equal(id, "");
  assert.deepEqual(
    against.map((r) => r.rule),
    ["resume"],
  );
  await settled();
  assert.deepEqual([sync.queue.length, disk.queue.size, server.sent.length], [0, 0, 0]);
});

test("without a network entries are kept in their order, and go out once when it is back", async () => {
  const server = new Server();
  server.mode = "down";
  const { sync, disk } = tablet(server);
  for (const severity of [1, 2, 3]) await sync.record("symptom", { ...nausea, severity }, {});
  await settled();
  assert.deepEqual([sync.offline, disk.queue.size], [true, 3]);
  assert.ok([...disk.queue.values()].every((entry) => entry.kept));
  server.mode = "up";
  await sync.catchUp();
  await settled();
  assert.deepEqual(
    server.log.map((e) => e.data?.severity),
    [1, 2, 3],
  );
  assert.deepEqual([sync.offline, sync.queue.length, disk.queue.size], [false, 0, 0]);
  assert.ok(server.sent[0].every((/** @type {any} */ line) => line.kept));
});

test("entries survive a closed browser, and another person's stay until that person signs in", async () => {
  const server = new Server();
  server.mode = "down";
  const { sync, disk } = tablet(server);
  await sync.record("symptom", nausea, {});
  await settled();
  const other = tablet(server, disk, { me: { username: "noel", name: "Noel", role: "nurse", licence: "RN" } }).sync;
  await other.load();
  assert.deepEqual([other.queue.length, other.others], [0, 1]);
  const again = tablet(server, disk).sync;
  await again.load();
  assert.deepEqual([again.queue.length, again.others, again.queue[0].kept], [1, 0, true]);
});

test("an answer that was lost is not an entry twice", async () => {
  const server = new Server();
  server.mode = "answer-lost";
  const { sync, disk } = tablet(server);
  await sync.record("symptom", nausea, {});
  await settled();
  assert.deepEqual([sync.offline, disk.queue.size, server.log.length], [true, 1, 1]);
  server.mode = "up";
  await sync.catchUp();
  await settled();
  assert.deepEqual([sync.queue.length, disk.queue.size, server.log.length, server.sent.length], [0, 0, 1, 1]);
});

test("what the server refuses is shown with its reason and does not hold up the rest", async () => {
  const server = new Server();
  server.mode = "down";
  const { sync } = tablet(server);
  await sync.record("symptom", nausea, {});
  await sync.record("symptom", { ...nausea, severity: 4 }, {});
  server.refuse = (line) => (line.data.severity === 3 ? [{ rule: "left", force: "hard", text: "Has left." }] : []);
  server.mode = "up";
  await sync.catchUp();
  await settled();
  assert.equal(sync.problem?.text, "Has left.");
  assert.equal(sync.problem?.entry?.line.data.severity, 3);
  assert.deepEqual(
    server.log.map((e) => e.data?.severity),
    [4],
  );
  assert.equal(sync.queue.length, 0);
});

test("one that the server cannot read is taken out, the others are sent one by one", async () => {
  const server = new Server();
  server.mode = "down";
  const { sync } = tablet(server);
  for (const severity of [1, 2, 3]) await sync.record("symptom", { ...nausea, severity }, {});
  server.unreadable = (line) => line.data.severity === 2;
  server.mode = "up";
  await sync.catchUp();
  await settled();
  assert.deepEqual(
    server.log.map((e) => e.data?.severity),
    [1, 3],
  );
  assert.equal(sync.problem?.text, "cannot be read");
  assert.deepEqual(
    server.sent.map((batch) => batch.length),
    [3, 1, 1, 1],
  );
});

test("signed out, entries stay here and the page asks to sign in", async () => {
  const server = new Server();
  server.mode = "signed-out";
  const { sync, disk } = tablet(server);
  await sync.record("symptom", nausea, {});
  await settled();
  assert.deepEqual([sync.problem?.signIn, sync.offline, disk.queue.size], [true, true, 1]);
});

test("an error of the server is as good as no network", async () => {
  const server = new Server();
  server.mode = "error";
  const { sync } = tablet(server);
  await sync.record("symptom", nausea, {});
  await settled();
  assert.deepEqual([sync.offline, sync.queue.length], [true, 1]);
});

test("a new entry comes after everything that is known here, whatever the clocks say", async () => {
  const server = new Server();
  server.mode = "down";
  const ahead = event(0.04, "symptom", nausea);
  const { sync } = tablet(server, new Disk(), { events: [...frame().events, ahead] });
  const { id } = await sync.record("symptom", { ...nausea, severity: 4 }, {});
  const made = sync.log.find((e) => e.id === id);
  assert.ok(Date.parse(made?.device_time ?? "") > Date.parse(ahead.device_time));
});

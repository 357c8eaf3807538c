// @ts-check
// The log on this tablet: the server's entries, the queue of those not yet sent, and how the two are brought together.
import { noticed, refusalsOf } from "./fold.js";

/** @import { Clock } from "./clock.js" */
/** @import { Store } from "./store.js" */
/** @import { Frame, LogEvent, Problem, QueueEntry, Refusal } from "./types.js" */
/** @typedef {{id: string, number: number | null, refused: Refusal[]}} Taken */
/** @typedef {{now: number, events: LogEvent[], taken: Taken[], problem: string}} Answer */

const PATIENCE = 15_000; // ms; a network that takes longer is as good as none
const BATCH = 50;
const CLINICAL = ["nurse", "prescriber", "director"];

/**
 * @typedef {object} Sources
 * @property {Store} store
 * @property {Clock} clock
 * @property {Pick<Storage, "getItem" | "setItem">} storage
 * @property {(address: string, init: RequestInit) => Promise<Response>} fetch
 * @property {() => string} csrf
 * @property {() => void} changed called when there is something new to draw
 */

export class Sync {
  /**
   * @param {Frame} frame
   * @param {Sources} sources
   */
  constructor(frame, sources) {
    this.frame = frame;
    this.sources = sources;
    /** @type {Map<string, LogEvent>} */
    this.server = new Map(frame.events.map((event) => [event.id, event]));
    /** @type {QueueEntry[]} */
    this.queue = [];
    this.writing = 0; // entries on their way to this tablet's disk
    this.others = 0; // entries of another staff member on this tablet
    this.offline = false;
    /** @type {number | null} */
    this.savedAt = null;
    /** @type {Problem | null} */
    this.problem = null;
    this.flushing = false;
  }

  /** Number of the newest entry known of the server's log. */
  get newest() {
    return Math.max(0, ...[...this.server.values()].map((e) => e.number ?? 0));
  }

  /** @returns {LogEvent[]} */
  get log() {
    const here = this.queue.filter((q) => !this.server.has(q.id)).map((q) => this.asEvent(q));
    return [...this.server.values(), ...here];
  }

  /**
   * An entry of the queue as the server will write it.
   * @param {QueueEntry} entry
   * @returns {LogEvent}
   */
  asEvent(entry) {
    const { me } = this.frame;
    const offset = this.sources.clock.offset();
    return {
      ...entry.line,
      author: me.username,
      role: CLINICAL.includes(me.role) ? me.role : "",
      licence: me.licence,
      server_time: new Date(entry.made + offset).toISOString(),
      skew_ms: offset,
    };
  }

  /** Reads what this tablet stored before it was closed. */
  async load() {
    const { store } = this.sources;
    this.take(await store.readLog(this.frame.session).catch(() => []));
    const all = await store.waiting(this.frame.session).catch(() => []);
    this.queue = all.filter((entry) => entry.user === this.frame.me.username);
    this.others = all.length - this.queue.length;
    for (const entry of this.queue) entry.kept = true; // it waited through a closed browser
  }

  /** @param {(LogEvent | null)[]} events */
  take(events) {
    for (const event of events) if (event) this.server.set(event.id, event);
    // It arrived, though the answer that says so may have been lost.
    const arrived = this.queue.filter((entry) => this.server.has(entry.id)).map((entry) => entry.id);
    if (arrived.length) void this.drop(arrived);
  }

  /**
   * Records an event: on this tablet's disk first, then at the server. Returns its id, or the rules against it.
   * @param {string} kind
   * @param {Record<string, any>} data
   * @param {{happened_at?: string}} more
   * @returns {Promise<{id: string, against: Refusal[]}>}
   */
  async record(kind, data, more) {
    const { clock, store, storage, changed } = this.sources;
    // After everything that is known here, whatever the clocks say.
    const made = Math.ceil(noticed(this.log, clock.now() - 1) + 1 - clock.offset());
    const seq = Number(storage.getItem("chair-seq") ?? "0") + 1;
    storage.setItem("chair-seq", String(seq));
    const line = { id: crypto.randomUUID(), kind, data, device_time: new Date(made).toISOString(), seq, ...more };
    const { session, me, rules } = this.frame;
    const entry = { id: line.id, session, user: me.username, made, line, kept: this.offline };
    const against = refusalsOf(rules, this.log, this.asEvent(entry));
    if (against.length) return { id: "", against };
    this.writing += 1;
    await store.keep(entry).finally(() => (this.writing -= 1));
    this.queue.push(entry);
    this.problem = null;
    changed();
    void this.flush();
    return { id: line.id, against: [] };
  }

  /**
   * @param {string} path
   * @param {object} [body]
   */
  async ask(path, body) {
    const sent = Date.now();
    const response = await this.sources.fetch(`${this.frame.address}${path}`, {
      ...(body && { method: "POST", body: JSON.stringify(body) }),
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": this.sources.csrf(),
      },
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (response.status >= 500) throw new Error(`the server answered ${response.status}`);
    /** @type {Answer} */
    const answer = await response.json();
    if (response.ok) this.sources.clock.learn({ sent, received: Date.now(), server: answer.now });
    return { answer, ok: response.ok, signedOut: response.status === 401 || response.status === 403 };
  }

  /** Sends the queue in its order, until it is empty or the network is away. */
  async flush() {
    if (this.flushing || !this.queue.length) return;
    this.flushing = true;
    try {
      let size = BATCH;
      while (this.queue.length) {
        const batch = this.queue.slice(0, size);
        const { answer, ok, signedOut } = await this.ask("events/", {
          sent_at: new Date().toISOString(),
          offset_ms: this.sources.clock.measured(),
          events: batch.map((entry) => ({ ...entry.line, kept: entry.kept })),
        });
        if (signedOut) return this.signedOut("Sign in again to upload entries saved on this tablet.");
        if (ok) {
          await this.taken(batch, answer);
        } else if (batch.length > 1) {
          size = 1; // the server cannot read one of these: one by one, so that it holds up no other
        } else {
          this.refused(batch[0], [{ text: answer.problem }]);
          await this.drop([batch[0].id]);
        }
      }
    } catch {
      this.away();
    } finally {
      this.flushing = false;
      this.sources.changed();
    }
  }

  /**
   * @param {QueueEntry[]} batch
   * @param {Answer} answer
   */
  async taken(batch, answer) {
    this.take(answer.events);
    for (const taken of answer.taken) {
      const entry = batch.find((q) => q.id === taken.id);
      if (taken.refused.length && entry) this.refused(entry, taken.refused);
    }
    await this.drop(answer.taken.map((t) => t.id));
    this.offline = false;
    this.savedAt = this.sources.clock.now();
  }

  /** @param {string[]} ids */
  async drop(ids) {
    this.queue = this.queue.filter((q) => !ids.includes(q.id));
    await this.sources.store.settle(this.frame.session, [...this.server.values()], ids);
  }

  /**
   * @param {QueueEntry} entry
   * @param {{text: string}[]} reasons
   */
  refused(entry, reasons) {
    this.problem = { text: reasons.map((r) => r.text).join(" "), entry };
  }

  /** There is no network: what waits is marked as kept, so that the server labels it late. */
  away() {
    this.offline = true;
    for (const entry of this.queue.filter((q) => !q.kept)) {
      entry.kept = true;
      void this.sources.store.keep(entry);
    }
  }

  /** @param {string} text */
  signedOut(text) {
    this.problem = { text, signIn: true };
    this.offline = true;
  }

  /** Asks for the entries after the newest known, then sends what waits. */
  async catchUp() {
    try {
      const { answer, ok, signedOut } = await this.ask(`log/?after=${this.newest}`);
      if (signedOut) return this.signedOut("Sign in again to continue.");
      if (!ok) throw new Error(answer.problem);
      this.take(answer.events);
      this.offline = false;
      await this.sources.store.settle(this.frame.session, [...this.server.values()], []);
      void this.flush();
    } catch {
      this.away();
    } finally {
      this.sources.changed();
    }
  }
}

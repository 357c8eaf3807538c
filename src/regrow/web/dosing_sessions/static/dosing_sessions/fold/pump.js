// @ts-check
// The pump's course: runs at a constant rate between starts, pauses and rate changes. Volumes in mL, rates in mL/h.

/** @import { Entry, PumpRun } from "../types.js" */

const HOUR = 3_600_000;

export class Pump {
  /** @param {Record<string, any>} order */
  constructor(order) {
    this.total = Number(order.total_ml);
    this.line = Number(order.tubing_ml ?? 0);
    this.rate = Number(order.rate_ml_per_h);
    this.mgPerMl = Number(order.prepared_mg) / this.total;
    /** @type {PumpRun[]} */
    this.runs = [];
    this.pumped = 0;
    this.flushed = 0;
    /** @type {number | null} */
    this.startedAt = null;
    /** @type {number | null} */
    this.endedAt = null;
    /** @type {number | null} */
    this.since = null;
  }

  get phase() {
    if (this.startedAt === null) return "preparing";
    if (this.endedAt !== null) return "observing";
    return this.since !== null ? "infusing" : "paused";
  }

  get delivered() {
    return this.pumped + this.flushed;
  }

  get left() {
    return this.total - this.delivered;
  }

  get inLineMg() {
    return this.startedAt === null ? 0 : Math.min(this.line - this.flushed, this.left) * this.mgPerMl;
  }

  /** @param {number} since */
  emptyAt(since) {
    return Math.round(since + ((this.total - this.line - this.pumped) / this.rate) * HOUR);
  }

  /** @param {Record<string, any>} data */
  setRate(data) {
    if (data.rate_ml_per_h) this.rate = Number(data.rate_ml_per_h);
  }

  /** @param {Entry} entry */
  take(entry) {
    this.runTo(entry.at);
    const open = this.endedAt === null;
    switch (entry.kind) {
      case "start":
        if (this.startedAt !== null) return;
        this.startedAt = this.since = entry.at;
        this.setRate(entry.data);
        return;
      case "pause":
        if (open) this.since = null;
        return;
      case "resume":
        if (this.startedAt === null || !open || this.since !== null) return;
        this.since = entry.at;
        this.setRate(entry.data);
        return;
      case "rate":
        if (open) this.setRate(entry.data);
        return;
      case "stop":
      case "complete":
      case "handover":
      case "left":
        if (this.startedAt === null || !open) return;
        this.since = null;
        this.endedAt = entry.at;
        return;
      case "flush":
        if (!open) this.flush(Number(entry.data.ml));
    }
  }

  /** @param {number} ml */
  flush(ml) {
    const inLine = Math.min(this.line - this.flushed, this.left);
    this.flushed += Math.min(ml, Math.max(inLine, 0));
  }

  /**
   * Lets it run until `moment`, or until the bag is empty.
   * @param {number} moment
   */
  runTo(moment) {
    if (this.since === null || moment <= this.since) return;
    const empty = this.emptyAt(this.since);
    const until = Math.min(moment, empty);
    this.runs.push({ from: this.since, to: until, rate: this.rate });
    if (empty <= moment) {
      this.pumped = this.total - this.line;
      this.endedAt = empty;
      this.since = null;
    } else {
      this.pumped += (this.rate * (until - this.since)) / HOUR;
      this.since = moment;
    }
  }

  /** When the bag will be, or was, empty or stopped; null before the start and while paused. */
  endsAt() {
    return this.endedAt !== null || this.since === null ? this.endedAt : this.emptyAt(this.since);
  }
}

// @ts-check
// What the log has shown up to one moment. The checklists, alarms and refusals read it.
import { Pump } from "./pump.js";

/** @import { Entry, Rules } from "../types.js" */

export const PRESSURE = ["systolic_mmhg", "diastolic_mmhg"];

export class Projection {
  /** @param {Rules} rules */
  constructor(rules) {
    this.rules = rules;
    /** @type {Record<string, any> | null} */
    this.order = null;
    /** @type {Pump | null} */
    this.pump = null;
    /** @type {Map<string, Entry[]>} */
    this.kinds = new Map();
    /** @type {Entry | null} */
    this.departed = null;
    /** @type {Entry | null} */
    this.closed = null;
  }

  /**
   * @param {string} kind
   * @returns {Entry[]}
   */
  of(kind) {
    return this.kinds.get(kind) ?? [];
  }

  /** @param {string} kind */
  last(kind) {
    return this.of(kind).at(-1) ?? null;
  }

  /**
   * A signed limit, or null when it was left empty.
   * @param {string | undefined} name
   * @returns {number | null}
   */
  limit(name) {
    const value = name ? this.order?.limits?.[name] : undefined;
    return value === undefined || value === null || value === "" ? null : Number(value);
  }

  /** @param {Entry} entry */
  take(entry) {
    if (entry.kind === "order" && !this.dosed) {
      this.order = entry.data;
      const infused = entry.data.total_ml && entry.data.rate_ml_per_h;
      this.pump = this.rules.way === "infusion" && infused ? new Pump(entry.data) : null;
    }
    this.pump?.take(entry);
    if (entry.kind === "handover" || entry.kind === "left") this.departed = entry;
    if (entry.kind === "close") this.closed = entry;
    const known = this.kinds.get(entry.kind);
    if (known) known.push(entry);
    else this.kinds.set(entry.kind, [entry]);
  }

  get firstDoseAt() {
    return this.pump ? this.pump.startedAt : (this.given[0]?.at ?? null);
  }

  get dosed() {
    return this.firstDoseAt !== null;
  }

  get devicesOrdered() {
    const { devices } = this.rules;
    return this.order && devices ? Math.floor(Number(this.order.prepared_mg) / Number(devices.mg)) : 0;
  }

  /** The devices, or the single doses, in order; none for a pump. */
  get given() {
    if (this.rules.way === "single") return this.of("administer");
    /** @type {Entry[]} */
    const found = [];
    if (this.rules.way !== "devices") return found;
    for (const entry of this.of("device")) {
      if (entry.data.n === found.length + 1 && found.length < this.devicesOrdered) found.push(entry);
    }
    return found;
  }

  get endedAt() {
    if (this.pump) return this.pump.endedAt;
    const last = this.given.at(-1);
    if (!last) return null;
    const whole = this.rules.way === "single" || this.given.length === this.devicesOrdered;
    return whole || this.last("stop") || this.departed ? last.at : null;
  }

  get consentWithdrawn() {
    return this.of("stop").some((e) => e.data.reason === "consent_withdrawn");
  }

  get deliveredMg() {
    if (this.pump) return this.pump.delivered * this.pump.mgPerMl;
    if (this.rules.devices) return Number(this.rules.devices.mg) * this.given.length;
    return this.given.reduce((sum, e) => sum + Number(e.data.mg), 0);
  }

  get phase() {
    if (this.closed) return "closed";
    if (this.departed) return this.departed.kind === "handover" ? "discharged" : "left_against_advice";
    if (this.pump) return this.pump.phase;
    if (!this.given.length) return "preparing";
    return this.endedAt !== null ? "observing" : "administering";
  }

  /**
   * first_dose, last_dose or dose_end, as the protocol's clocks name them.
   * @param {string} name
   */
  anchor(name) {
    if (name === "first_dose") return this.firstDoseAt;
    if (name === "last_dose" && !this.pump) return this.given.at(-1)?.at ?? null;
    return this.endedAt;
  }

  /**
   * Readings that hold every one of `names`, without those marked as artifacts.
   * @param {string[]} names
   */
  vitals(...names) {
    return this.of("vital").filter((e) => !e.data.artefact && names.every((n) => n in e.data));
  }

  /** @param {string} scale */
  scores(scale) {
    return this.of("scale").filter((e) => e.data.scale === scale);
  }

  get unsigned() {
    const signed = Math.max(-Infinity, ...this.of("sign").map((e) => e.at));
    return this.of("vital").filter((e) => String(e.data.source ?? "").startsWith("monitor") && e.at > signed);
  }

  get openSymptoms() {
    /** @type {Map<string, Entry>} */
    const latest = new Map();
    for (const entry of this.of("symptom")) {
      if (entry.data.resolved) latest.delete(entry.data.symptom);
      else latest.set(entry.data.symptom, entry);
    }
    return [...latest.values()];
  }

  /** Null when no prescriber has said. */
  get prescriberHere() {
    const here = new Map(this.of("presence").map((e) => [String(e.data.who), Boolean(e.data.here)]));
    return here.size ? [...here.values()].some(Boolean) : null;
  }

  get overridden() {
    const roles = this.rules.constants.prescribing_roles;
    return new Set(
      this.of("override")
        .filter((e) => roles.includes(e.event.role ?? ""))
        .map((e) => String(e.data.rule)),
    );
  }
}

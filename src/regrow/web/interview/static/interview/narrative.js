// @ts-check
// The narrative of one section: sent a second after it was edited, and stored in this browser until the clinic has it.

/** @import { Drafts } from "./drafts.js" */
/** @import { NarrativeReply } from "./replies.js" */
/** @import { Say, StoredNarrative, Texts } from "./types.js" */

export const DELAYS = { save_ms: 1000, retry_ms: 3000 };

/** @typedef {{section: string, text: string, base: number}} Sent */
/**
 * @typedef {object} Sources
 * @property {Drafts} drafts
 * @property {(narrative: Sent, leaving: boolean) => Promise<NarrativeReply>} send
 * @property {Say} say
 * @property {(narrative: Narrative, stored: StoredNarrative) => void} conflict asks which text is to stay
 * @property {() => void} stored called when the clinic has stored the text
 * @property {Texts} texts
 * @property {typeof DELAYS} delays
 */

export class Narrative {
  /**
   * @param {string} section
   * @param {{value: string}} field
   * @param {number} base number of the save that the text was edited from
   * @param {Sources} sources
   */
  constructor(section, field, base, sources) {
    this.section = section;
    this.field = field;
    this.base = base;
    this.sources = sources;
    /** @type {ReturnType<typeof setTimeout> | null} */
    this.timer = null;
    this.waiting = false; // edited since it was last sent
    this.sending = false;
    this.inConflict = false; // another window has saved; nothing is sent until one text is chosen
  }

  get isUnsaved() {
    return this.waiting || this.sending;
  }

  /** Takes up the draft that this browser stored before it was closed. */
  restore() {
    const draft = this.sources.drafts.get(this.section);
    const stored = { text: this.field.value, saved: this.base };
    if (!draft || draft.text === stored.text) return this.sources.drafts.remove(this.section);
    this.field.value = draft.text;
    if (draft.base === this.base) this.edited(0);
    else this.askWhichStays(stored);
  }

  edited(wait = this.sources.delays.save_ms) {
    const { drafts, say, texts } = this.sources;
    drafts.put(this.section, { text: this.field.value, base: this.base });
    this.waiting = true;
    if (this.inConflict) return;
    say(texts.saving);
    this.saveAfter(wait);
  }

  /** @param {number} wait in ms */
  saveAfter(wait) {
    this.timer ??= setTimeout(() => void this.save(), wait);
  }

  /** @param {{leaving?: boolean}} [how] `leaving` lets the request outlive the page */
  async save({ leaving = false } = {}) {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.inConflict) return;
    if (this.sending) return this.saveAfter(this.sources.delays.save_ms);
    const { section, base } = this;
    const text = this.field.value;
    this.waiting = false;
    this.sending = true;
    const reply = await this.sources.send({ section, text, base }, leaving);
    this.sending = false;
    if (reply.kind === "saved") this.saved(text, reply.saved);
    else if (reply.kind === "conflict") this.askWhichStays(reply.stored);
    else this.failed(reply);
  }

  /**
   * @param {string} text as it was sent
   * @param {number} saved
   */
  saved(text, saved) {
    this.base = saved;
    if (this.field.value === text) this.sources.drafts.remove(this.section);
    else this.edited();
    this.sources.stored();
  }

  /** @param {Exclude<NarrativeReply, {kind: "saved" | "conflict"}>} reply */
  failed(reply) {
    const { drafts, say, texts, delays } = this.sources;
    if (reply.kind === "unreachable") say(texts.offline, "warn");
    else say(reply.kind === "signed out" ? texts.signed_out : reply.problem || texts.not_saved, "stop");
    drafts.put(this.section, { text: this.field.value, base: this.base });
    this.waiting = true;
    this.saveAfter(delays.retry_ms);
  }

  /** @param {StoredNarrative} stored */
  askWhichStays(stored) {
    this.inConflict = true;
    this.sources.conflict(this, stored);
    this.sources.say(this.sources.texts.conflict, "warn");
  }

  /**
   * Ends the conflict: this text alone, or with the other one below it.
   * @param {StoredNarrative} stored
   * @param {boolean} withStored
   */
  resolve(stored, withStored) {
    if (withStored) this.field.value = `${this.field.value}\n\n${stored.text}`.trim();
    this.base = stored.saved;
    this.inConflict = false;
    this.edited(0);
  }
}

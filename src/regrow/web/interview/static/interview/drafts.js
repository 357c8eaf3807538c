// @ts-check
// Text that the clinic has not stored yet, in this browser, by patient, visit and section.

/** @typedef {{text: string, base: number}} Draft `base` is the save that it was edited from */

/**
 * @param {string | null} json
 * @returns {Draft | null}
 */
function draftOf(json) {
  try {
    const found = JSON.parse(json ?? "null");
    return found && typeof found.text === "string" ? { text: found.text, base: Number(found.base) } : null;
  } catch {
    return null;
  }
}

export class Drafts {
  /**
   * @param {Storage} storage
   * @param {string} patient
   * @param {string | null} visit
   */
  constructor(storage, patient, visit) {
    this.storage = storage;
    this.ofPatient = `regrow talk ${patient} `; // keys of earlier releases are read too
    this.ofVisit = visit === null ? null : `${this.ofPatient}${visit} `;
  }

  /** @param {string} section */
  key(section) {
    return `${this.ofVisit}${section}`;
  }

  /** @param {string} section */
  get(section) {
    return draftOf(this.storage.getItem(this.key(section)));
  }

  /**
   * @param {string} section
   * @param {Draft} draft
   */
  put(section, draft) {
    this.storage.setItem(this.key(section), JSON.stringify(draft));
  }

  /** @param {string} section */
  remove(section) {
    this.storage.removeItem(this.key(section));
  }

  /** Text of earlier visits of this patient that never reached the clinic. */
  unsent() {
    const { storage, ofPatient, ofVisit } = this;
    const keys = Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? "");
    return keys
      .filter((key) => key.startsWith(ofPatient) && !(ofVisit && key.startsWith(ofVisit)))
      .map((key) => ({ text: draftOf(storage.getItem(key))?.text ?? "", remove: () => storage.removeItem(key) }));
  }
}

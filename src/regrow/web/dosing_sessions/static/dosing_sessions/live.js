// @ts-check
// The live stream of events, and whether it is live: the server sends a beat every 5 seconds, and a page that has heard
// nothing for 12 says so. A stream that fell silent is opened anew.

export const SILENT_MS = 12_000;
const LOOK_EVERY_MS = 1000;
const PAUSED_MS = 3000; // two looks further apart: the page did not run, such as on a sleeping tablet
const OPEN_AGAIN_MS = 5000;

/**
 * @typedef {object} Handlers
 * @property {() => void} ready  events come from now on; what was missed is to be requested
 * @property {(data: any) => void} message
 * @property {() => void} changed  the page became live, or stopped being so
 */

export class Live {
  /**
   * @param {string} address
   * @param {Handlers} handlers
   * @param {{open?: (address: string) => EventSource, now?: () => number}} [parts]  replaced by tests
   */
  constructor(address, handlers, { open = (a) => new EventSource(a), now = () => Date.now() } = {}) {
    this.address = address;
    this.handlers = handlers;
    this.open = open;
    this.now = now;
    this.heardAt = now();
    this.openedAt = now();
    this.lookedAt = now();
    /** @type {number | null} when it was last heard, while it is not live */
    this.lostAt = null;
    /** @type {EventSource | null} */
    this.stream = null;
  }

  /** Opens the stream, and looks every second whether it is still heard. */
  start() {
    this.connect();
    setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  connect() {
    this.stream?.close();
    this.openedAt = this.now();
    const stream = this.open(this.address);
    this.stream = stream;
    stream.addEventListener("ready", () => {
      this.heard();
      this.handlers.ready();
    });
    stream.addEventListener("beat", () => this.heard());
    stream.onmessage = (/** @type {MessageEvent<string>} */ message) => {
      this.heard();
      this.handlers.message(JSON.parse(message.data));
    };
    stream.onerror = () => this.lost();
  }

  heard() {
    const was = this.lostAt;
    this.heardAt = this.now();
    this.lostAt = null;
    if (was === null) return;
    this.handlers.changed();
    this.handlers.ready(); // a beat alone does not bring what was missed
  }

  lost() {
    if (this.lostAt !== null) return;
    this.lostAt = this.heardAt;
    this.handlers.changed();
  }

  look() {
    const since = this.now() - this.lookedAt;
    this.lookedAt = this.now();
    if (since > PAUSED_MS) {
      // Nothing could be heard while the page did not run; the next beat decides.
      this.heardAt += since;
      this.openedAt += since;
    }
    if (this.now() - this.heardAt <= SILENT_MS) return;
    this.lost();
    if (this.now() - this.openedAt > SILENT_MS + OPEN_AGAIN_MS) this.connect();
  }
}

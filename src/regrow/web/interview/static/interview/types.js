// @ts-check
// The shapes of the JSON that the server sends, and of what the modules share.

/**
 * Sentences of the status and of what went wrong.
 * @typedef {object} Texts
 * @property {string} saving
 * @property {string} saved
 * @property {string} recorded
 * @property {string} conflict
 * @property {string} signed_out
 * @property {string} not_saved
 * @property {string} offline
 * @property {string} form_signed_out
 * @property {string} form_offline
 */
/**
 * What the page is opened with.
 * @typedef {object} Frame
 * @property {string} patient
 * @property {string | null} visit the open visit; null before one is started
 * @property {string} narrative_address
 * @property {string} sign_in_path
 * @property {Texts} texts
 */

/** @typedef {{saved: number, text: string}} StoredNarrative the clinic's text and how often it was saved */
/** @typedef {"" | "ok" | "warn" | "stop"} Look of the status chip */
/** @typedef {(text: string, look?: Look) => void} Say */

export {};

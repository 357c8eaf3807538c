// @ts-check
// How far a simulation is, as the server's answer says it.

/** @typedef {{ended: boolean, done: number, total: number}} Progress `total` is 0 until it is known */

/** @param {Progress} progress */
export const percent = ({ done, total }) => (total ? Math.round((100 * done) / total) : null);

/**
 * The sentence under the bar; empty while the total is unknown.
 * @param {string} template with {percent}
 * @param {Progress} progress
 */
export function progressText(template, progress) {
  const share = percent(progress);
  return share === null ? "" : template.replace("{percent}", String(share));
}

// @ts-check
// What the server's answers mean. A request that never arrived is answered by null.

/** @import { StoredNarrative } from "./types.js" */
/**
 * @typedef {{kind: "saved", saved: number}
 *   | {kind: "conflict", stored: StoredNarrative}
 *   | {kind: "refused", problem: string}
 *   | {kind: "signed out"}
 *   | {kind: "unreachable"}} NarrativeReply `problem` is empty when the server gave no reason
 * @typedef {{kind: "page", ok: boolean, address: string, html: string}
 *   | {kind: "refused", problem: string}
 *   | {kind: "signed out"}
 *   | {kind: "unreachable"}} FormReply
 */

/**
 * @param {Response | null} response
 * @returns {Promise<NarrativeReply>}
 */
export async function narrativeReply(response) {
  if (!response || response.status >= 500) return { kind: "unreachable" };
  if (response.status === 401 || response.redirected) return { kind: "signed out" };
  const body = await response.json().catch(() => ({}));
  if (response.ok && "saved" in body) return { kind: "saved", saved: body.saved };
  if (response.status === 409 && "saved" in body) return { kind: "conflict", stored: body };
  return { kind: "refused", problem: body.problem ?? "" };
}

/**
 * @param {Response | null} response
 * @param {string} signInPath
 * @returns {Promise<FormReply>}
 */
export async function formReply(response, signInPath) {
  if (!response) return { kind: "unreachable" };
  if (response.headers.get("Content-Type")?.startsWith("application/json")) {
    return { kind: "refused", problem: (await response.json()).problem };
  }
  if (new URL(response.url).pathname === signInPath) return { kind: "signed out" };
  return { kind: "page", ok: response.ok, address: response.url, html: await response.text() };
}

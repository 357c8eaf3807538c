// @ts-check
// Which patient monitor belongs to this chair: the nurse compares its screen with what the server received from it.
import { html } from "../html.js";
import { ask } from "./ask.js";

/** @import { Chair } from "../types.js" */
/**
 * @typedef {object} Monitor
 * @property {string} device
 * @property {Record<string, number>} last_message
 * @property {number} heard_s seconds since its last message
 * @property {string} problem
 * @property {boolean} here
 * @property {string} elsewhere
 */

/** @param {Chair} chair */
export async function askMonitor(chair) {
  if (chair.sync.offline) {
    return ask("Monitor", html`<p>No network. Pair the monitor later; until then, enter its readings by hand.</p>`);
  }
  const asked = await chair.sync.ask("monitors/").catch(() => null);
  if (!asked?.ok) return ask("Monitor", html`<p>The list of monitors is not available. Try again in a moment.</p>`);
  const { monitors } = /** @type {{monitors: Monitor[]}} */ (/** @type {unknown} */ (asked.answer));
  const list = monitors.length
    ? html`<p class="muted">Compare with the screen of the monitor.</p>
        <ul class="rows">
          ${monitors.map(row)}
        </ul>`
    : html`<p>No monitor sent a message in the last 10 minutes. Turn it on and check that it sends to the clinic.</p>`;
  ask("Monitor at this chair", list, (choice) => {
    void pair(chair, choice.startsWith("pair:") ? choice.slice("pair:".length) : "");
  });
}

/** @param {Monitor} monitor */
function row(monitor) {
  const paired = html`<button class="button" value="">Paired</button
    ><button class="button" value="unpair">Unpair</button>`;
  const free = html`<button class="button do" value="pair:${monitor.device}">Pair</button>`;
  const taken = html`<span class="chip plain">at ${monitor.elsewhere}</span>`;
  return html`<li>
    <span class="grow"
      ><b>${monitor.device}</b> shows ${readings(monitor.last_message)}<br /><span class="small"
        >last message ${monitor.heard_s} s ago${monitor.problem && ` · ${monitor.problem}`}</span
      ></span
    >${monitor.here ? paired : monitor.elsewhere ? taken : free}
  </li>`;
}

/** @param {Record<string, number>} last */
function readings(last) {
  const shown = [
    last.systolic_mmhg && `${last.systolic_mmhg}/${last.diastolic_mmhg}`,
    last.pulse_per_min && `HR ${last.pulse_per_min}`,
    last.spo2_percent && `SpO₂ ${last.spo2_percent}%`,
  ];
  return shown.filter(Boolean).join(", ") || "nothing yet";
}

/**
 * @param {Chair} chair
 * @param {string} device empty to unpair
 */
async function pair(chair, device) {
  const response = await chair.sync.sources
    .fetch(`${chair.frame.address}monitors/`, {
      method: "POST",
      body: new URLSearchParams({ device }),
      headers: { Accept: "application/json", "X-CSRFToken": chair.sync.sources.csrf() },
    })
    .catch(() => null);
  if (!response) chair.sync.problem = { text: "No network: the pairing was not changed." };
  else if (!response.ok) chair.sync.problem = { text: (await response.json()).problem };
  chair.render();
}

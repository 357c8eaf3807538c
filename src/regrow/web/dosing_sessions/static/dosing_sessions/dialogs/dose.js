// @ts-check
// The dose itself: pause, stop, rate, a nasal spray device, a single dose.
import { html } from "../html.js";
import { ask, choices, field, problem, save, value } from "./ask.js";

/** @import { Chair } from "../types.js" */

/**
 * Acts at once; the reason is asked afterwards and added as a correction.
 * @param {Chair} chair
 * @param {"pause" | "stop"} kind
 */
export async function halt(chair, kind) {
  const id = await chair.submit(kind);
  if (!id) return;
  const { pause_reasons, stop_reasons } = chair.rules.constants;
  const [title, reasons] = kind === "pause" ? ["Paused. Reason?", pause_reasons] : ["Stopped. Reason?", stop_reasons];
  ask(title, choices(Object.entries(reasons)), (reason) => {
    void chair.submit("correction", { corrects: id, reason: "asked afterwards", data: { reason } });
  });
}

/** @param {Chair} chair */
export function askRate(chair) {
  const rate = field("rate", chair.rules.constants.fields.rate_ml_per_h, {
    value: chair.state.rate,
    mode: "decimal",
    required: true,
    focus: true,
  });
  ask("Change rate", html`${rate}${save("Save rate")}`, (choice, form, element) => {
    const typed = value(form, "rate");
    if (!(Number(typed) > 0 && Number(typed) < 10_000)) {
      return problem(element, "Enter a rate above 0 mL/h. To stop the flow, pause.");
    }
    void chair.submit("rate", { rate_ml_per_h: typed });
  });
}

/**
 * @param {Chair} chair
 * @param {number} n number of the device
 */
export function askDevice(chair, n) {
  const { first, every } = chair.rules.constants.device_instructions;
  const lot = chair.state.entries.findLast((e) => e.data.lot)?.data.lot ?? "";
  const body = html`${n === 1 && html`<p>${first}</p>`}
    <p>${every}</p>
    ${field("lot", "Lot", { value: lot, required: true })}${save(`Record device ${n}`)}`;
  ask(`Device ${n}`, body, (choice, form) => {
    void chair.submit("device", { n, lot: value(form, "lot"), container: `device-${n}` });
  });
}

/** @param {Chair} chair */
export function askSingle(chair) {
  const mg = chair.state.next.data.mg ?? chair.state.order?.prepared_mg;
  const body = html`<div class="fields">
      ${field("mg", "Dose (mg)", { value: mg, mode: "decimal", required: true })}${field("place", "Site")}
    </div>
    ${save("Record dose")}`;
  ask("Give dose", body, (choice, form, element) => {
    const [amount, place] = [value(form, "mg"), value(form, "place")];
    if (!(Number(amount) > 0)) return problem(element, "Enter a number above 0, such as 40.");
    void chair.submit("administer", { mg: amount, ...(place ? { place } : {}) });
  });
}

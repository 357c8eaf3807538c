// @ts-check
// Before the dose: who this is, the checklist, and what is taken out of which container.
import { plain } from "../fold.js";
import { html } from "../html.js";
import { ask, field, problem, save, value } from "./ask.js";

/** @import { Chair } from "../types.js" */

/** @param {Chair} chair */
export function askIdentity(chair) {
  const { alike, patient } = chair.frame;
  const { identifiers } = chair.rules.constants;
  const box = (/** @type {string} */ id) =>
    html`<label class="check"
      ><input type="checkbox" name="by" value="${id}" />${identifiers[id]}${id === "mrn" && ` ${patient.mrn}`}</label
    >`;
  const alert =
    alike.length > 0 &&
    html`<p class="alarm warn">Name alert: ${alike.join(", ")} is here today. Verify photo or MRN.</p>`;
  const body = html`${alert}${Object.keys(identifiers).map(box)}${save(`Confirm ${patient.name}`)}`;
  ask("Verify identity", body, (choice, form, element) => {
    const by = form.getAll("by");
    if (by.length < 2) return problem(element, "Check two identifiers, such as name and date of birth.");
    void chair.submit("identity", { by });
  });
}

/** @param {Chair} chair */
export function askChecks(chair) {
  const { before } = chair.rules;
  const open = chair.state.before.filter((row, n) => row.open && before[n].kind === "check");
  const boxes = open.map(
    (row) =>
      html`<label class="check"><input type="checkbox" name="check" value="${row.criterion}" />${row.text}</label>`,
  );
  ask("Pre-dose checklist", html`${boxes}${save("Save checklist")}`, (choice, form, element) => {
    const done = form.getAll("check");
    if (!done.length) return problem(element, "Check at least one item.");
    void (async () => {
      for (const check of done) await chair.submit("check", { check, holds: true });
    })();
  });
}

/** @param {Chair} chair */
export function askDraw(chair) {
  const { devices, constants } = chair.rules;
  const lines = chair.state.containers.filter((c) => c.container !== constants.preparation);
  const used = lines.map((c) => c.container);
  const cabinet = chair.frame.cabinet.filter((c) => !used.includes(c.id));
  const unknown = { id: `${devices ? "device" : "vial"}-${used.length + 1}`, lot: "", expiry: "" };
  const first = cabinet[0] ?? { ...unknown, left_mg: devices ? devices.mg : lastSize(chair) };
  const ordered = devices ? devices.mg : chair.state.order?.prepared_mg;
  const drawn = ordered === undefined ? "" : plain(ordered);
  const body = html`<div class="fields">
      ${field("container", devices ? "Device" : "Vial", { value: first.id, list: "cabinet", required: true })}<datalist
        id="cabinet"
      >
        ${cabinet.map((c) => html`<option value="${c.id}"></option>`)}</datalist
      >${field("lot", "Lot", { value: first.lot, required: true, focus: !first.lot })}${field("expiry", "Expiration", {
        value: first.expiry,
        type: "date",
      })}${field("size_mg", constants.fields.size_mg, {
        value: first.left_mg,
        mode: "decimal",
        required: true,
      })}${field("drawn_mg", constants.fields.drawn_mg, { value: drawn, mode: "decimal", required: true })}
    </div>
    ${save("Save")}`;
  const form = ask(devices ? "Prepare device" : "Prepare dose", body, (choice, given, element) => {
    const data = Object.fromEntries([...given].filter(([, text]) => text));
    for (const name of ["size_mg", "drawn_mg"]) {
      if (!(Number(data[name]) > 0)) {
        return problem(element, `${constants.fields[name]}: enter a number above 0, such as 40.`);
      }
    }
    const chosen = chair.frame.cabinet.find((c) => c.id === data.container);
    void chair.submit("draw", chosen && !chosen.single ? { ...data, single_dose: false } : data);
  });
  const input = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  input("container").addEventListener("input", () => {
    const chosen = cabinet.find((c) => c.id === input("container").value);
    if (!chosen) return;
    input("lot").value = chosen.lot;
    input("expiry").value = chosen.expiry;
    input("size_mg").value = String(chosen.left_mg);
  });
}

/**
 * Contents of the last vial, in mg.
 * @param {Chair} chair
 */
const lastSize = (chair) =>
  chair.state.entries.findLast((e) => e.kind === "draw" && e.data.size_mg)?.data.size_mg ?? "";

/**
 * @param {Chair} chair
 * @param {string} container
 * @param {number} mg
 */
export function askWaste(chair, container, mg) {
  const body = html`${field("mg", "Amount wasted (mg)", { value: mg, mode: "decimal", required: true })}
    <p class="muted">A second staff member signs in on their own device and confirms it under Witness waste.</p>
    ${save("Save waste")}`;
  ask(`Waste from ${container}`, body, (choice, form, element) => {
    const amount = value(form, "mg");
    if (!(Number(amount) > 0)) return problem(element, "Enter a number above 0, such as 460.");
    void chair.submit("waste", { container, mg: amount });
  });
}

// @ts-check
// Structured entries: each form is sent without leaving the page, and what follows from it is shown at once.
import { csrfToken } from "../regrow/dom.js";
import { replaceParts } from "./page_parts.js";
import { formReply } from "./replies.js";
import { showCurrent } from "./sections.js";

/** @import { FormReply } from "./replies.js" */
/** @import { Frame } from "./types.js" */

/**
 * @typedef {object} Sources
 * @property {Frame} frame
 * @property {() => Promise<void>} saveNarratives
 * @property {() => void} recorded called when an entry was stored
 */

const FIRST_FIELD = "input:not([type=hidden]), select";

/**
 * @param {HTMLElement} place
 * @param {Sources} sources
 */
export function connectEntries(place, sources) {
  place.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!form.dataset.sent) void submit(form, event.submitter, sources);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button
 * @param {Sources} sources
 */
async function submit(form, button, { frame, saveNarratives, recorded }) {
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) body.append(name, String(value));
  form.dataset.sent = "yes";
  button?.setAttribute("aria-busy", "true");
  await saveNarratives();
  const reply = await formReply(await post(form.action, body), frame.sign_in_path);
  delete form.dataset.sent;
  button?.removeAttribute("aria-busy");
  if (reply.kind !== "page") return showProblem(form, problemText(reply, frame));
  if (reply.ok && "opens" in form.dataset) return location.assign(reply.address);
  showReply(form, reply.html);
  if (reply.ok) recorded();
}

/**
 * @param {string} address
 * @param {URLSearchParams} body
 */
const post = (address, body) =>
  fetch(address, {
    method: "POST",
    body,
    headers: { Accept: "application/json, text/html", "X-CSRFToken": csrfToken() },
  }).catch(() => null);

/**
 * @param {Exclude<FormReply, {kind: "page"}>} reply
 * @param {Frame} frame
 */
function problemText(reply, { texts }) {
  if (reply.kind === "refused") return reply.problem;
  return reply.kind === "signed out" ? texts.form_signed_out : texts.form_offline;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} text
 */
function showProblem(form, text) {
  let box = form.querySelector(".errors");
  if (!box) {
    box = document.createElement("div");
    box.className = "errors";
    box.setAttribute("role", "alert");
    form.prepend(box);
  }
  box.classList.remove("hidden");
  box.textContent = text;
}

/**
 * Shows the page that came back; the same form, now empty or with its errors, keeps the focus.
 * @param {HTMLFormElement} form
 * @param {string} html
 */
function showReply(form, html) {
  const section = form.closest("[data-section]")?.getAttribute("data-section") ?? "";
  const address = form.getAttribute("action");
  const field = form.querySelector(FIRST_FIELD)?.getAttribute("name");
  replaceParts(html, section);
  showCurrent();
  const forms = document.getElementById(`coded-${section}`)?.querySelectorAll("form") ?? [];
  const same = [...forms].find((f) => f.getAttribute("action") === address && (!field || f.elements.namedItem(field)));
  const next = same?.querySelector(`[aria-invalid=true], ${FIRST_FIELD}`);
  if (next instanceof HTMLElement) next.focus({ preventScroll: true });
}

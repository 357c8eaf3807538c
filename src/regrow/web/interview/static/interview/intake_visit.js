// @ts-check
// The intake visit: narratives are saved while they are typed, and entries recorded without leaving the page. Without
// this script every form still works, one page at a time.
import { all, csrfToken, element, pageData } from "../regrow/dom.js";
import { showConflict, showUnsent } from "./conflict.js";
import { Drafts } from "./drafts.js";
import { connectEntries } from "./entries.js";
import { DELAYS, Narrative } from "./narrative.js";
import { replaceParts } from "./page_parts.js";
import { narrativeReply } from "./replies.js";
import { connectSections, current, showCurrent } from "./sections.js";

/** @import { Sources } from "./narrative.js" */
/** @import { Frame, Say } from "./types.js" */

const IN_ENTRY = ".coded input, .coded select, .coded textarea";
const frame = /** @type {Frame} */ (pageData("intake-frame"));
const { texts } = frame;
const sections = element("sections", HTMLElement);
const status = document.getElementById("saved");
const drafts = new Drafts(localStorage, frame.patient, frame.visit);
/** @type {Narrative[]} */
const narratives = [];

/** @type {Say} */
function say(text, look = "") {
  if (!status || status.textContent === text) return;
  status.textContent = text;
  status.className = `chip ${look}`;
}

/** @param {string} text shown unless a narrative still waits */
function done(text) {
  if (!narratives.some((narrative) => narrative.isUnsaved)) say(text, "ok");
}

/** @type {Sources["send"]} */
async function send({ section, text, base }, leaving) {
  const body = new URLSearchParams({ talk: frame.visit ?? "", section, text, base: String(base) });
  const headers = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  const request = { method: "POST", keepalive: leaving, headers, body };
  return narrativeReply(await fetch(frame.narrative_address, request).catch(() => null));
}

/** @param {HTMLTextAreaElement} field */
function connectNarrative(field) {
  const section = field.closest("[data-section]")?.getAttribute("data-section") ?? "";
  const narrative = new Narrative(section, field, Number(field.dataset.saved), {
    drafts,
    send,
    say,
    conflict: (conflicting, stored) => showConflict(field, conflicting, stored),
    stored: () => done(texts.saved),
    texts,
    delays: DELAYS,
  });
  narratives.push(narrative);
  narrative.restore();
  field.addEventListener("input", () => narrative.edited());
}

/** @param {{leaving?: boolean}} [how] */
async function saveNarratives(how) {
  for (const narrative of narratives.filter(({ waiting }) => waiting)) await narrative.save(how);
}

// A scale that was rated in another tab is shown when this one is seen again.
async function refresh() {
  if (document.visibilityState !== "visible" || document.activeElement?.matches(IN_ENTRY)) return;
  const response = await fetch(location.pathname).catch(() => null);
  if (!response?.ok || new URL(response.url).pathname === frame.sign_in_path) return;
  replaceParts(await response.text(), current().dataset.section ?? "");
  showCurrent();
}

connectSections();
if (frame.visit) all(sections, "textarea[data-saved]", HTMLTextAreaElement).forEach(connectNarrative);
showUnsent(drafts);
connectEntries(sections, { frame, saveNarratives, recorded: () => done(texts.recorded) });
window.addEventListener("pagehide", () => {
  for (const narrative of narratives.filter(({ waiting }) => waiting)) void narrative.save({ leaving: true });
});
window.addEventListener("online", () => void saveNarratives());
document.addEventListener("visibilitychange", () => void refresh());

// @ts-check
// Draws the page from the state. A part is drawn anew only when it says something new.
import { element } from "./dialogs/ask.js";
import { ago, due, span, tenth } from "./format.js";
import { fold, noticed } from "./fold.js";
import { html, raw } from "./html.js";
import { lists } from "./render/lists.js";
import { logList } from "./render/log_list.js";
import { alarms, banner } from "./render/messages.js";
import { afterCard, nextButton } from "./render/next_button.js";
import { bigClock, phaseCard } from "./render/phase_card.js";
import { presence, side, symptoms } from "./render/side.js";
import { strip } from "./strip.js";

/** @import { Markup } from "./html.js" */
/** @import { Chair } from "./types.js" */

const NARROW = 700; // px
const REDRAW = 30_000; // ms; the strip moves on by itself

/**
 * The state of the log at this moment.
 * @param {Pick<Chair, "rules" | "sync" | "clock">} chair
 */
export function stateNow({ rules, sync, clock }) {
  const { log } = sync;
  return fold(rules, log, noticed(log, clock.now()));
}

/** @param {Chair} chair */
export function draw(chair) {
  chair.state = stateNow(chair);
  put("banner", banner(chair));
  put("alarms", alarms(chair));
  put("phase", phaseCard(chair));
  put("next", nextButton(chair.state.next));
  hideable("after", afterCard(chair) || null);
  put("lists", lists(chair));
  put("strip", stripCard(chair));
  put("side", side(chair));
  hideable("taps", symptoms(chair));
  put("logrows", logList(chair));
  put("here", presence(chair));
  element("logcount").textContent = `Log · ${chair.sync.log.length} entries`;
  tick(chair);
}

/** @param {Chair} chair */
function stripCard({ rules, frame, state, clock }) {
  const { model } = frame;
  const drawn = raw(strip(rules, model, state, clock.now(), window.innerWidth < NARROW));
  return html`${drawn}${model && html`<p class="small">Estimate: ${model.title}. A model, not a measurement.</p>`}`;
}

/**
 * @param {string} id
 * @param {Markup} markup
 */
function put(id, markup) {
  const place = element(id);
  if (place.dataset.html === markup.text) return;
  const active = /** @type {HTMLElement | null} */ (document.activeElement);
  const focused = active?.closest(`#${id}`) ? { ...active.dataset } : {};
  place.dataset.html = markup.text;
  place.innerHTML = markup.text;
  if (!focused.do) return;
  const again = `[data-do="${focused.do}"]${focused.arg ? `[data-arg="${CSS.escape(focused.arg)}"]` : ""}`;
  /** @type {HTMLElement | null} */ (place.querySelector(again))?.focus();
}

/**
 * @param {string} id
 * @param {Markup | null} markup
 */
function hideable(id, markup) {
  put(id, markup ?? raw(""));
  element(id).hidden = markup === null;
}

/**
 * What can change by time alone; everything else changes with an entry.
 * @param {Chair} chair
 */
export function signature(chair) {
  const s = stateNow(chair);
  return JSON.stringify([
    s.phase,
    s.entries.length,
    s.next,
    s.alarms.map((a) => [a.id, a.priority, a.call_due, a.text]),
    s.discharge.map((l) => [l.state, l.text]),
    Math.floor(chair.clock.now() / REDRAW),
    tenth(s.delivered_mg),
  ]);
}

/**
 * Writes the times that run: called every second.
 * @param {Chair} chair
 */
export function tick({ state, sync, clock }) {
  const now = clock.now();
  element("bigclock").textContent = span(bigClock(state, now));
  each("due", (at) => due(at - now));
  each("until", (at) => (state.left_at !== null || at <= now ? "done" : `${span(at - now)} left`));
  each("since", (at, data) => span((Number(data.stop) || now) - at));
  const saving = sync.queue.length > 0 || sync.writing > 0;
  const saved = sync.savedAt === null ? "all saved" : `saved ${ago(now - sync.savedAt)}`;
  element("saved").textContent = sync.offline ? "" : saving ? "saving …" : saved;
}

/**
 * @param {string} name of the data attribute, which holds a time
 * @param {(at: number, data: DOMStringMap) => string} text
 */
function each(name, text) {
  for (const found of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-${name}]`))) {
    found.textContent = text(Number(found.dataset[name]), found.dataset);
  }
}

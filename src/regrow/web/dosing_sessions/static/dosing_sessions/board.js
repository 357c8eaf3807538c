// @ts-check
// Every chair at a glance, folded from the same logs as the chair itself, live as events are recorded.
import { tileMarkup, urgency } from "./board/tile.js";
import { createClock } from "./clock.js";
import { element } from "./dialogs/ask.js";
import { fold, noticed } from "./fold.js";
import { Live } from "./live.js";

/** @import { Seat, Tile } from "./board/tile.js" */
/** @import { LogEvent, Rules } from "./types.js" */
/** @typedef {{rules: Record<string, Rules>, tiles: Tile[], now: number, clock_tolerance_ms: number}} Board */

/** @type {Board} */
const first = JSON.parse(element("frame").textContent ?? "");
const clock = createClock(first.clock_tolerance_ms);
/** @type {Map<string, Seat>} */
const seats = new Map();
/** @type {Set<Seat>} */
const changed = new Set();

/** @param {Board} board */
function load(board) {
  seats.clear();
  changed.clear();
  for (const tile of board.tiles) {
    const events = new Map(tile.events.map((e) => [e.id, e]));
    const rules = board.rules[tile.rules];
    seats.set(tile.session, { tile, rules, events, state: stateOf(rules, events) });
  }
  draw();
}

/**
 * @param {Rules} rules
 * @param {Map<string, LogEvent>} events
 */
function stateOf(rules, events) {
  const log = [...events.values()];
  return fold(rules, log, noticed(log, clock.now()));
}

// session -> what is shown of it: only a tile that says something new is drawn anew.
/** @type {Map<string, {text: string, element: Element}>} */
const shown = new Map();

function draw() {
  const now = clock.now();
  const list = [...seats.values()].sort(
    (a, b) => urgency(a.state, now) - urgency(b.state, now) || (a.tile.chair < b.tile.chair ? -1 : 1),
  );
  for (const [session, { element: old }] of shown) {
    if (seats.has(session)) continue;
    old.remove();
    shown.delete(session);
  }
  const place = element("tiles");
  list.forEach((seat, n) => {
    const made = tileElement(seat);
    if (place.children[n] !== made) place.insertBefore(made, place.children[n] ?? null);
  });
}

/**
 * @param {Seat} seat
 * @returns {Element}
 */
function tileElement(seat) {
  const { text } = tileMarkup(seat, clock.now());
  const old = shown.get(seat.tile.session);
  if (old?.text === text) return old.element;
  const template = document.createElement("template");
  template.innerHTML = text;
  const made = /** @type {HTMLElement} */ (template.content.firstElementChild);
  const focused = old && document.activeElement === old.element;
  old?.element.replaceWith(made);
  shown.set(seat.tile.session, { text, element: made });
  if (focused) made.focus();
  return made;
}

// Time alone changes what every chair shows.
function tick() {
  for (const seat of seats.values()) seat.state = stateOf(seat.rules, seat.events);
  draw();
}

let waiting = false;
/**
 * Several events in one frame are drawn once, and only the chairs they belong to are folded again.
 * @param {Seat} seat
 */
function soon(seat) {
  changed.add(seat);
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    for (const one of changed) one.state = stateOf(one.rules, one.events);
    changed.clear();
    draw();
  });
}

async function catchUp() {
  try {
    const sent = Date.now();
    const response = await fetch("/sessions/log/", { headers: { Accept: "application/json" } });
    if (response.ok) {
      /** @type {Board} */
      const board = await response.json();
      clock.learn({ sent, received: Date.now(), server: board.now });
      load(board);
    }
    signedOut = !response.ok;
  } catch {
    live.lost();
  }
  sayWhetherLive();
}

let signedOut = false;
function sayWhetherLive() {
  const { lostAt } = live;
  const text = signedOut ? "Sign in again" : lostAt === null ? "Live" : `Not live since ${timeOfDay(lostAt)}`;
  element("live").textContent = text;
  element("tiles").classList.toggle("stale", signedOut || lostAt !== null);
}

/** @param {number} at */
const timeOfDay = (at) =>
  new Date(at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit", second: "2-digit" });

/** @param {{session: string, event: LogEvent | null}} message */
function take({ session, event }) {
  const seat = seats.get(session);
  if (!seat || !event) return void catchUp();
  seat.events.set(event.id, event);
  window.dispatchEvent(new CustomEvent("board-event", { detail: event }));
  soon(seat);
}

const live = new Live("/sessions/live/", { ready: () => void catchUp(), message: take, changed: sayWhetherLive });
load(first);
live.start();
setInterval(tick, 1000);

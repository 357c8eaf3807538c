// @ts-check
// Every chair at a glance, folded from the same logs as the chair itself, live as events are recorded.
import { createClock } from "./clock.js";
import { element } from "./dialogs/ask.js";
import { fold, lastPressure, noticed, pressure, RANK } from "./fold.js";
import { twoDigits } from "./format.js";
import { html } from "./html.js";

/** @import { LogEvent, Rules, StateWithAction } from "./types.js" */
/**
 * @typedef {object} Tile
 * @property {string} session
 * @property {string} rules key of the rules it runs under
 * @property {string} chair
 * @property {string} name
 * @property {number} number
 * @property {string} nurse
 * @property {string[]} alike
 * @property {string} address
 * @property {LogEvent[]} events
 */
/** @typedef {{rules: Record<string, Rules>, tiles: Tile[], now: number, clock_tolerance_ms: number}} Board */
/** @typedef {{tile: Tile, rules: Rules, events: Map<string, LogEvent>, state: StateWithAction}} Seat */

const MIN = 60_000;
const SIGNS = { high: "▲▲▲", medium: "▲▲", low: "▲" };
const RING = 2 * Math.PI * 26;

/** @type {Board} */
const first = JSON.parse(element("frame").textContent ?? "");
const clock = createClock(first.clock_tolerance_ms);
/** @type {Map<string, Seat>} */
const seats = new Map();
/** @type {Set<Seat>} */
const changed = new Set();

/** @param {number} ms */
function countdown(ms) {
  const minutes = Math.floor(Math.max(0, ms) / MIN);
  return minutes >= 100 ? `${Math.floor(minutes / 60)} h` : `${minutes}:${twoDigits((Math.max(0, ms) % MIN) / 1000)}`;
}

/** @param {string} name */
const initials = (name) =>
  name
    .split(/[\s-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0].toUpperCase())
    .join("");

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

/**
 * The worst alarm first, then what is due soonest; closed sessions last.
 * @param {StateWithAction} s
 */
function urgency(s) {
  if (s.phase === "closed") return 9e15;
  const alarm = s.alarms.length ? RANK[s.alarms[0].priority] : 3;
  return alarm * 1e14 + (s.due[0]?.at ?? clock.now() + 1e9);
}

/** @param {StateWithAction} s */
function delivered(s) {
  if (s.phase === "preparing") return 0;
  if (s.phase === "infusing" || s.phase === "paused") return s.delivered_mg / (s.ordered_mg || 1);
  return s.devices && s.phase === "administering" ? s.devices.given / s.devices.ordered : 1;
}

/** @param {StateWithAction} s */
function ring(s) {
  const share = delivered(s);
  const met = (/** @type {{open: boolean}[]} */ list) => `${list.filter((l) => !l.open).length}/${list.length}`;
  const inside =
    s.phase === "observing"
      ? met(s.discharge)
      : s.phase === "preparing"
        ? met(s.before)
        : `${Math.round(share * 100)}%`;
  return html`<svg class="ring" viewBox="0 0 64 64" aria-hidden="true">
    <circle cx="32" cy="32" r="26" class="track" />
    <circle
      cx="32"
      cy="32"
      r="26"
      class="arc"
      stroke-dasharray="${RING * share} ${RING}"
      transform="rotate(-90 32 32)"
    />
    <text x="32" y="37" text-anchor="middle">${inside}</text>
  </svg>`;
}

/** @param {StateWithAction} s */
function dueText(s) {
  const due = s.due[0];
  const none = s.left_at !== null && s.phase !== "closed" ? "to be closed" : "nothing due";
  if (!due) return html`<span class="what">${none}</span>`;
  const left = due.at - clock.now();
  const late = left < 0;
  return html`<span class="count num ${late && "late"}">${late && "−"}${countdown(Math.abs(left))}</span>
    <span class="what">${due.text}${late && ", overdue"}</span>`;
}

/** @param {StateWithAction} s */
function vitals(s) {
  const last = lastPressure(s);
  if (!last) return null;
  const { pulse_per_min, spo2_percent } = last.data;
  const shown = [pressure(last), pulse_per_min && `HR ${pulse_per_min}`, spo2_percent && `SpO₂ ${spo2_percent}%`];
  return html`<div class="small num">${shown.filter(Boolean).join(" · ")}</div>`;
}

/** @param {StateWithAction} s */
function calls(s) {
  const called = s.entries.findLast((e) => e.kind === "call");
  if (!called || clock.now() - called.at >= 10 * MIN || s.left_at !== null) return null;
  return html`<div class="alarm medium"><span aria-hidden="true">☎</span><span>Nurse calls the prescriber</span></div>`;
}

/** @param {Seat} seat */
function tileOf({ tile, rules, state: s }) {
  const alarms = s.alarms.map(
    (a) =>
      html`<div class="alarm ${a.priority}">
        <span aria-hidden="true">${SIGNS[a.priority]}</span>
        <span>${a.text}${a.call_due && " · call the prescriber"}</span>
      </div>`,
  );
  const alike = tile.alike.length > 0 && html`<span class="chip warn wrap">Name alert: ${tile.alike.join(", ")}</span>`;
  const alone =
    s.prescriber_here === false &&
    s.left_at === null &&
    html`<span class="chip stop wrap">No prescriber on site</span>`;
  return html`<a class="tile card ${s.alarms[0]?.priority}" href="${tile.address}">
    <div class="row apart"><b>${tile.chair}</b><span class="small">${rules.constants.phases[s.phase]}</span></div>
    <div class="row nowraprow">
      ${ring(s)}
      <div class="due">${dueText(s)}</div>
    </div>
    <div class="person">
      <span class="face" aria-hidden="true">${initials(tile.name)}</span>
      <span class="who"> ${tile.name}<br /><span class="small">session ${tile.number} · ${tile.nurse}</span> </span>
    </div>
    ${vitals(s)}${alike}${alone}${calls(s)}${alarms}
  </a>`;
}

// session -> what is shown of it: only a tile that says something new is drawn anew.
/** @type {Map<string, {text: string, element: Element}>} */
const shown = new Map();

function draw() {
  const list = [...seats.values()].sort(
    (a, b) => urgency(a.state) - urgency(b.state) || (a.tile.chair < b.tile.chair ? -1 : 1),
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
  const { text } = tileOf(seat);
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
    say(response.ok ? "live" : "sign in again");
  } catch {
    lost();
  }
}

/** @param {string} text */
const say = (text) => void (element("live").textContent = text);
const lost = () => say("no network: not live");

load(first);
const stream = new EventSource("/sessions/live/");
stream.addEventListener("ready", () => void catchUp());
stream.onmessage = (/** @type {MessageEvent<string>} */ message) => {
  /** @type {{session: string, event: LogEvent | null}} */
  const { session, event } = JSON.parse(message.data);
  const seat = seats.get(session);
  if (!seat || !event) return void catchUp();
  seat.events.set(event.id, event);
  window.dispatchEvent(new CustomEvent("board-event", { detail: event }));
  soon(seat);
};
stream.onerror = lost;
setInterval(tick, 1000);

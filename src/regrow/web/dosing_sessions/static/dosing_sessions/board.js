// Every chair at a glance, folded from the same logs as the chair itself, live as events are written.
import { learn, now } from "./clock.js";
import { fold, noticed } from "./fold.js";
import { esc } from "./strip.js";

const MIN = 60_000;
const first = JSON.parse(document.getElementById("frame").textContent);
const two = (n) => String(Math.floor(n)).padStart(2, "0");
const span = (ms) => {
  const minutes = Math.floor(Math.max(0, ms) / MIN);
  return minutes >= 100 ? `${Math.floor(minutes / 60)} h` : `${minutes}:${two((Math.max(0, ms) % MIN) / 1000)}`;
};
const PHASES = {
  preparing: "preparing",
  infusing: "infusing",
  paused: "paused",
  administering: "between devices",
  observing: "observing",
  discharged: "discharged",
  left_against_advice: "left against advice",
  closed: "closed",
};
const RANK = { high: 0, medium: 1, low: 2 };
const initials = (name) => name.split(/[\s-]+/).filter(Boolean).slice(0, 2).map((w) => w[0].toUpperCase()).join("");

const chairs = new Map();
let rules = {};
function load(board) {
  rules = board.rules;
  chairs.clear();
  for (const tile of board.tiles)
    chairs.set(tile.session, { ...tile, events: new Map(tile.events.map((e) => [e.id, e])) });
  news.clear();
  tick();
}

function need(s) {
  // What is due soonest, or the worst alarm; closed chairs last.
  if (s.phase === "closed") return 9e15;
  const alarm = s.alarms.length ? RANK[s.alarms[0].priority] : 3;
  const due = s.due[0]?.at ?? now() + 1e9;
  return alarm * 1e14 + due;
}

function ring(s) {
  const share =
    s.phase === "infusing" || s.phase === "paused"
      ? s.delivered_mg / (s.ordered_mg || 1)
      : s.devices && s.phase === "administering"
        ? s.devices.given / s.devices.ordered
        : s.phase === "preparing"
          ? 0
          : 1;
  const length = 2 * Math.PI * 26;
  const open = s.discharge.filter((l) => l.open).length;
  const inside =
    s.phase === "observing"
      ? `${s.discharge.length - open}/${s.discharge.length}`
      : s.phase === "preparing"
        ? `${s.before.filter((l) => !l.open).length}/${s.before.length}`
        : `${Math.round(share * 100)} %`;
  return `<svg class="ring" viewBox="0 0 64 64" aria-hidden="true"><circle cx="32" cy="32" r="26" class="track"/>
    <circle cx="32" cy="32" r="26" class="arc" stroke-dasharray="${length * share} ${length}"
    transform="rotate(-90 32 32)"/><text x="32" y="37" text-anchor="middle">${inside}</text></svg>`;
}

function tile(chair, s) {
  const due = s.due[0];
  const signs = { high: "▲▲▲", medium: "▲▲", low: "▲" };
  const alarm = s.alarms
    .map(
      (a) => `
        <div class="alarm ${a.priority}">
          <span aria-hidden="true">${signs[a.priority]}</span>
          <span>${esc(a.text)}${a.call_due ? " · call the prescriber" : ""}</span>
        </div>`,
    )
    .join("");
  const called = s.entries.filter((e) => e.kind === "call").at(-1);
  const calls =
    called && now() - called.at < 10 * MIN && !s.left_at
      ? `<div class="alarm medium"><span aria-hidden="true">☎</span><span>calls the prescriber</span></div>`
      : "";
  const left = due ? due.at - now() : 0;
  const when = due
    ? `
      <span class="count num ${left < 0 ? "late" : ""}">${left < 0 ? "−" : ""}${span(Math.abs(left))}</span>
      <span class="what">${esc(due.text)}${left < 0 ? ", overdue" : ""}</span>`
    : `<span class="what">${s.left_at && s.phase !== "closed" ? "to be closed" : "nothing due"}</span>`;
  const last = s.vitals.filter((v) => v.data.systolic_mmhg).at(-1)?.data;
  const vitals = last
    ? [
        `${last.systolic_mmhg}/${last.diastolic_mmhg}`,
        last.pulse_per_min ? `${last.pulse_per_min}/min` : "",
        last.spo2_percent ? `${last.spo2_percent} %` : "",
      ]
    : [];
  const chip = (css, text) => `<span class="chip ${css} wrap">${text}</span>`;
  return `
    <a class="tile card ${s.alarms[0]?.priority ?? ""}" href="${chair.address}">
      <div class="row apart"><b>${esc(chair.chair)}</b><span class="small">${esc(PHASES[s.phase])}</span></div>
      <div class="row nowraprow">${ring(s)}<div class="due">${when}</div></div>
      <div class="person">
        <span class="face" aria-hidden="true">${esc(initials(chair.name))}</span>
        <span class="who">
          ${esc(chair.name)}<br><span class="small">session ${chair.number} · ${esc(chair.nurse)}</span>
        </span>
      </div>
      ${last ? `<div class="small num">${vitals.filter(Boolean).join(" · ")}</div>` : ""}
      ${chair.alike.length ? chip("warn", `Name alert: ${esc(chair.alike.join(", "))}`) : ""}
      ${s.prescriber_here === false && !s.left_at ? chip("stop", "no prescriber in the clinic") : ""}
      ${calls}${alarm}
    </a>`;
}

const place = document.getElementById("tiles");
function look(chair) {
  const events = [...chair.events.values()];
  chair.state = fold(rules[chair.rules], events, noticed(events, now()));
}

const shown = new Map(); // session -> { html, element }: only a tile that says something new is drawn anew
function draw() {
  const list = [...chairs.values()];
  list.sort((a, b) => need(a.state) - need(b.state) || (a.chair < b.chair ? -1 : 1));
  for (const [session, { element }] of shown) {
    if (chairs.has(session)) continue;
    element.remove();
    shown.delete(session);
  }
  list.forEach((chair, n) => {
    const html = tile(chair, chair.state);
    const old = shown.get(chair.session);
    let element = old?.element;
    if (old?.html !== html) {
      const made = document.createElement("template");
      made.innerHTML = html;
      element = made.content.firstElementChild;
      const focused = old && document.activeElement === old.element;
      old?.element.replaceWith(element);
      shown.set(chair.session, { html, element });
      if (focused) element.focus();
    }
    if (place.children[n] !== element) place.insertBefore(element, place.children[n] ?? null);
  });
}

// Time alone changes what every chair shows.
function tick() {
  for (const chair of chairs.values()) look(chair);
  draw();
}

let waiting = false;
const news = new Set();
function soon(chair) {
  // Several events in one frame are drawn once, and only the chairs they are of are folded again.
  news.add(chair);
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    news.forEach(look);
    news.clear();
    draw();
  });
}

async function catchUp() {
  try {
    const sent = Date.now();
    const response = await fetch("/sessions/log/", { headers: { Accept: "application/json" } });
    if (response.ok) {
      const board = await response.json();
      learn({ sent, received: Date.now(), server: board.now });
      load(board);
    }
    document.getElementById("live").textContent = response.ok ? "live" : "sign in again";
  } catch {
    document.getElementById("live").textContent = "no network: not live";
  }
}

load(first);
const stream = new EventSource("/sessions/live/");
stream.addEventListener("ready", catchUp);
stream.onmessage = (message) => {
  const { session, event } = JSON.parse(message.data);
  const chair = chairs.get(session);
  if (!chair || !event) return catchUp();
  chair.events.set(event.id, event);
  window.dispatchEvent(new CustomEvent("board-event", { detail: event }));
  soon(chair);
};
stream.onerror = () => (document.getElementById("live").textContent = "no network: not live");
setInterval(tick, 1000);

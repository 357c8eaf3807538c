// @ts-check
// The screen beside the patient. Everything on it is folded from the log on this tablet, so it works with and without
// a network; the server evaluates every entry again when it arrives.
import { connectButtons } from "./actions.js";
import { createClock } from "./clock.js";
import { element } from "./dialogs/ask.js";
import { showRefusals } from "./dialogs/log_entries.js";
import { connectDim } from "./dim.js";
import { Live } from "./live.js";
import { keepOfflineCopy } from "./offline_copy.js";
import { draw, signature, stateNow, tick } from "./render.js";
import { store } from "./store.js";
import { Sync } from "./sync.js";

/** @import { Chair, Frame } from "./types.js" */

const SECOND = 1000;
const ASK_AGAIN = 4 * SECOND; // while entries wait or the network is away
const NOTE_SOON = 3 * SECOND;
const NOTE_EVERY = 60 * SECOND;

/** @type {Frame} */
const frame = JSON.parse(element("frame").textContent ?? "");
const clock = createClock(frame.clock_tolerance_ms);

function csrf() {
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=csrfmiddlewaretoken]"));
  return document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? field?.value ?? "";
}

const sync = new Sync(frame, {
  store,
  clock,
  storage: localStorage,
  fetch: (address, init) => fetch(address, init),
  csrf,
  changed: render,
});

/** @type {Chair} */
const chair = {
  frame,
  rules: frame.rules,
  prescribes: frame.rules.constants.prescribing_roles.includes(frame.me.role),
  clock,
  sync,
  state: stateNow({ rules: frame.rules, sync, clock }),
  render,
  async submit(kind, data = {}, more = {}) {
    element("saved").textContent = "saving …";
    const { id, against } = await sync.record(kind, data, more);
    if (!against.length) return id;
    tick(chair);
    showRefusals(chair, { kind, data, more }, against);
    return null;
  },
};

let drawn = "";
function render() {
  draw(chair);
  drawn = signature(chair);
  refreshNote();
}

// The note that prints below the strip is the server's; it follows the log, once a minute at most.
let noted = "";
let notedAt = -Infinity;
let noteWaits = false;
function refreshNote() {
  const version = `${sync.server.size}:${chair.state.phase}`;
  if (sync.offline || version === noted || noteWaits) return;
  noteWaits = true;
  setTimeout(
    async () => {
      noteWaits = false;
      noted = version;
      notedAt = Date.now();
      const response = await fetch(`${frame.address}note/`).catch(() => null);
      if (response?.ok) element("note").textContent = await response.text();
    },
    Math.max(NOTE_SOON, notedAt + NOTE_EVERY - Date.now()),
  );
}

const live = new Live(`/sessions/live/?session=${frame.session}`, {
  ready: () => void sync.catchUp(),
  message: ({ event }) => {
    if (!event || event.number > sync.newest + 1) return void sync.catchUp();
    sync.take([event]);
    render();
  },
  changed: () => {
    if (live.lostAt !== null) lost();
  },
});

function lost() {
  sync.away();
  render();
}

await sync.load();
if (sync.queue.length) sync.offline = !navigator.onLine;
connectButtons(chair);
connectDim();
render();
document.documentElement.dataset.ready = "yes";
if (chair.state.phase !== "closed") live.start();
setInterval(() => {
  tick(chair);
  if (signature(chair) !== drawn) render();
}, SECOND);
setInterval(() => {
  if (sync.queue.length || sync.offline || live.lostAt !== null) void sync.catchUp();
}, ASK_AGAIN);
window.addEventListener("online", () => {
  live.connect();
  void sync.catchUp();
});
window.addEventListener("offline", lost);
window.addEventListener("resize", render);
await keepOfflineCopy();

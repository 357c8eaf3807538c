// The screen beside the patient. Everything on it is folded from the log on this tablet, so it works the same with
// and without network; the server judges every entry again when it arrives.
import { deviceNow, learn, measured, now, offset } from "./clock.js";
import { fold, noticed, refusalsOf, pressure, isLate, correctionsOf as struckOf } from "./fold.js";
import { keep, readLog, settle, waiting } from "./store.js";
import { esc, strip } from "./strip.js";

const MIN = 60_000;
const frame = JSON.parse(document.getElementById("frame").textContent);
const { rules, me } = frame;
const csrf = () => document.cookie.match(/csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const $ = (id) => document.getElementById(id);
const prescribes = me.role === "prescriber" || me.role === "director";

// --- words for times ------------------------------------------------------------------------------------------

const clock = (at) => new Intl.DateTimeFormat("en-GB", { timeZone: frame.zone, hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
const hhmm = (at) => clock(at).slice(0, 5);
const two = (n) => String(Math.floor(n)).padStart(2, "0");
const span = (ms) => {
  const s = Math.max(0, Math.floor(ms / 1000));
  return `${s >= 3600 ? `${Math.floor(s / 3600)}:${two((s % 3600) / 60)}` : Math.floor(s / 60)}:${two(s % 60)}`;
};
const due = (ms) => (ms >= 0 ? `due in ${span(ms)}` : `overdue by ${span(-ms)}`);
const ago = (ms) => (ms < 60_000 ? `${Math.max(0, Math.round(ms / 1000))} s` : `${Math.floor(ms / 60_000)} min`);

// --- the log: the server's entries and those still waiting here ----------------------------------------------

const server = new Map();
let queue = [];
let writing = 0; // entries on their way to this tablet's disk
let others = 0; // entries of somebody else that wait on this tablet
let offline = false;
let savedAt = null;
let problem = null;

const newest = () => Math.max(0, ...[...server.values()].map((e) => e.number ?? 0));
const asEvent = (entry) => ({ ...entry.line, author: me.username, role: ROLES.has(me.role) ? me.role : "", licence: me.licence, server_time: new Date(entry.made + offset()).toISOString(), skew_ms: offset() });
const ROLES = new Set(["nurse", "prescriber", "director"]);
const log = () => [...server.values(), ...queue.filter((q) => !server.has(q.id)).map(asEvent)];

function take(events) {
  for (const event of events) if (event) server.set(event.id, event);
  // It arrived, though the answer that says so may have been lost.
  const arrived = queue.filter((entry) => server.has(entry.id)).map((entry) => entry.id);
  if (arrived.length) drop(arrived);
}

async function submit(kind, data = {}, more = {}) {
  const made = Math.ceil(noticed(log(), now() - 1) + 1 - offset()); // after everything that is known here, whatever the clocks say
  const seq = Number(localStorage.getItem("chair-seq") ?? "0") + 1;
  localStorage.setItem("chair-seq", String(seq));
  const line = { id: crypto.randomUUID(), kind, data, device_time: new Date(made).toISOString(), seq, ...more };
  const entry = { id: line.id, session: frame.session, user: me.username, made, line, kept: offline };
  const against = refusalsOf(rules, log(), asEvent(entry));
  if (against.length) {
    refuse(kind, data, more, against);
    return null;
  }
  writing += 1;
  $("saved").textContent = "saving …";
  await keep(entry).finally(() => (writing -= 1));
  queue.push(entry);
  problem = null;
  render();
  flush();
  return line.id;
}

const PATIENCE = 15_000; // a network that takes longer is as good as none

// An answer as JSON, with the status; learns on the way what time it is at the server.
async function askServer(path, body) {
  const sent = Date.now();
  const response = await fetch(`${frame.address}${path}`, {
    ...(body && { method: "POST", body: JSON.stringify(body) }),
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrf() },
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status >= 500) throw new Error("away");
  const answer = await response.json();
  if (response.ok) learn({ sent, received: Date.now(), server: answer.now });
  return { answer, ok: response.ok, signedOut: response.status === 401 || response.status === 403 };
}

const send = (entries) =>
  askServer("events/", {
    sent_at: new Date().toISOString(),
    offset_ms: measured(),
    events: entries.map((entry) => ({ ...entry.line, kept: entry.kept })),
  });

let flushing = false;
async function flush() {
  if (flushing || !queue.length) return;
  flushing = true;
  let size = 50;
  try {
    while (queue.length) {
      const batch = queue.slice(0, size);
      const { answer, ok, signedOut } = await send(batch);
      if (signedOut) return gone("Sign in again to send what is kept on this tablet.");
      if (!ok && batch.length > 1) {
        size = 1; // the server cannot read one of these: one by one, so that it holds up no other
        continue;
      }
      if (!ok) {
        refused(batch[0], [{ text: answer.problem }]);
        await drop([batch[0].id]);
        continue;
      }
      take(answer.events);
      for (const taken of answer.taken) if (taken.refused.length) refused(batch.find((q) => q.id === taken.id), taken.refused);
      await drop(answer.taken.map((t) => t.id));
      back();
      savedAt = now();
    }
  } catch {
    away();
  } finally {
    flushing = false;
    render();
  }
}

async function drop(ids) {
  const done = new Set(ids);
  queue = queue.filter((q) => !done.has(q.id));
  await settle(frame.session, [...server.values()], ids);
}

function refused(entry, reasons) {
  problem = { text: reasons.map((r) => r.text).join(" "), entry };
}

function away() {
  if (!offline) offline = true;
  for (const entry of queue) if (!entry.kept) keep({ ...entry, kept: true }), (entry.kept = true);
}

function back() {
  offline = false;
}

function gone(text) {
  problem = { text, signIn: true };
  offline = true;
}

async function catchUp() {
  try {
    const { answer, ok, signedOut } = await askServer(`log/?after=${newest()}`);
    if (signedOut) return gone("Sign in again to go on.");
    if (!ok) throw new Error("away");
    take(answer.events);
    back();
    await settle(frame.session, [...server.values()], []);
    flush();
  } catch {
    away();
  }
  render();
}

let stream = null;
function follow() {
  stream?.close();
  stream = new EventSource(`/sessions/live/?session=${frame.session}`);
  stream.addEventListener("ready", catchUp);
  stream.onmessage = (message) => {
    const { event } = JSON.parse(message.data);
    if (!event || event.number > newest() + 1) return catchUp();
    take([event]);
    render();
  };
  stream.onerror = () => {
    away();
    render();
  };
}

// --- what stands against an entry, and what would satisfy it --------------------------------------------------

function refuse(kind, data, more, against) {
  const gates = against.filter((r) => r.force === "gate");
  const warns = against.filter((r) => r.force === "warn");
  const hard = against.filter((r) => r.force === "hard");
  const rows = against.map((r) => `<li><span class="chip ${r.force === "hard" ? "stop" : "warn"}">${{ hard: "must", gate: "prescriber", warn: "note" }[r.force]}</span> ${esc(r.text)}</li>`).join("");
  let act = "";
  if (!hard.length && gates.length && prescribes) {
    act = `<div class="field"><label for="why">Reason to go on all the same</label><input id="why" name="reason" required></div><button class="button do" value="override">Override and go on</button>`;
  } else if (!hard.length && !gates.length && warns.length) act = `<button class="button do" value="acknowledge">I have seen this; go on</button>`;
  ask("Not yet", `<ul class="rows plainlist">${rows}</ul>${act}`, async (choice, form) => {
    if (choice === "override") {
      for (const gate of gates) await submit("override", { rule: gate.rule, reason: form.get("reason") });
      await submit(kind, data, more);
    } else if (choice === "acknowledge") await submit(kind, { ...data, acknowledged: warns.map((r) => r.rule) }, more);
  });
}

// --- dialogs --------------------------------------------------------------------------------------------------

const dialog = $("ask");
function ask(title, body, done) {
  dialog.innerHTML = `<form method="dialog" class="stack"><h2>${esc(title)}</h2><div class="stack" data-problem></div>${body}<button class="button quiet" value="" formnovalidate>Back</button></form>`;
  const form = dialog.firstElementChild;
  form.onsubmit = (event) => {
    event.preventDefault();
    const choice = event.submitter?.value ?? "";
    if (choice === "") return dialog.close();
    const answer = done(choice, new FormData(form), form);
    // A refusal may have taken this dialog's place meanwhile; it stays.
    if (answer !== false && dialog.firstElementChild === form) dialog.close();
  };
  if (!dialog.open) dialog.showModal();
  form.querySelector("[autofocus], input, button")?.focus();
}
const said = (form, text) => {
  form.querySelector("[data-problem]").innerHTML = `<p class="alarm warn" role="alert">${esc(text)}</p>`;
  return false;
};
const choices = (items) => `<div class="taps">${items.map(([value, text, css]) => `<button class="button ${css ?? ""}" value="${esc(value)}">${esc(text)}</button>`).join("")}</div>`;

const POSSIBLE = { systolic_mmhg: [40, 300, "Upper, mmHg"], diastolic_mmhg: [20, 200, "Lower, mmHg"], pulse_per_min: [20, 250, "Pulse, /min"], spo2_percent: [50, 100, "SpO₂, %"] };
function askVitals() {
  const names = Object.keys(POSSIBLE);
  const fields = names.map((n, i) => `<div class="field"><label for="${n}">${POSSIBLE[n][2]}</label><input id="${n}" name="${n}" inputmode="numeric" autocomplete="off" maxlength="3"${i ? "" : " autofocus"}></div>`).join("");
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "⌫", "0", "→"].map((k) => `<button type="button" class="button key" data-pad="${k}" aria-label="${{ "⌫": "Delete", "→": "Next field" }[k] ?? k}">${k}</button>`).join("");
  let sure = "";
  ask("Vital signs", `<div class="pad">${fields}</div><div class="keys">${keys}</div><button class="big" value="save">Save vital signs</button>`, (choice, form, element) => {
    const data = {};
    for (const name of names) {
      const text = form.get(name).trim();
      if (!text) continue;
      const [low, high, label] = POSSIBLE[name];
      const value = Number(text);
      if (!/^\d+$/.test(text) || value < low || value > high) return said(element, `${label}: ${text} cannot be; enter a value from ${low} to ${high}.`);
      data[name] = value;
    }
    if (!Object.keys(data).length) return said(element, "No reading is given: enter blood pressure, pulse or SpO₂.");
    if (("systolic_mmhg" in data) !== ("diastolic_mmhg" in data)) return said(element, "Blood pressure needs both values, the upper and the lower one.");
    if (data.systolic_mmhg <= data.diastolic_mmhg) return said(element, `${data.systolic_mmhg}/${data.diastolic_mmhg}: the upper value must be above the lower one.`);
    const last = current.vitals.filter((v) => v.data.systolic_mmhg).at(-1);
    const told = JSON.stringify(data);
    if (last && data.systolic_mmhg && sure !== told && Math.abs(data.systolic_mmhg - last.data.systolic_mmhg) > last.data.systolic_mmhg / 3) {
      sure = told;
      return said(element, `The last was ${pressure(last)}. If ${data.systolic_mmhg}/${data.diastolic_mmhg} is right, save once more.`);
    }
    submit("vital", data);
  });
  const inputs = names.map((n) => $(n));
  let active = inputs[0];
  for (const input of inputs) {
    input.onfocus = () => (active = input);
    input.oninput = () => hop(input);
  }
  const hop = (input) => {
    const [low, high] = POSSIBLE[input.name];
    const value = Number(input.value);
    if (input.value.length === 3 || (input.value.length === 2 && value * 10 > high && value >= low)) inputs[inputs.indexOf(input) + 1]?.focus();
  };
  dialog.querySelectorAll("[data-pad]").forEach((key) => {
    key.onclick = () => {
      const k = key.dataset.pad;
      if (k === "→") return (inputs[inputs.indexOf(active) + 1] ?? inputs[0]).focus();
      active.value = k === "⌫" ? active.value.slice(0, -1) : (active.value + k).slice(0, 3);
      const at = active;
      if (k !== "⌫") hop(at);
    };
  });
}

// Which monitor stands at this chair: the nurse compares what it shows with what was heard of it.
async function askMonitor() {
  if (offline) return ask("Monitor", `<p>A monitor is paired when the network is back; until then enter what it shows.</p>`, () => {});
  const { answer, ok } = await askServer("monitors/").catch(() => ({ ok: false }));
  if (!ok) return ask("Monitor", `<p>The list of monitors could not be had. Try again in a moment.</p>`, () => {});
  const shows = (t) => [t.systolic_mmhg ? `${t.systolic_mmhg}/${t.diastolic_mmhg}` : "", t.pulse_per_min ? `pulse ${t.pulse_per_min}` : "", t.spo2_percent ? `SpO₂ ${t.spo2_percent} %` : ""].filter(Boolean).join(", ") || "nothing yet";
  const row = (m) => `<li><span class="grow"><b>${esc(m.device)}</b> shows ${esc(shows(m.last_message))}<br><span class="small">heard ${m.heard_s} s ago${m.problem ? ` · ${esc(m.problem)}` : ""}</span></span>${m.here ? `<button class="button" value="">Paired</button><button class="button" value="let-go">Let it go</button>` : m.elsewhere ? `<span class="chip plain">at ${esc(m.elsewhere)}</span>` : `<button class="button do" value="pair:${esc(m.device)}">It stands here</button>`}</li>`;
  const list = answer.monitors.length ? `<p class="muted">Compare with the screen beside the patient.</p><ul class="rows">${answer.monitors.map(row).join("")}</ul>` : `<p>No monitor was heard in the last ten minutes. Switch it on, and see that it sends to the clinic.</p>`;
  ask("Monitor at this chair", list, (choice) => void pairMonitor(choice.startsWith("pair:") ? choice.slice(5) : ""));
}
async function pairMonitor(device) {
  const response = await fetch(`${frame.address}monitors/`, { method: "POST", body: new URLSearchParams({ device }), headers: { Accept: "application/json", "X-CSRFToken": csrf() } }).catch(() => null);
  if (!response) problem = { text: "No network: the pairing was not changed." };
  else if (!response.ok) problem = { text: (await response.json()).problem };
  render();
}

function askSeverity(id, text) {
  ask(text, `<p class="muted">How strong?</p>${choices([1, 2, 3, 4, 5].map((n) => [n, n]))}${id === "other" ? `<div class="field"><label for="said">What is it</label><input id="said" name="note"></div>` : ""}`, (choice, form) => {
    submit("symptom", { symptom: id, severity: Number(choice), ...(form.get("note") ? { note: form.get("note") } : {}) });
  });
}
function askScale(id, after) {
  const scale = rules.scales[id];
  const values = Array.from({ length: scale.max - scale.min + 1 }, (_, n) => scale.max - n);
  ask(scale.title, choices(values.map((n) => [n, n])), (choice) => {
    submit("scale", { scale: id, total: Number(choice) });
    after?.();
  });
}
function askReason(title, reasons, then) {
  ask(title, choices(reasons), (choice) => then(choice));
}
async function pause() {
  const id = await submit("pause");
  if (id) askReason("Paused. Why?", [["nausea", "Nausea"], ["distress", "Distress"], ["pressure", "Blood pressure"], ["line", "The line"], ["asked", "The patient asked"], ["other", "Something else"]], (reason) => submit("correction", { corrects: id, reason: "asked afterwards", data: { reason } }));
}
async function stop() {
  const id = await submit("stop");
  if (id) askReason("Stopped. Why?", [["consent_withdrawn", "The patient withdrew consent"], ["distress", "Distress"], ["pressure", "Blood pressure"], ["emergency", "Emergency"], ["asked", "The patient asked"], ["other", "Something else"]], (reason) => submit("correction", { corrects: id, reason: "asked afterwards", data: { reason } }));
}
function askIdentity() {
  const box = (v, t) => `<label class="check"><input type="checkbox" name="by" value="${v}">${t}</label>`;
  const alike = frame.alike.length ? `<p class="alarm warn">${esc(frame.alike.join(", "))} is here today too.</p>` : "";
  ask("Who is this?", `${alike}${box("name", "Says their name")}${box("born", "Says their date of birth")}${box("photo", "Photo on an identity card")}${box("mrn", `Chart number ${esc(frame.patient.mrn)}`)}<button class="big" value="save">It is ${esc(frame.patient.name)}</button>`, (choice, form, element) => {
    const by = form.getAll("by");
    if (by.length < 2) return said(element, "Check two identifiers, such as name and date of birth.");
    submit("identity", { by });
  });
}
function askDraw() {
  const device = rules.devices;
  const used = current.containers.filter((c) => c.container !== "preparation").map((c) => c.container);
  const cabinet = frame.cabinet.filter((c) => !used.includes(c.id));
  const first = cabinet[0] ?? { id: `${device ? "device" : "vial"}-${used.length + 1}`, lot: "", expiry: "", left_mg: device ? device.mg : lastSize() };
  const field = (name, label, value = "", more = "") => `<div class="field"><label for="${name}">${label}</label><input id="${name}" name="${name}" value="${esc(value)}" ${more}></div>`;
  const mg = device ? device.mg : current.order?.prepared_mg;
  ask(device ? "Take out a device" : "Draw up", `<div class="fields">${field("container", "Container", first.id, 'list="cabinet" required')}<datalist id="cabinet">${cabinet.map((c) => `<option value="${esc(c.id)}">`).join("")}</datalist>${field("lot", "Lot", first.lot, `required ${first.lot ? "" : "autofocus"}`)}${field("expiry", "Expires", first.expiry, 'type="date"')}${field("size_mg", "It holds, mg", first.left_mg, 'inputmode="decimal" required')}${field("drawn_mg", "Drawn, mg", mg, 'inputmode="decimal" required')}</div><button class="big" value="save">Save</button>`, (choice, form, element) => {
    const data = Object.fromEntries([...form].filter(([, value]) => value));
    for (const name of ["size_mg", "drawn_mg"]) if (!(Number(data[name]) > 0)) return said(element, "Enter how many mg, such as 40.");
    const chosen = frame.cabinet.find((c) => c.id === data.container);
    submit("draw", chosen && !chosen.single ? { ...data, single_dose: false } : data);
  });
  const box = document.getElementById("container");
  box.addEventListener("input", () => {
    const chosen = cabinet.find((c) => c.id === box.value);
    if (chosen) for (const [name, value] of [["lot", chosen.lot], ["expiry", chosen.expiry], ["size_mg", chosen.left_mg]]) document.getElementById(name).value = value;
  });
}
const lastSize = () => current.entries.filter((e) => e.kind === "draw" && e.data.size_mg).at(-1)?.data.size_mg ?? "";
function askWaste(container, mg) {
  ask(`Waste from ${container}`, `<div class="field"><label for="mg">mg wasted</label><input id="mg" name="mg" value="${mg}" inputmode="decimal" required></div><p class="muted">A second person confirms it, signed in on their own device, under “Witness”.</p><button class="big" value="save">Save the waste</button>`, (choice, form, element) => {
    if (!(Number(form.get("mg")) > 0)) return said(element, "Enter how many mg, such as 460.");
    submit("waste", { container, mg: form.get("mg") });
  });
}
function askRate() {
  ask("Change the rate", `<div class="field"><label for="rate">mL/h</label><input id="rate" name="rate" value="${current.rate}" inputmode="decimal" required autofocus></div><button class="big" value="save">Set the rate</button>`, (choice, form, element) => {
    const rate = Number(form.get("rate"));
    if (!(rate > 0 && rate < 10_000)) return said(element, "A rate is above 0 mL/h; use pause to stop the flow.");
    submit("rate", { rate_ml_per_h: form.get("rate") });
  });
}
function askDevice(n) {
  const lot = [...current.entries].reverse().find((e) => e.data.lot)?.data.lot ?? "";
  ask(`Device ${n}`, `<p>One spray into each nostril, head back.${n === 1 ? " Blow the nose first; never prime." : ""}</p><div class="field"><label for="lot">Lot</label><input id="lot" name="lot" value="${esc(lot)}" required></div><button class="big" value="save">Device ${n} is used</button>`, (choice, form) => {
    submit("device", { n, lot: form.get("lot"), container: `device-${n}` });
  });
}
function askSingle() {
  ask("Give the dose", `<div class="fields"><div class="field"><label for="mg">mg</label><input id="mg" name="mg" value="${esc(current.order?.prepared_mg)}" inputmode="decimal" required></div><div class="field"><label for="place">Where</label><input id="place" name="place"></div></div><button class="big" value="save">It is given</button>`, (choice, form, element) => {
    if (!(Number(form.get("mg")) > 0)) return said(element, "Enter how many mg, such as 40.");
    submit("administer", { mg: form.get("mg"), ...(form.get("place") ? { place: form.get("place") } : {}) });
  });
}
function askMedicine() {
  ask("Medicine given", `<div class="fields"><div class="field"><label for="medicine">Medicine</label><input id="medicine" name="medicine" required autofocus></div><div class="field"><label for="dose">Dose</label><input id="dose" name="dose" required></div></div><button class="big" value="save">Save</button>`, (choice, form) => {
    submit("medicine", { medicine: form.get("medicine"), dose: form.get("dose") });
  });
}
function askRide() {
  ask("Who takes them home?", `<div class="field"><label for="name">Name and who that is</label><input id="name" name="name" value="${esc(current.ride ?? "")}" required autofocus></div><button class="big" value="save">Save the ride</button>`, (choice, form, element) => {
    if (!form.get("name").trim()) return said(element, "Write the name of the person who takes the patient home.");
    submit("ride", { name: form.get("name").trim() });
  });
}
function askHandover() {
  ask(`Discharge with ${current.ride}`, `<p>Was this dose well tolerated?</p>${choices([["yes", "Yes"], ["no", "No: the prescriber looks first next time"]])}`, (choice) => {
    submit("handover", { name: current.ride, tolerated: choice === "yes" });
  });
}
function askLeft() {
  ask("Leaves against advice", `<div class="field"><label for="reason">What the patient says</label><input id="reason" name="reason" required autofocus></div><div class="field"><label for="told">Which prescriber was told</label><input id="told" name="told" required></div><p class="muted">The REMS form is due all the same.</p><button class="button stop" value="save">Write down that they left</button>`, (choice, form) => {
    submit("left", { reason: form.get("reason"), told: form.get("told") });
  });
}
function askOverride(rule, text) {
  ask("Override", `<p>${esc(text)}</p><div class="field"><label for="why">Reason, kept in the log</label><input id="why" name="reason" required autofocus></div><button class="button do" value="save">Override</button>`, (choice, form) => {
    submit("override", { rule, reason: form.get("reason") });
  });
}
function askLate() {
  const kinds = [["vital", "Vital signs"], ["pause", "Pause"], ["resume", "Resume"], ["stop", "Stop"]];
  ask("Late entry", `<div class="field"><label for="at">When it happened</label><input id="at" name="at" type="time" step="1" required></div><div class="field"><label for="kind">What</label><select id="kind" name="kind">${kinds.map(([v, t]) => `<option value="${v}">${t}</option>`).join("")}</select></div><div class="pad"><div class="field"><label for="ls">Upper, mmHg</label><input id="ls" name="systolic_mmhg" inputmode="numeric"></div><div class="field"><label for="ld">Lower, mmHg</label><input id="ld" name="diastolic_mmhg" inputmode="numeric"></div></div><button class="button do" value="save">Add the late entry</button>`, (choice, form, element) => {
    const [h, m, s] = form.get("at").split(":").map(Number);
    const here = clock(now()).split(":").map(Number);
    let ago = (here[0] - h) * 3600 + (here[1] - m) * 60 + (here[2] - (s || 0));
    if (ago < 0) ago += 24 * 3600;
    if (ago > 12 * 3600) return said(element, "That time lies ahead; a late entry is about what has happened.");
    const data = form.get("kind") === "vital" ? { systolic_mmhg: Number(form.get("systolic_mmhg")), diastolic_mmhg: Number(form.get("diastolic_mmhg")) } : {};
    if (form.get("kind") === "vital" && !(data.systolic_mmhg > data.diastolic_mmhg && data.diastolic_mmhg > 0)) return said(element, "Enter both values of the pressure, the upper one above the lower one.");
    submit(form.get("kind"), data, { happened_at: new Date(deviceNow() - ago * 1000).toISOString() });
  });
}
function askCorrect(id) {
  const event = log().find((e) => e.id === id);
  const numbers = Object.entries(event.data ?? {}).filter(([, v]) => typeof v === "number" || (typeof v === "string" && /^[\d.]+$/.test(v)));
  const fields = numbers.map(([n, v]) => `<div class="field"><label for="c-${n}">${esc(words(n))}</label><input id="c-${n}" name="${n}" value="${esc(v)}" inputmode="decimal"></div>`).join("");
  const artefact = event.kind === "vital" ? `<button class="button" value="artefact">Mark as artefact: keep it, but decide nothing by it</button>` : "";
  ask("Correct this entry", `<p>${esc(told(event))}</p><div class="field"><label for="why">Why</label><input id="why" name="reason" required autofocus></div>${fields ? `<div class="fields">${fields}</div><button class="button do" value="change">Save the change</button>` : ""}${artefact}<button class="button stop" value="strike">Strike it out</button>`, (choice, form) => {
    const reason = form.get("reason");
    if (choice === "strike") return void submit("correction", { corrects: id, reason, data: null });
    if (choice === "artefact") return void submit("correction", { corrects: id, reason, data: { artefact: true } });
    const data = {};
    for (const [name, before] of numbers) if (String(before) !== form.get(name)) data[name] = typeof before === "number" ? Number(form.get(name)) : form.get(name);
    if (Object.keys(data).length) submit("correction", { corrects: id, reason, data });
  });
}

// --- drawing --------------------------------------------------------------------------------------------------

const PHASES = { preparing: "Preparing", infusing: "Infusing", paused: "Paused", administering: "Between devices", observing: "Observing", discharged: "Discharged", left_against_advice: "Left against advice", closed: "Closed" };
const words = (name) => ({ systolic_mmhg: "Upper, mmHg", diastolic_mmhg: "Lower, mmHg", pulse_per_min: "Pulse, /min", spo2_percent: "SpO₂, %", rate_ml_per_h: "mL/h" })[name] ?? name.replaceAll("_", " ");
const name = (username) => frame.names[username] ?? username;
const mg = (n) => `${Math.round(n * 10) / 10}`;
let current = fold(rules, [], now());

function told(event) {
  const d = event.data ?? {};
  const symptom = rules.symptoms[d.symptom]?.text ?? d.symptom;
  switch (event.kind) {
    case "order": return `Order signed: ${d.prepared_mg} mg`;
    case "vital": return [d.systolic_mmhg ? `${d.systolic_mmhg}/${d.diastolic_mmhg}` : "", d.pulse_per_min ? `pulse ${d.pulse_per_min}` : "", d.spo2_percent ? `SpO₂ ${d.spo2_percent} %` : "", d.artefact ? "artefact" : "", d.source ? `from ${d.source}` : ""].filter(Boolean).join(", ");
    case "symptom": return d.resolved ? `${symptom}: over` : `${symptom}, ${d.severity} of 5${d.note ? `: ${d.note}` : ""}`;
    case "scale": return `${rules.scales[d.scale]?.title ?? d.scale} ${d.total}`;
    case "check": return `Checked: ${rules.before.find((b) => b.id === d.check)?.text ?? d.check}${d.holds === false ? " – no" : ""}`;
    case "finding": return `${rules.discharge.find((c) => c.id === d.criterion)?.text ?? d.criterion}${d.holds ? "" : " – no"}`;
    case "identity": return `Identity by ${(d.by ?? []).join(", ")}`;
    case "rate": return `Rate ${d.rate_ml_per_h} mL/h`;
    case "device": return `Device ${d.n}${d.lot ? `, lot ${d.lot}` : ""}`;
    case "draw": return `Drawn ${d.drawn_mg} mg from ${d.container}${d.lot ? `, lot ${d.lot}` : ""}`;
    case "waste": return `Wasted ${d.mg} mg from ${d.container}`;
    case "witness": return "Waste witnessed";
    case "double_check": return "Checked by a second person";
    case "presence": return `${name(d.who)} ${d.here ? "is in the clinic" : "has left the clinic"}`;
    case "override": return `Overrides ${d.rule}: ${d.reason}`;
    case "medicine": return `${d.medicine} ${d.dose}`;
    case "call": return `Called ${name(d.who)}`;
    case "ride": return `Goes home with ${d.name}`;
    case "handover": return `Handed over to ${d.name}`;
    case "left": return `Left against advice: ${d.reason}`;
    case "correction": return `Correction: ${d.data === null || d.data === undefined ? "struck out" : Object.entries(d.data).map(([k, v]) => `${words(k)} ${v}`).join(", ")} (${d.reason})`;
    case "pause": return `Paused${d.reason ? ` (${d.reason})` : ""}`;
    case "stop": return `Stopped${d.reason ? ` (${String(d.reason).replaceAll("_", " ")})` : ""}`;
    default: return event.kind[0].toUpperCase() + event.kind.slice(1).replaceAll("_", " ");
  }
}

function bigClock(s) {
  if (s.phase === "observing" || s.phase === "administering") return now() - (s.phase === "observing" ? s.ended_at : s.started_at);
  if (s.phase === "discharged" || s.phase === "left_against_advice" || s.phase === "closed") return s.left_at !== null && s.started_at !== null ? s.left_at - s.started_at : 0;
  return s.runs.reduce((sum, run) => sum + run.to - run.from, 0);
}

function phaseCard(s) {
  const last = s.vitals.at(-1)?.data ?? {};
  const moaas = s.scores.filter((e) => e.data.scale === "moaas").at(-1);
  const share = s.ordered_mg ? (100 * s.delivered_mg) / s.ordered_mg : 0;
  const line = {
    preparing: s.order ? "" : "no order",
    infusing: `of ${s.order?.minutes ?? "?"}:00 · ends ${s.infusion_ends_at ? clock(s.infusion_ends_at) : ""} if not paused`,
    paused: "paused: the end moves with the pause",
    administering: `since device 1 · ${s.devices?.given} of ${s.devices?.ordered} given`,
    observing: `${rules.way === "infusion" ? "infusion" : "dose"} ended ${s.ended_at ? clock(s.ended_at) : ""}`,
  }[s.phase] ?? (s.left_at ? `left ${hhmm(s.left_at)}` : "");
  const fact = (k, v) => (v === null || v === undefined || v === "" ? "" : `<dt>${k}</dt><dd class="num">${v}</dd>`);
  const clocks = Object.entries(s.clocks)
    .filter(([, c]) => c.started_at !== null && (c.at_least_min || rules.way !== "infusion"))
    .map(([, c]) => fact(esc(c.text), c.at_least_min ? `<span data-until="${c.done_at}">${s.left_at ? "done" : ""}</span>` : `<span data-since="${c.started_at}" data-stop="${c.stopped_at ?? ""}"></span>`))
    .join("");
  return `<span class="label">${PHASES[s.phase]}</span><div class="t num" id="bigclock">${span(bigClock(s))}</div><div class="label">${line}</div>
    <progress max="100" value="${share}" aria-label="Share of the dose given"></progress>
    <dl class="facts">${fact("Given", `${mg(s.delivered_mg)} mg · ${mg(share)} %`)}${rules.way === "infusion" ? fact("Left", `${mg(s.left_ml)} mL`) : ""}${fact("In the line", s.in_line_mg && s.phase !== "infusing" && s.phase !== "paused" ? `${mg(s.in_line_mg)} mg` : "")}${fact("Sedation", moaas ? `MOAA/S ${moaas.data.total}` : "")}${fact("SpO₂", last.spo2_percent ? `${last.spo2_percent} %` : "")}${clocks}</dl>`;
}

// The one next thing. [what it does, large words, small words]
function nextThing(s) {
  const last = s.vitals.filter((v) => v.data.systolic_mmhg).at(-1);
  const lastTold = last ? ` · last ${pressure(last)}${last.data.pulse_per_min ? `, ${last.data.pulse_per_min}` : ""}` : "";
  const open = (id) => s.before.find((row) => row.criterion === id)?.open;
  const vitals = (text) => ["vitals", "Take vital signs", `${text}${lastTold}`];
  if (s.phase === "preparing") {
    if (!s.order) return ["none", "Waiting for the order", "the prescriber signs it"];
    if (open("identity")) return ["identity", "Check who this is", "two identifiers"];
    const check = s.before.find((row) => row.open && rules.before.find((b) => b.id === row.criterion)?.kind === "check");
    if (check) return ["checks", "Go through the checks", `${s.before.filter((r) => r.open).length} still open`];
    if (!rules.at_home && (rules.devices ? s.containers.length - 1 < s.devices.ordered : !s.containers.length)) return ["draw", rules.devices ? `Take out device ${Math.max(0, s.containers.length - 1) + 1}` : "Draw up the dose", `${s.order.prepared_mg} mg`];
    if (!last || open("pressure")) return vitals(open("pressure") && last ? "above the signed limit" : "before the dose");
    if (rules.way === "infusion") return ["start", "Start the infusion", `${s.order.prepared_mg} mg at ${s.order.rate_ml_per_h} mL/h${open("double-check") ? " · second check open" : ""}`];
    if (rules.way === "devices") return ["device", "Device 1", "one spray into each nostril"];
    return ["single", "Give the dose", `${s.order.prepared_mg} mg`];
  }
  if (s.phase === "paused") return ["resume", "Resume", `same rate, ${mg(s.left_ml)} mL left`];
  const asked = s.due.filter((d) => d.id === "vitals" || d.id === "device" || rules.captures.some((c) => c.id === d.id));
  const first = asked.find((d) => d.id === "vitals" && d.at <= now()) ?? asked[0]; // a missed pressure goes before a missed question
  if (s.phase === "observing" && !s.discharge.some((row) => row.open)) return ["handover", `Discharge with ${s.ride}`, "every criterion is met"];
  if (first) {
    const when = `<span data-due="${first.at}"></span>`;
    if (first.id === "device") return ["device", first.text, when];
    const capture = rules.captures.find((c) => c.id === first.id);
    if (capture && capture.what !== "pressure") return [`scale:${capture.what}`, capture.text, when];
    return ["vitals", capture ? capture.text : "Take vital signs", `${when}${lastTold}`];
  }
  if (s.phase === "observing") return vitals("when you look at the patient");
  if (s.phase === "discharged" || s.phase === "left_against_advice") {
    const waste = s.containers.find((c) => c.open);
    if (waste) return ["waste", `Waste ${waste.left / 1000} mg`, `from ${waste.container}`];
    if (s.wastes.length) return ["none", "A second person witnesses", "under Witness, on their own device"];
    if (s.unsigned_vitals) return ["sign", "Sign the monitor's readings", `${s.unsigned_vitals} readings`];
    return ["close", "Close the session", "waste, readings and alarms are in order"];
  }
  return ["none", "Closed", "nothing is left to do"];
}

function lists(s) {
  const row = (line, buttons = "") => `<div class="determination ${line.open ? (line.state === "not_met" ? "stop" : "warn") : "ok"}"><span class="mark" aria-hidden="true">${line.open ? (line.state === "not_met" ? "✕" : "?") : "✓"}</span><div><p>${esc(line.text)}</p>${line.open && line.missing.length ? `<p class="small">${esc(line.missing[0])}</p>` : ""}${line.overridden ? `<p class="small">overridden by the prescriber</p>` : ""}</div><div class="row">${line.open ? buttons : `<span class="small">${line.overridden ? "overridden" : "met"}</span>`}</div></div>`;
  const override = (line) => (line.force === "gate" && prescribes ? `<button class="button" data-do="override" data-arg="${line.criterion}" data-text="${esc(line.text)}">Override</button>` : "");
  if (s.phase === "preparing") {
    const buttons = { check: (l) => `<button class="button" data-do="check" data-arg="${l.criterion}">Yes</button>`, identity: () => `<button class="button" data-do="identity">Check</button>`, double_check: () => `<button class="button" data-do="double_check">I have checked</button>`, vitals: () => `<button class="button" data-do="vitals">Take</button>`, pressure: () => "", presence: () => "" };
    const rows = s.before.map((line) => row(line, buttons[rules.before.find((b) => b.id === line.criterion).kind](line) + override(line)));
    const drawn = s.containers.filter((c) => c.container !== "preparation").map((c) => `<li><span class="grow">${esc(c.container)}${c.lot ? `, lot ${esc(c.lot)}` : ""}</span><span class="num">${c.out / 1000} mg drawn</span></li>`).join("");
    return `<section class="card"><h2>Before the dose</h2>${rows.join("")}<ul class="rows">${drawn}</ul>${rules.at_home ? "" : `<div><button class="button" data-do="draw">${rules.devices ? "Take out a device" : "Draw up"}</button></div>`}</section>`;
  }
  const out = [];
  if (s.phase === "observing") {
    const buttons = { scale: (l, r) => `<button class="button" data-do="scale" data-arg="${r.scale}">Score</button>`, finding: (l) => `<button class="button" data-do="finding" data-arg="${l.criterion}">Yes</button><button class="button" data-do="notfinding" data-arg="${l.criterion}">No</button>`, ride: () => `<button class="button" data-do="ride">Who?</button>`, pressure: () => `<button class="button" data-do="vitals">Measure</button>`, spo2: () => `<button class="button" data-do="vitals">Measure</button>`, capture: () => `<button class="button" data-do="vitals">Measure</button>` };
    const rows = s.discharge.map((line) => {
      const rule = rules.discharge.find((c) => c.id === line.criterion);
      return row(line, (buttons[rule.kind]?.(line, rule) ?? "") + override(line));
    });
    out.push(`<section class="card"><h2>Before going home</h2>${rows.join("")}<div class="row"><button class="button quiet" data-do="left">Leaves against advice</button></div></section>`);
  }
  if (!["preparing", "infusing", "paused", "administering"].includes(s.phase) && s.containers.length) {
    const rows = s.containers.map((c) => `<li><span class="grow">${esc(c.container === "preparation" ? "prepared dose" : c.container)}${c.lot ? `, lot ${esc(c.lot)}` : ""}</span><span class="num">${c.left === null ? "" : `${c.left / 1000} mg left`}</span>${c.open ? `<button class="button" data-do="waste" data-arg="${esc(c.container)}">Waste</button>` : `<span class="chip ok">accounted for</span>`}</li>`).join("");
    const wait = s.wastes.map((w) => `<li><span class="grow">Waste of ${esc(w.data.mg)} mg from ${esc(w.data.container)}</span><span class="chip warn">waits for a witness</span></li>`).join("");
    out.push(`<section class="card"><h2>What became of the drug</h2><ul class="rows">${rows}${wait}</ul></section>`);
  }
  return out.join("");
}

function alarms(s) {
  return s.alarms
    .map((a) => `<div class="alarm ${a.priority}" role="alert"><span aria-hidden="true">${{ high: "▲▲▲", medium: "▲▲", low: "▲" }[a.priority]}</span><div class="grow"><b>${{ high: "High", medium: "Medium", low: "Low" }[a.priority]} priority: ${esc(a.text)}</b>${a.do ? `<div>${esc(a.do)}</div>` : ""}<div class="small">since ${hhmm(a.since)}${a.acknowledged_by ? ` · seen by ${esc(name(a.acknowledged_by))}` : ""}</div></div>${a.call_due ? `<button class="button" data-do="call">Call now</button>` : ""}${a.acknowledged_by ? "" : `<button class="button" data-do="acknowledge" data-arg="${esc(a.id)}">Seen</button>`}${a.id.startsWith("emergency-symptom:") ? `<button class="button" data-do="over" data-arg="${esc(a.id.split(":")[1])}">Over</button>` : ""}</div>`)
    .join("");
}

function banner() {
  const kept = queue.length;
  const parts = [];
  if (offline) parts.push(`<div class="alarm warn offline" role="status"><span aria-hidden="true">⇅</span><div class="grow">No network. Keep going: ${kept === 1 ? "1 entry is" : `${kept} entries are`} kept on this tablet and will be sent by ${kept === 1 ? "itself" : "themselves"}.</div></div>`);
  if (others) parts.push(`<div class="alarm low" role="status">${others} entries of a colleague wait on this tablet; they go out when that person signs in here.</div>`);
  if (problem) parts.push(`<div class="alarm stop" role="alert"><div class="grow">${problem.entry ? `Not saved: ${esc(told(problem.entry.line))}. ` : ""}${esc(problem.text)}</div>${problem.signIn ? `<a class="button" href="/login/?next=${encodeURIComponent(frame.address)}">Sign in</a>` : `<button class="button" data-do="dismiss">Understood</button>`}</div>`);
  if (frame.alike.length) parts.push(`<div class="alarm warn" role="note"><span aria-hidden="true">⚠</span><div>Name alert: ${esc(frame.alike.join(", "))} is here today too. Check photo or chart number.</div></div>`);
  const breaches = current.breaches.length ? `<details class="card"><summary>${current.breaches.length} entries stand against a rule</summary><ul class="rows">${current.breaches.map((b) => `<li>${esc(b.text)}</li>`).join("")}</ul></details>` : "";
  return parts.join("") + breaches;
}

function logList() {
  const events = log().sort((a, b) => Date.parse(b.happened_at ?? b.device_time) - Date.parse(a.happened_at ?? a.device_time));
  const struck = struckOf(log());
  const mine = new Set(queue.map((q) => q.id));
  const fixed = new Set(["order", "presence", "correction", "handover", "close"]);
  return events
    .map((e) => {
      const correction = struck.get(e.id);
      const gone = correction && (correction.data.data === null || correction.data.data === undefined);
      const marks = [mine.has(e.id) ? `<span class="chip warn">kept here</span>` : "", isLate(e, rules.constants.late_after_ms) ? `<span class="chip plain">late entry</span>` : "", correction && !gone ? `<span class="chip plain">corrected</span>` : ""].join("");
      return `<li><span class="num nowrap">${clock(Date.parse(e.happened_at ?? e.device_time) + (e.skew_ms ?? 0))}</span><span class="grow">${gone ? `<s>${esc(told(e))}</s>` : esc(told(e))}<span class="small"> · ${esc(name(e.author))}</span></span>${marks}${fixed.has(e.kind) || gone ? "" : `<button class="button quiet" data-do="correct" data-arg="${e.id}">Correct<span class="hidden"> the entry of ${clock(Date.parse(e.device_time))}</span></button>`}</li>`;
    })
    .join("");
}

// The note that prints below the strip is the server's; it follows the log, once a minute at most.
let noted = "";
let notedAt = 0;
let noting = null;
function freshenNote() {
  const version = `${server.size}:${current.phase}`;
  if (offline || version === noted || noting) return;
  noting = setTimeout(async () => {
    noting = null;
    noted = version;
    notedAt = Date.now();
    const response = await fetch(`${frame.address}note/`).catch(() => null);
    if (response?.ok) $("note").textContent = await response.text();
  }, Math.max(3000, notedAt + 60_000 - Date.now()));
}

const narrow = () => window.innerWidth < 700;
let drawn = "";
function render() {
  const events = log();
  current = fold(rules, events, noticed(events, now()));
  const s = current;
  const [act, large, small] = nextThing(s);
  const running = s.phase === "infusing";
  const shown = act === "vitals" ? "vitals" : s.due.find((d) => d.text === large)?.id;
  const rest = s.due.filter((d) => d.id !== shown).slice(0, 3).map((d) => `${esc(d.text)} at ${hhmm(d.at)}`).join(" · ");
  const put = (id, html) => {
    const place = $(id);
    if (place.dataset.html === html) return;
    const focused = document.activeElement?.closest(`#${id}`) && document.activeElement.dataset;
    place.dataset.html = html;
    place.innerHTML = html;
    if (focused?.do) place.querySelector(`[data-do="${focused.do}"]${focused.arg ? `[data-arg="${CSS.escape(focused.arg)}"]` : ""}`)?.focus();
  };
  put("banner", banner());
  put("alarms", alarms(s));
  put("phase", phaseCard(s));
  put("next", act === "none" ? `<div class="big quietbig">${esc(large)}<small>${small}</small></div>` : `<button class="big" data-do="${act}">${esc(large)}<small>${small}</small></button>`);
  put("after", rest ? `<span class="label">After that</span><div>${rest}</div>` : "");
  $("after").hidden = !rest;
  put("lists", lists(s));
  put("strip", `${strip(rules, frame.model, s, now(), narrow())}${frame.model ? `<p class="small">Estimate: ${esc(frame.model.title)}. It is a model, not a measurement.</p>` : ""}`);
  const others_ = prescribersHere(s);
  const dosing = ["preparing", "infusing", "paused", "administering"].includes(s.phase);
  const halts = `${rules.way === "infusion" ? `<button class="button pause" data-do="pause" data-key="p"${running ? "" : " disabled"}>❙❙ Pause</button>` : ""}<button class="button stop" data-do="stop"${s.phase === "preparing" ? " disabled" : ""}>■ Stop</button>`;
  const about = s.phase === "preparing" ? "Pause and stop open when the dose runs." : "Pause and stop act at once; the reason is asked afterwards.";
  put("side", `<div class="halts">${dosing ? halts : ""}<button class="button" data-do="call"${s.left_at ? " disabled" : ""}>Call ${esc(others_[0] ?? "the prescriber")}</button>${dosing ? `<p class="label">${about}</p>` : ""}</div><div class="stack tight tools">${rules.way === "infusion" && (running || s.phase === "paused") ? `<button class="button quiet" data-do="rate">Change the rate</button>` : ""}${rules.way === "infusion" && s.phase === "observing" && s.in_line_mg > 0 ? `<button class="button quiet" data-do="flush">Line was flushed</button>` : ""}<button class="button quiet" data-do="vitals">Vital signs</button>${Object.entries(rules.scales).map(([id, scale]) => `<button class="button quiet" data-do="scale" data-arg="${id}">${esc(scale.title)}</button>`).join("")}<button class="button quiet" data-do="monitor">Monitor</button><button class="button quiet" data-do="medicine">Medicine given</button><button class="button quiet" data-do="late">Late entry</button></div>`);
  const open = new Set(s.open_symptoms.map((e) => e.data.symptom));
  const taps = Object.values(rules.symptoms);
  const tap = (t) => `<button class="button ${open.has(t.id) ? "on" : ""} ${t.emergency ? "danger" : ""}" data-do="${open.has(t.id) ? "over" : "symptom"}" data-arg="${t.id}">${esc(t.text)}${open.has(t.id) ? ": over?" : ""}</button>`;
  put("taps", s.left_at || s.phase === "closed" ? "" : `<div class="taps">${taps.filter((t) => !t.emergency).map(tap).join("")}</div><details><summary>Emergency</summary><div class="taps">${taps.filter((t) => t.emergency).map(tap).join("")}</div></details>`);
  $("taps").hidden = Boolean(s.left_at) || s.phase === "closed";
  put("logrows", logList());
  $("logcount").textContent = `Log · ${log().length} entries`;
  const here = prescribersHere(s);
  put("here", here.length ? `<span class="chip ok">● ${esc(here.join(", "))} in the clinic</span>` : `<span class="chip warn">no prescriber in the clinic</span>`);
  drawn = signature();
  freshenNote();
  tick();
}

function prescribersHere(s) {
  const here = new Map();
  for (const e of s.entries) if (e.kind === "presence") here.set(e.data.who, e.data.here);
  return [...here].filter(([, yes]) => yes).map(([who]) => name(who));
}

// What can change by time alone; everything else changes with an entry.
function signature() {
  const events = log();
  const s = fold(rules, events, noticed(events, now()));
  return JSON.stringify([s.phase, s.entries.length, s.alarms.map((a) => [a.id, a.priority, a.call_due, a.text]), s.discharge.map((l) => [l.state, l.text]), Math.floor(now() / 30_000), mg(s.delivered_mg)]);
}

function tick() {
  const s = current;
  const big = $("bigclock");
  if (big) big.textContent = span(s.phase === "infusing" ? bigClock(s) + (now() - s.at) : bigClock(s));
  document.querySelectorAll("[data-due]").forEach((el) => (el.textContent = due(Number(el.dataset.due) - now())));
  document.querySelectorAll("[data-until]").forEach((el) => (el.textContent = s.left_at ? "done" : Number(el.dataset.until) > now() ? `${span(Number(el.dataset.until) - now())} left` : "over"));
  document.querySelectorAll("[data-since]").forEach((el) => (el.textContent = span((Number(el.dataset.stop) || now()) - Number(el.dataset.since))));
  $("saved").textContent = offline ? "" : queue.length || writing ? "saving …" : savedAt ? `saved ${ago(now() - savedAt)} ago` : "all saved";
}

const DO = {
  vitals: askVitals, monitor: askMonitor, pause, stop, identity: askIdentity, draw: askDraw, rate: askRate, single: askSingle, medicine: askMedicine, ride: askRide, handover: askHandover, left: askLeft, late: askLate,
  start: () => submit("start"),
  resume: () => submit("resume"),
  flush: () => submit("flush", { ml: String(current.order.tubing_ml) }),
  close: () => submit("close"),
  sign: () => submit("sign"),
  double_check: () => submit("double_check"),
  check: (id) => submit("check", { check: id, holds: true }),
  checks: () => askChecks(),
  finding: (id) => submit("finding", { criterion: id, holds: true }),
  notfinding: (id) => submit("finding", { criterion: id, holds: false }),
  scale: (id) => askScale(id),
  symptom: (id) => askSeverity(id, rules.symptoms[id].text),
  over: (id) => submit("symptom", { symptom: id, resolved: true }),
  device: () => askDevice(current.devices.given + 1),
  waste: (name_) => {
    const line = current.containers.find((c) => (name_ ? c.container === name_ : c.open));
    askWaste(line.container, line.left / 1000);
  },
  call: () => submit("call", { who: prescribersHere(current)[0] ?? "the prescriber" }),
  acknowledge: (id) => submit("acknowledge", { alarm: id }),
  override: (id, el) => askOverride(id, el.dataset.text),
  correct: askCorrect,
  dismiss: () => {
    problem = null;
    render();
  },
};
function askChecks() {
  const open = current.before.filter((row) => row.open && rules.before.find((b) => b.id === row.criterion).kind === "check");
  ask("Before the dose", `${open.map((row) => `<label class="check"><input type="checkbox" name="check" value="${row.criterion}">${esc(row.text)}</label>`).join("")}<button class="big" value="save">Save the checks</button>`, (choice, form, element) => {
    const done = form.getAll("check");
    if (!done.length) return said(element, "Tick what you have checked.");
    (async () => {
      for (const id of done) await submit("check", { check: id, holds: true });
    })();
  });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button || button.disabled) return;
  const [act, arg] = button.dataset.do.split(":");
  DO[act]?.(button.dataset.arg ?? arg, button);
});

const dim = $("dim");
function setDim(on) {
  if (on) document.documentElement.dataset.theme = "dim";
  else if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.dataset.theme = "dark";
  else delete document.documentElement.dataset.theme;
  dim.setAttribute("aria-pressed", String(on));
  localStorage.setItem("chair-dim", on ? "yes" : "no");
}
dim.onclick = () => setDim(dim.getAttribute("aria-pressed") !== "true");
setDim(localStorage.getItem("chair-dim") !== "no");

// --- the beginning --------------------------------------------------------------------------------------------

take(frame.events);
const kept = await readLog(frame.session).catch(() => null);
take(kept?.events ?? []);
const all = await waiting(frame.session).catch(() => []);
queue = all.filter((entry) => entry.user === me.username);
others = all.length - queue.length;
for (const entry of queue) entry.kept = true; // it waited through a closed browser
if (queue.length) offline = !navigator.onLine;
render();
document.documentElement.dataset.ready = "yes";
if (!current.left_at || current.phase !== "closed") follow();
setInterval(() => {
  tick();
  if (signature() !== drawn) render();
}, 1000);
setInterval(() => (queue.length || offline) && catchUp(), 4000);
window.addEventListener("online", () => {
  follow();
  catchUp();
});
window.addEventListener("offline", () => {
  away();
  render();
});
window.addEventListener("resize", () => render());
if ("serviceWorker" in navigator) {
  const registered = await navigator.serviceWorker.register("/worker.js", { scope: "/" }).catch(() => null);
  // The first visit was not seen by the worker: fetch the page and its parts once more, so that they are kept.
  if (registered && !navigator.serviceWorker.controller) {
    await navigator.serviceWorker.ready;
    const parts = [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map((el) => el.src || el.href);
    const cache = await caches.open("chair-1");
    await Promise.allSettled([location.pathname, ...parts, ...["fold.js", "store.js", "strip.js"].map((f) => new URL(f, import.meta.url).href)].map((url) => cache.add(url)));
  }
  document.documentElement.dataset.kept = "yes";
}

// The session log folded into its state, on the tablet: the same rules as regrow.session, for when the network is
// away. tests/site/test_tablet_fold.py runs both on the same stormy logs and compares every field.

const MIN = 60_000;
const LATE_AFTER = 60_000;
const PRESCRIBES = new Set(["prescriber", "director"]);
const DOSING = new Set(["start", "resume", "device", "administer"]);
const ACTS = new Set(["handover", "close"]);
const AFTERWARDS = new Set(["waste", "witness", "sign", "override", "call", "acknowledge", "close", "presence"]);
const UNNAMED = new Set(["order", "identity", "presence", "call", "acknowledge"]);
const THIRD_IDENTIFIERS = ["photo", "mrn", "wristband"];
const PRESSURE = ["systolic_mmhg", "diastolic_mmhg"];
const PREPARATION = "preparation";
const RANK = { high: 0, medium: 1, low: 2 };

const ms = (text) => Date.parse(text);
// Sorting looks at each time many times; an event never changes, so it is read once.
const read = new WeakMap();
function timesOf(e) {
  let times = read.get(e);
  if (!times) {
    const device = ms(e.device_time);
    times = { device, at: (e.happened_at ? ms(e.happened_at) : device) + (e.skew_ms ?? 0), server: e.server_time ? ms(e.server_time) : device };
    read.set(e, times);
  }
  return times;
}
export const atOf = (e) => timesOf(e).at;
// A clock a little ahead of this one: what was entered there a moment ago counts here at once.
const AHEAD = 3000;
export const noticed = (events, now) => events.reduce((at, e) => (atOf(e) <= now + AHEAD ? Math.max(at, atOf(e)) : at), now);
const serverOf = (e) => timesOf(e).server;
export const isLate = (e) => Boolean(e.happened_at) || serverOf(e) - atOf(e) > LATE_AFTER;
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const by = (...keys) => (a, b) => {
  for (const key of keys) {
    const found = compare(key(a), key(b));
    if (found) return found;
  }
  return 0;
};
export const ug = (mg) => Math.round(Number(mg) * 1000);

// --- the log ---------------------------------------------------------------------------------------------------

function once(events) {
  const known = new Map();
  for (const event of events) {
    const other = known.get(event.id);
    if (!other || serverOf(event) < serverOf(other)) known.set(event.id, event);
  }
  return [...known.values()];
}

function placed(events) {
  const newest = new Map();
  const found = [...events]
    .sort(by((e) => e.device ?? "", (e) => e.seq ?? 0, (e) => timesOf(e).device, serverOf, (e) => e.id))
    .map((event) => {
      let at = atOf(event);
      if (event.device && event.seq && !event.happened_at) {
        at = Math.max(at, newest.get(event.device) ?? at);
        newest.set(event.device, at);
      }
      return { event, at };
    });
  return found.sort(by((p) => p.at, (p) => serverOf(p.event), (p) => p.event.seq ?? 0, (p) => p.event.id));
}

function verdicts(list) {
  const order = new Map(list.map((p, n) => [p.event.id, n]));
  const found = new Map();
  for (let n = list.length - 1; n >= 0; n--) {
    const correction = list[n].event;
    if (correction.kind !== "correction") continue;
    const target = String(correction.data.corrects);
    const where = order.get(target);
    const mendsCorrection = where !== undefined && list[where].event.kind === "correction";
    if (!found.has(correction.id) && !(mendsCorrection && where > n) && !found.has(target)) found.set(target, correction);
  }
  return found;
}

export function entriesOf(events) {
  const list = placed(once(events));
  const judged = verdicts(list);
  const standing = [];
  for (const { event, at } of list) {
    if (event.kind === "correction") continue;
    const correction = judged.get(event.id);
    let entry = { id: event.id, kind: event.kind, event, at, data: event.data ?? {}, corrected: "" };
    if (correction) {
      const change = correction.data;
      if ((change.data ?? null) === null && !("at" in change)) continue;
      entry = { ...entry, at: change.at ? ms(change.at) : at, data: { ...entry.data, ...(change.data ?? {}) }, corrected: correction.id };
    }
    standing.push(entry);
  }
  return standing.sort(by((e) => e.at, (e) => serverOf(e.event), (e) => e.event.seq ?? 0, (e) => e.id));
}

export function struckOf(events) {
  return verdicts(placed(once(events)));
}

// --- the pump --------------------------------------------------------------------------------------------------

class Pump {
  constructor(order) {
    this.total = Number(order.total_ml);
    this.line = Number(order.tubing_ml ?? 0);
    this.rate = Number(order.rate_ml_per_h);
    this.mgPerMl = Number(order.prepared_mg) / this.total;
    this.runs = [];
    this.pumped = 0;
    this.flushed = 0;
    this.startedAt = this.endedAt = this.since = null;
  }
  get phase() {
    if (this.startedAt === null) return "preparing";
    if (this.endedAt !== null) return "observing";
    return this.since !== null ? "infusing" : "paused";
  }
  get delivered() {
    return this.pumped + this.flushed;
  }
  get left() {
    return this.total - this.delivered;
  }
  emptyAt(since) {
    return since + ((this.total - this.line - this.pumped) / this.rate) * 3_600_000;
  }
  setRate(data) {
    if (data.rate_ml_per_h) this.rate = Number(data.rate_ml_per_h);
  }
  take(entry) {
    this.runTo(entry.at);
    const open = this.endedAt === null;
    switch (entry.kind) {
      case "start":
        if (this.startedAt === null) {
          this.startedAt = this.since = entry.at;
          this.setRate(entry.data);
        }
        break;
      case "pause":
        if (open) this.since = null;
        break;
      case "resume":
        if (this.startedAt !== null && open && this.since === null) {
          this.since = entry.at;
          this.setRate(entry.data);
        }
        break;
      case "rate":
        if (open) this.setRate(entry.data);
        break;
      case "stop":
      case "complete":
      case "handover":
      case "left":
        if (this.startedAt !== null && open) {
          this.since = null;
          this.endedAt = entry.at;
        }
        break;
      case "flush":
        if (!open) {
          const inLine = Math.min(this.line - this.flushed, this.left);
          this.flushed += Math.min(Number(entry.data.ml), Math.max(inLine, 0));
        }
    }
  }
  runTo(moment) {
    if (this.since === null || moment <= this.since) return;
    const empty = this.emptyAt(this.since);
    const until = Math.min(moment, empty);
    this.runs.push({ from: this.since, to: until, rate: this.rate });
    if (empty <= moment) {
      this.pumped = this.total - this.line;
      this.endedAt = empty;
      this.since = null;
    } else {
      this.pumped += (this.rate * (until - this.since)) / 3_600_000;
      this.since = moment;
    }
  }
  endsAt() {
    return this.endedAt !== null || this.since === null ? this.endedAt : this.emptyAt(this.since);
  }
}

// --- what was seen ---------------------------------------------------------------------------------------------

class Seen {
  constructor(rules) {
    this.rules = rules;
    this.order = null;
    this.pump = null;
    this.kinds = new Map();
    this.departed = this.closed = null;
  }
  of(kind) {
    return this.kinds.get(kind) ?? [];
  }
  last(kind) {
    return this.of(kind).at(-1) ?? null;
  }
  limit(name) {
    const value = name ? this.order?.limits?.[name] : undefined;
    return value === undefined || value === null || value === "" ? null : Number(value);
  }
  take(entry) {
    if (entry.kind === "order" && !this.dosed) {
      this.order = entry.data;
      const infused = entry.data.total_ml && entry.data.rate_ml_per_h;
      this.pump = this.rules.way === "infusion" && infused ? new Pump(entry.data) : null;
    }
    this.pump?.take(entry);
    if (entry.kind === "handover" || entry.kind === "left") this.departed = entry;
    if (entry.kind === "close") this.closed = entry;
    this.kinds.set(entry.kind, [...this.of(entry.kind), entry]);
  }
  get firstDoseAt() {
    return this.pump ? this.pump.startedAt : this.given[0]?.at ?? null;
  }
  get dosed() {
    return this.firstDoseAt !== null;
  }
  get devicesOrdered() {
    return this.order && this.rules.devices ? Math.floor(Number(this.order.prepared_mg) / Number(this.rules.devices.mg)) : 0;
  }
  get given() {
    if (this.rules.way === "single") return this.of("administer");
    if (this.rules.way !== "devices") return [];
    const found = [];
    for (const entry of this.of("device")) {
      if (entry.data.n === found.length + 1 && found.length < this.devicesOrdered) found.push(entry);
    }
    return found;
  }
  get endedAt() {
    if (this.pump) return this.pump.endedAt;
    const given = this.given;
    if (!given.length) return null;
    const whole = this.rules.way === "single" || given.length === this.devicesOrdered || this.last("stop") || this.departed;
    return whole ? given.at(-1).at : null;
  }
  get consentWithdrawn() {
    return this.of("stop").some((e) => e.data.reason === "consent_withdrawn");
  }
  get deliveredMg() {
    if (this.pump) return this.pump.delivered * this.pump.mgPerMl;
    if (this.rules.devices) return Number(this.rules.devices.mg) * this.given.length;
    return this.given.reduce((sum, e) => sum + Number(e.data.mg), 0);
  }
  get phase() {
    if (this.closed) return "closed";
    if (this.departed) return this.departed.kind === "handover" ? "discharged" : "left_against_advice";
    if (this.pump) return this.pump.phase;
    if (!this.given.length) return "preparing";
    return this.endedAt !== null ? "observing" : "administering";
  }
  anchor(name) {
    if (name === "first_dose") return this.firstDoseAt;
    if (name === "last_dose" && !this.pump) return this.given.at(-1)?.at ?? null;
    return this.endedAt;
  }
  vitals(...names) {
    return this.of("vital").filter((e) => !e.data.artefact && names.every((n) => n in e.data));
  }
  scores(scale) {
    return this.of("scale").filter((e) => e.data.scale === scale);
  }
  get unsigned() {
    const signed = Math.max(-Infinity, ...this.of("sign").map((e) => e.at));
    return this.of("vital").filter((e) => String(e.data.source ?? "").startsWith("monitor") && e.at > signed);
  }
  get openSymptoms() {
    const latest = new Map();
    for (const entry of this.of("symptom")) {
      if (entry.data.resolved) latest.delete(entry.data.symptom);
      else latest.set(entry.data.symptom, entry);
    }
    return [...latest.values()];
  }
  get prescriberHere() {
    const here = new Map(this.of("presence").map((e) => [String(e.data.who), Boolean(e.data.here)]));
    return here.size ? [...here.values()].some(Boolean) : null;
  }
  get overridden() {
    return new Set(this.of("override").filter((e) => PRESCRIBES.has(e.event.role)).map((e) => String(e.data.rule)));
  }
}

// --- the two lists ---------------------------------------------------------------------------------------------

export const pressure = (entry) => `${entry.data.systolic_mmhg}/${entry.data.diastolic_mmhg}`;
const iso = (at) => new Date(at).toISOString().replace(".000Z", "Z");

function line(seen, item) {
  const overridden = seen.overridden.has(item.id);
  return (state, because = [], { text = item.text, missing = "", since = null } = {}) => ({
    criterion: item.id,
    state,
    force: item.force ?? "hard",
    overridden,
    text,
    missing: missing ? [missing] : [],
    because: because.map((e) => e.id),
    since: since ?? because.at(-1)?.at ?? null,
    open: state !== "met" && !overridden,
  });
}

export function sentence(row) {
  const missing = row.missing.filter((text) => !row.text.includes(text));
  const willDo = missing.length ? ` (${missing[0]})` : "";
  return row.text + willDo + (row.force === "gate" && row.open ? "; or the prescriber's override" : "");
}

function beforeList(seen) {
  return seen.rules.before.map((item) => {
    const answer = line(seen, item);
    const first = seen.firstDoseAt;
    const early = (kind) => seen.of(kind).filter((e) => first === null || e.at <= first);
    if (item.kind === "identity") {
      const entry = early("identity").at(-1);
      if (!entry) return answer("not_documented", [], { missing: "two identifiers, such as name and date of birth" });
      const how = entry.data.by;
      if (how.length < 2) return answer("not_met", [entry], { missing: "a second identifier" });
      if (seen.order?.name_alike && !THIRD_IDENTIFIERS.some((n) => how.includes(n))) {
        return answer("not_met", [entry], { missing: "Somebody of a like name is here today: check the photo or the chart number too" });
      }
      return answer("met", [entry]);
    }
    if (item.kind === "double_check") {
      const own = new Set(early("draw").map((e) => e.event.author));
      const second = early("double_check").filter((e) => !own.has(e.event.author));
      return second.length ? answer("met", [second.at(-1)]) : answer("not_documented", [], { missing: "a check by somebody who did not draw it up" });
    }
    if (item.kind === "vitals" || item.kind === "pressure") {
      const last = seen.vitals(...PRESSURE).filter((e) => first === null || e.at <= first).at(-1);
      if (!last) return answer("not_documented", [], { missing: "take a first set of vital signs" });
      const [upper, lower] = [seen.limit("start_hold_systolic_mmhg"), seen.limit("start_hold_diastolic_mmhg")];
      const high = (upper !== null && last.data.systolic_mmhg > upper) || (lower !== null && last.data.diastolic_mmhg > lower);
      if (item.kind === "vitals" || !high) return answer("met", [last]);
      return answer("not_met", [last], { text: `Blood pressure was ${pressure(last)}`, missing: `a reading of ${upper}/${lower} or less` });
    }
    if (item.kind === "presence") {
      const last = seen.of("presence").slice(-1);
      if (seen.prescriberHere) return answer("met", last);
      return answer(seen.prescriberHere === null ? "not_documented" : "not_met", last, { missing: "a prescriber says that they are in the clinic" });
    }
    const check = early("check").filter((e) => e.data.check === item.id).at(-1);
    if (!check) return answer("not_documented");
    return answer(check.data.holds ?? true ? "met" : "not_met", [check]);
  });
}

function dischargeList(seen, at) {
  return seen.rules.discharge.map((rule) => {
    const answer = line(seen, rule);
    const end = seen.endedAt;
    if (rule.kind === "ride") {
      const ride = seen.last("ride");
      return ride ? answer("met", [ride], { text: `${rule.text}: ${ride.data.name}` }) : answer("not_documented", [], { missing: "the name of the person who takes them home" });
    }
    if (end === null || end > at) {
      const word = { infusion: "infusion", devices: "last device", single: "dose" }[seen.rules.way];
      return answer("not_documented", [], { missing: `the end of the ${word}` });
    }
    if (rule.kind === "observation") {
      const need = seen.limit("observation_min");
      return need === null ? answer("not_documented", [], { missing: "a signed length of the observation" }) : waited(answer, rule.text, end, at, need);
    }
    if (rule.kind === "clock") {
      const clock = seen.rules.clocks.find((c) => c.id === rule.clock);
      const anchor = seen.anchor(clock.anchor);
      if (anchor === null || clock.at_least_min === null) return answer("not_documented", [], { missing: `the ${clock.anchor.replace("_", " ")}` });
      return waited(answer, rule.text, anchor, at, clock.at_least_min);
    }
    if (rule.kind === "capture") {
      const taken = captured(seen, seen.rules.captures.find((c) => c.id === rule.capture));
      return taken ? answer("met", [taken], { text: `${rule.text}: ${pressure(taken)}` }) : answer("not_documented", [], { missing: "a reading inside the window" });
    }
    if (rule.kind === "scale") {
      const scores = seen.scores(rule.scale).filter((e) => e.at >= end);
      const title = seen.rules.scales[rule.scale]?.title ?? "scale";
      if (!scores.length) return answer("not_documented", [], { missing: `${title} after the end` });
      const holds = (e) => (rule.at_least ?? -Infinity) <= e.data.total && e.data.total <= (rule.at_most ?? Infinity);
      return latest(answer, scores, holds, `${rule.text}: ${scores.at(-1).data.total}`, "");
    }
    if (rule.kind === "pressure") {
      const [upper, lower] = [seen.limit("discharge_systolic_mmhg"), seen.limit("discharge_diastolic_mmhg")];
      const bound = `a reading under ${upper}/${lower}`;
      const readings = seen.vitals(...PRESSURE).filter((e) => e.at >= end);
      if (!readings.length) return answer("not_documented", [], { missing: `${bound} after the end` });
      const low = (e) => (upper === null || e.data.systolic_mmhg < upper) && (lower === null || e.data.diastolic_mmhg < lower);
      return latest(answer, readings, low, `${rule.text}: ${pressure(readings.at(-1))}`, bound);
    }
    if (rule.kind === "spo2") {
      const least = seen.limit("discharge_spo2_percent");
      const bound = `SpO₂ of ${least} % or more`;
      const readings = seen.vitals("spo2_percent").filter((e) => e.at >= end);
      if (!readings.length) return answer("not_documented", [], { missing: `${bound} after the end` });
      return latest(answer, readings, (e) => least === null || e.data.spo2_percent >= least, `${rule.text}: ${readings.at(-1).data.spo2_percent} %`, bound);
    }
    const findings = seen.of("finding").filter((e) => e.data.criterion === rule.id && e.at >= end);
    if (!findings.length) return answer("not_documented", [], { missing: rule.text[0].toLowerCase() + rule.text.slice(1) });
    return latest(answer, findings, (e) => Boolean(e.data.holds), rule.text, "");
  });
}

function latest(answer, entries, holds, text, missing) {
  const last = entries.at(-1);
  if (!holds(last)) return answer("not_met", [last], { text, missing });
  let since = last.at;
  for (const entry of [...entries].reverse()) {
    if (!holds(entry)) break;
    since = entry.at;
  }
  return answer("met", [last], { text, since });
}

function waited(answer, text, since, at, need) {
  const done = since + need * MIN;
  const shown = `${text}: ${Math.floor(Math.max(at - since, 0) / MIN)} of ${need} min`;
  return at >= done ? answer("met", [], { text: shown, since: done }) : answer("not_met", [], { text: shown, missing: `${Math.ceil((done - at) / MIN)} min more` });
}

export function windowOf(seen, capture) {
  const anchor = seen.anchor(capture.anchor);
  if (anchor === null || !seen.order) return null;
  const after = /^\d/.test(capture.at_min) ? Number(capture.at_min) : seen.limit(capture.at_min);
  if (after === null) return null;
  const due = anchor + after * MIN;
  const [early, late] = [seen.limit(capture.early), seen.limit(capture.late)];
  return { opens: early === null ? anchor : due - early * MIN, due, closes: late === null ? null : due + late * MIN };
}

function captured(seen, capture) {
  const window = windowOf(seen, capture);
  if (!window) return null;
  const entries = capture.what === "pressure" ? seen.vitals(...PRESSURE) : seen.scores(capture.what);
  return entries.find((e) => window.opens <= e.at && (window.closes === null || e.at <= window.closes)) ?? null;
}

// --- alarms ----------------------------------------------------------------------------------------------------

function vitalsDueAt(seen) {
  const every = seen.limit("vitals_every_min");
  if (seen.firstDoseAt === null || every === null || seen.departed) return null;
  return Math.max(seen.firstDoseAt, ...seen.vitals(...PRESSURE).map((e) => e.at)) + every * MIN;
}

function run(entries, beyond) {
  const found = [];
  for (const entry of [...entries].reverse()) {
    if (!beyond(entry)) break;
    found.unshift(entry);
  }
  return found;
}

function standing(seen, at) {
  if (!seen.order || (seen.firstDoseAt === null && !seen.rules.at_home)) return [];
  const found = [];
  const add = (id, priority, text, since, event, todo = "") => found.push({ id, priority, text, since, event, do: todo });
  for (const rule of seen.rules.alarms) {
    if (seen.firstDoseAt === null && rule.on !== "symptom:emergency") continue;
    if (rule.on === "symptom:emergency") {
      for (const entry of seen.openSymptoms) {
        const term = seen.rules.symptoms[entry.data.symptom];
        if (term?.emergency) add(`${rule.id}:${term.id}`, rule.priority, term.text, entry.at, entry.id, term.emergency);
      }
    } else if (rule.on === "overdue:vitals") {
      const [due, every] = [vitalsDueAt(seen), seen.limit("vitals_every_min")];
      const late = due === null ? 0 : Math.floor((at - due) / MIN);
      if (every && late >= 1) {
        add(rule.id, late >= every && rule.priority === "low" ? "medium" : rule.priority, `${rule.text} by ${late} min`, due, seen.of("order").at(-1)?.id ?? "");
      }
    } else if (rule.on.startsWith("scale:")) {
      const below = seen.limit(rule.below);
      const scores = seen.scores(rule.on.slice(6));
      const last = scores.at(-1);
      if (below !== null && last && last.data.total < below) {
        add(rule.id, rule.priority, `${rule.text} ${last.data.total}`, run(scores, (e) => e.data.total < below)[0].at, last.id);
      }
    } else vitalAlarm(seen, rule, add);
  }
  for (const alarm of found) {
    const acknowledged = seen.of("acknowledge").filter((e) => e.data.alarm === alarm.id && e.at >= alarm.since).at(-1);
    alarm.acknowledged_by = acknowledged?.event.author ?? "";
    const after = seen.limit("escalate_after_min");
    const called = seen.of("call").some((e) => e.at >= alarm.since);
    const tooLong = after !== null && at - alarm.since >= after * MIN;
    alarm.call_due = !called && alarm.priority !== "low" && (tooLong || alarm.id.startsWith("emergency"));
  }
  return found.sort(by((a) => RANK[a.priority], (a) => a.since));
}

function vitalAlarm(seen, rule, add) {
  const readings = seen.vitals(rule.on);
  const before = readings.filter((e) => e.at <= seen.firstDoseAt);
  const after = readings.filter((e) => e.at > seen.firstDoseAt);
  if (!after.length) return;
  const unit = { spo2_percent: " %", pulse_per_min: " /min" }[rule.on] ?? " mmHg";
  const [atLeast, below, rise] = [seen.limit(rule.at_least), seen.limit(rule.below), seen.limit(rule.rise_at_least)];
  const baseline = before.at(-1)?.data[rule.on] ?? null;
  const beyond = (e) => {
    const value = e.data[rule.on];
    return (atLeast !== null && value >= atLeast) || (below !== null && value < below) || (rise !== null && baseline !== null && value - baseline >= rise);
  };
  if (!beyond(after.at(-1))) return;
  const found = run(after, beyond);
  const limit = atLeast ?? below;
  const bound = limit !== null ? `limit ${limit}` : `${rise} above ${baseline} allowed`;
  const text = `${rule.text}: ${found.at(-1).data[rule.on]}${unit}, ${bound}`;
  if ((rule.readings ?? 1) === 1) return add(rule.id, rule.priority, text, found[0].at, found.at(-1).id);
  const apart = seen.limit(rule.apart) ?? 0;
  if (found.at(-1).at - found[0].at >= apart * MIN && found.length > 1) add(rule.id, rule.priority, text, found[0].at, found.at(-1).id);
  else add(rule.id, "low", `${text}; measure again ${apart} min after the first`, found[0].at, found.at(-1).id);
}

// --- containers ------------------------------------------------------------------------------------------------

function containerLines(seen) {
  const draws = new Map();
  for (const e of seen.of("draw")) draws.set(String(e.data.container), [...(draws.get(String(e.data.container)) ?? []), e]);
  if (!draws.size) return [];
  const wasted = new Map();
  for (const e of seen.of("waste")) wasted.set(String(e.data.container), (wasted.get(String(e.data.container)) ?? 0) + ug(e.data.mg));
  const lines = [];
  let drawn = 0;
  for (const [name, entries] of draws) {
    const out = entries.reduce((sum, e) => sum + ug(e.data.drawn_mg), 0);
    drawn += out;
    const gone = wasted.get(name) ?? 0;
    const held = entries[0].data.size_mg ? ug(entries[0].data.size_mg) : null;
    const left = held === null ? null : held - out - gone;
    const single = entries[0].data.single_dose ?? true;
    lines.push({ container: name, lot: entries[0].data.lot ?? "", out, wasted: gone, left, open: left !== null && left !== 0 && (single || left < 0) });
  }
  const given = ug(seen.deliveredMg);
  const gone = wasted.get(PREPARATION) ?? 0;
  const left = drawn - given - gone;
  lines.push({ container: PREPARATION, lot: "", out: given, wasted: gone, left, open: left !== 0 && (seen.endedAt !== null || seen.departed !== null) });
  return lines;
}

function unwitnessed(seen) {
  const witnessed = new Set(seen.of("witness").map((e) => String(e.data.waste)));
  return seen.of("waste").filter((e) => !witnessed.has(e.id));
}

// --- refusals --------------------------------------------------------------------------------------------------

function* against(seen, entry) {
  const hard = (rule, text) => ({ rule, force: "hard", text });
  const kind = entry.kind;
  if (seen.closed) return yield hard("closed", "The session is closed; what was missed can only be added as a correction.");
  if (seen.departed && !AFTERWARDS.has(kind) && entry.at >= seen.departed.at) {
    return yield hard("left", "The patient has left; what was missed can only be added as a late entry.");
  }
  if (!seen.order && (DOSING.has(kind) || kind === "draw" || kind === "handover")) {
    return yield hard("order", "No order is signed for this session. The prescriber can sign one.");
  }
  if (!UNNAMED.has(kind) && needsThirdIdentifier(seen)) {
    return yield hard("name_alike", "Somebody of a like name is here today: check the photo or the chart number before any entry.");
  }
  if (DOSING.has(kind) && seen.consentWithdrawn) yield hard("consent", "The patient withdrew consent; nothing more is given in this session.");
  if (kind === "order" && seen.dosed) yield hard("order_after_dose", "The dose has begun under its order; stop it, or change the rate.");
  if (kind === "double_check" && seen.of("draw").some((e) => e.event.author === entry.event.author)) {
    yield hard("own_check", "Whoever drew it up cannot be the second check; another person signs in and checks.");
  }
  if (kind === "draw") yield* againstDraw(seen, entry, hard);
  if (kind === "waste") yield* againstWaste(seen, entry, hard);
  if (kind === "witness") {
    const waste = seen.of("waste").find((e) => e.id === String(entry.data.waste));
    if (!waste) yield hard("witness_unknown", "That waste is not in this session's log.");
    else if (waste.event.author === entry.event.author) yield hard("own_witness", "Nobody witnesses their own waste; a second person signs in and confirms it.");
    else if (waste.event.device && waste.event.device === entry.event.device) {
      yield hard("same_device", "The witness signs in on a device of their own, not on the one that recorded the waste.");
    }
  }
  if (["start", "pause", "resume", "rate", "stop", "complete", "flush"].includes(kind)) yield* againstPump(seen, entry, hard);
  if (kind === "device") yield* againstDevice(seen, entry, hard);
  if (kind === "administer") yield* againstSingle(seen, entry, hard);
  if (kind === "override" && !PRESCRIBES.has(entry.event.role)) yield hard("override_role", "A rule is overridden by a prescriber, signed in as themselves.");
  if (kind === "consent" && impaired(seen, entry.at)) yield hard("impaired", "No consent, signature or payment until everything needed for going home is met.");
  if (kind === "handover") {
    if (!seen.dosed) return yield hard("nothing_given", "Nothing was given yet; close the session with its reason instead.");
    for (const row of dischargeList(seen, entry.at)) {
      if (row.open) yield { rule: row.criterion, force: row.force, text: `Cannot discharge yet: ${sentence(row)}.` };
    }
    yield* openAlarms(seen, entry.at, "discharge");
  }
  if (kind === "left") {
    if (!seen.dosed) yield hard("nothing_given", "Nothing was given yet; close the session with its reason instead.");
    else if (seen.endedAt === null) yield hard("running", "The dose is still running; stop it first, then write down the leaving.");
  }
  if (kind === "close") yield* againstClose(seen, entry, hard);
}

function needsThirdIdentifier(seen) {
  if (!seen.order?.name_alike) return false;
  return !seen.of("identity").some((e) => THIRD_IDENTIFIERS.some((n) => e.data.by.includes(n)));
}

function* openAlarms(seen, at, what) {
  for (const alarm of standing(seen, at)) {
    if (alarm.priority !== "low") {
      yield { rule: "open_alarm", force: "gate", text: `Cannot ${what} yet: the alarm “${alarm.text}” is open; enter that it is over, or the prescriber's override.` };
    }
  }
}

function* againstDraw(seen, entry, hard) {
  const { container, expiry, size_mg, drawn_mg } = entry.data;
  if (expiry && expiry < iso(entry.at).slice(0, 10)) yield hard("expired", `${container} expired on ${expiry}; take another and put this one aside.`);
  if (size_mg) {
    const known = containerLines(seen).find((l) => l.container === String(container));
    const held = known && known.left !== null ? known.left : ug(size_mg);
    if (ug(drawn_mg) > held) yield hard("draw_too_much", `${container} holds ${held / 1000} mg; ${drawn_mg} mg cannot be drawn from it.`);
  }
}

function* againstWaste(seen, entry, hard) {
  const name = String(entry.data.container);
  const known = containerLines(seen).find((l) => l.container === name);
  if (!known) return yield hard("waste_unknown", `${name} was not drawn from in this session; record the draw first.`);
  if (name === PREPARATION && seen.dosed && seen.endedAt === null) {
    return yield hard("waste_running", "The dose is still running; stop or finish it, then waste what is left.");
  }
  if (known.left !== null && ug(entry.data.mg) > known.left) {
    yield hard("waste_too_much", `${name} has ${known.left / 1000} mg left; ${entry.data.mg} mg cannot be wasted from it.`);
  }
}

function* openBefore(seen) {
  for (const row of beforeList(seen)) {
    if (row.open) yield { rule: row.criterion, force: row.force, text: `Cannot start yet: ${sentence(row)}.` };
  }
}

function* goingOn(seen) {
  const emergencies = seen.openSymptoms.map((e) => seen.rules.symptoms[e.data.symptom]).filter((t) => t?.emergency);
  if (emergencies.length) {
    const names = emergencies.map((t) => t.text).join(", ");
    yield { rule: "emergency", force: "gate", text: `${names} is not over; enter that it is, or the prescriber's override with a reason.` };
  }
  if (seen.prescriberHere === false) {
    const force = seen.rules.before.find((item) => item.kind === "presence")?.force ?? "gate";
    const text = "No prescriber is in the clinic; nothing more is given until one is back" + (force === "hard" ? "." : ", or overrides with a reason.");
    yield { rule: "presence", force, text };
  }
}

function* againstPump(seen, entry, hard) {
  const { kind } = entry;
  const phase = seen.phase;
  if (!seen.pump) {
    if (kind === "stop" && seen.rules.way !== "infusion" && seen.endedAt === null) return;
    return yield hard("no_pump", `There is no pump to ${kind} in this session.`);
  }
  if (kind === "start") {
    if (phase !== "preparing") yield hard("started", `The infusion was started already; the session is ${phase}.`);
    else yield* openBefore(seen);
  } else if (kind === "pause" && phase !== "infusing") yield hard("pause", `There is nothing to pause: the session is ${phase}.`);
  else if (kind === "resume") {
    if (phase !== "paused") yield hard("resume", `There is nothing to resume: the session is ${phase}.`);
    else yield* goingOn(seen);
  } else if (kind === "rate" && !["infusing", "paused"].includes(phase)) yield hard("rate", `The rate can be changed while infusing or paused; the session is ${phase}.`);
  else if (kind === "stop" && !["infusing", "paused"].includes(phase)) yield hard("stop", `There is nothing to stop: the session is ${phase}.`);
  else if (kind === "complete" && !["infusing", "observing"].includes(phase)) yield hard("complete", `An infusion is complete when it has run; the session is ${phase}.`);
  else if (kind === "flush" && phase !== "observing") yield hard("flush", `The line is flushed when the infusion has ended; the session is ${phase}.`);
}

function* againstDevice(seen, entry, hard) {
  const { devices } = seen.rules;
  if (!devices) return yield hard("no_devices", `${seen.rules.title} is not given by devices.`);
  const given = seen.given;
  if (seen.last("stop")) yield hard("stopped", "The dose was stopped; what was not used is wasted before a witness.");
  if (given.length >= seen.devicesOrdered) return yield hard("all_given", `All ${seen.devicesOrdered} devices of the order were given.`);
  if (entry.data.n !== given.length + 1) yield hard("device_order", `The next device is number ${given.length + 1}, not ${entry.data.n}.`);
  if (!given.length) return yield* openBefore(seen);
  const rest = devices.apart_min * MIN - (entry.at - given.at(-1).at);
  if (rest > 0) {
    const seconds = Math.ceil(rest / 1000);
    yield hard("device_rest", `${devices.apart_min} minutes of rest between devices: ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} to go.`);
  }
  yield* goingOn(seen);
}

function* againstSingle(seen, entry, hard) {
  if (seen.rules.way !== "single" || !seen.order) return yield hard("not_single", "This order is not given at once; use the pump or the devices.");
  if (seen.last("stop")) yield hard("stopped", "The dose was stopped; what was not given is wasted before a witness.");
  if (ug(seen.deliveredMg) + ug(entry.data.mg) > ug(seen.order.prepared_mg)) {
    yield hard("over_order", `The order leaves ${(ug(seen.order.prepared_mg) - ug(seen.deliveredMg)) / 1000} mg to give; ${entry.data.mg} mg is more.`);
  }
  if (seen.dosed) yield* goingOn(seen);
  else yield* openBefore(seen);
}

function* againstClose(seen, entry, hard) {
  if (seen.dosed && !seen.departed) yield hard("not_left", "Cannot close yet: the patient is still here. Hand them over first.");
  if (!seen.dosed && !entry.data.reason) yield hard("no_reason", "Nothing was given: say why the session ends without a dose.");
  for (const waste of unwitnessed(seen)) yield hard("unwitnessed", `Cannot close yet: the waste of ${waste.data.mg} mg from ${waste.data.container} has no witness.`);
  for (const row of containerLines(seen)) {
    if (row.open || (!seen.dosed && row.container === PREPARATION && row.left)) {
      yield hard("open_waste", `Cannot close yet: ${row.container} has ${row.left / 1000} mg left. Waste what is left, before a witness.`);
    }
  }
  if (seen.dosed && !seen.rules.at_home && !seen.of("draw").length) yield { rule: "no_draw", force: "gate", text: "Cannot close yet: what was drawn, from which container, is not recorded." };
  if (seen.unsigned.length) yield hard("unsigned", `Cannot close yet: ${seen.unsigned.length} readings of the monitor are not signed.`);
  if (seen.departed) yield* openAlarms(seen, seen.departed.at, "close");
}

function impaired(seen, at) {
  return seen.dosed && !seen.departed && dischargeList(seen, at).some((row) => row.open && row.criterion !== "ride");
}

function refusals(seen, entry) {
  return [...against(seen, entry)].filter(
    (r) =>
      !(r.force === "gate" && seen.overridden.has(r.rule)) &&
      !(r.force === "warn" && (entry.data.acknowledged ?? []).includes(r.rule)),
  );
}

// --- the fold --------------------------------------------------------------------------------------------------

function runLog(rules, events, at, judged = new Map()) {
  const entries = entriesOf(events).filter((e) => e.at <= at);
  const seen = new Seen(rules);
  const breaches = [];
  for (const entry of entries) {
    const found = refusals(seen, entry).filter((r) => r.force !== "warn");
    breaches.push(...found.map((r) => ({ event: entry.id, rule: r.rule, text: r.text })));
    if (!found.length || inEffect(rules, events, entry, found, judged)) seen.take(entry);
  }
  seen.pump?.runTo(at);
  return { seen, breaches, entries };
}

function inEffect(rules, events, entry, found, judged) {
  if (found.some((r) => ["left", "closed", "nothing_given"].includes(r.rule))) return false;
  if (!ACTS.has(entry.kind)) return true;
  if (!judged.has(entry.id)) {
    judged.set(entry.id, false);
    const made = serverOf(entry.event);
    const known = events.filter((e) => serverOf(e) <= made && e.id !== entry.id);
    if (known.length < events.length - 1) {
      const { seen } = runLog(rules, known, entry.at, judged);
      judged.set(entry.id, !refusals(seen, entry).some((r) => r.force !== "warn"));
    }
  }
  return judged.get(entry.id);
}

export function refusalsOf(rules, events, event) {
  const log = once(events);
  if (event.kind === "correction") return [];
  const entry = entriesOf([...log, event]).find((e) => e.id === event.id);
  return refusals(runLog(rules, log, entry.at).seen, entry);
}

export function fold(rules, events, at) {
  const { seen, breaches, entries } = runLog(rules, once(events), at);
  const { pump } = seen;
  const leftAt = seen.departed?.at ?? null;
  const until = leftAt ?? at;
  const clocks = {};
  for (const rule of rules.clocks) {
    const anchor = seen.anchor(rule.anchor);
    const started = anchor !== null && anchor <= until ? anchor : null;
    clocks[rule.id] = {
      text: rule.text,
      started_at: started,
      stopped_at: leftAt,
      elapsed_min: started === null ? 0 : (until - started) / MIN,
      at_least_min: rule.at_least_min ?? null,
      done_at: started !== null && rule.at_least_min ? started + rule.at_least_min * MIN : null,
    };
  }
  const due = [];
  if (!seen.departed) {
    const vitals = vitalsDueAt(seen);
    if (vitals !== null) due.push({ id: "vitals", text: "Vital signs", at: vitals });
    for (const capture of rules.captures) {
      const window = windowOf(seen, capture);
      if (window && !captured(seen, capture)) due.push({ id: capture.id, text: capture.text, at: window.due });
    }
    if (rules.devices && seen.given.length && seen.endedAt === null) {
      due.push({ id: "device", text: `Device ${seen.given.length + 1}`, at: seen.given.at(-1).at + rules.devices.apart_min * MIN });
    }
    for (const [id, clock] of Object.entries(clocks)) {
      if (clock.done_at !== null && clock.done_at > at) due.push({ id, text: clock.text, at: clock.done_at });
    }
    due.sort(by((d) => d.at, (d) => d.id));
  }
  return {
    phase: seen.phase,
    at,
    order: seen.order,
    ordered_mg: seen.order ? Number(seen.order.prepared_mg) : null,
    started_at: seen.firstDoseAt,
    delivered_mg: seen.deliveredMg,
    delivered_ml: pump?.delivered ?? 0,
    left_ml: pump?.left ?? 0,
    in_line_mg: pump?.startedAt != null ? Math.min(pump.line - pump.flushed, pump.left) * pump.mgPerMl : 0,
    infusion_ends_at: pump?.endsAt() ?? null,
    ended_at: seen.endedAt,
    left_at: leftAt,
    runs: pump?.runs ?? [],
    rate: pump?.rate ?? null,
    devices: rules.devices ? { given: seen.given.length, ordered: seen.devicesOrdered, next_at: due.find((d) => d.id === "device")?.at ?? null } : null,
    clocks,
    due: due.map((d) => ({ ...d, overdue_min: Math.max(0, Math.floor((at - d.at) / MIN)) })),
    alarms: seen.departed ? [] : standing(seen, at),
    before: beforeList(seen),
    discharge: dischargeList(seen, until),
    containers: containerLines(seen),
    unwitnessed: unwitnessed(seen).map((e) => e.id),
    wastes: unwitnessed(seen),
    unsigned_vitals: seen.unsigned.length,
    vitals: seen.vitals(),
    open_symptoms: seen.openSymptoms,
    scores: seen.of("scale"),
    ride: seen.last("ride")?.data.name ?? null,
    prescriber_here: seen.prescriberHere,
    consent_withdrawn: seen.consentWithdrawn,
    impaired: impaired(seen, until),
    breaches,
    entries,
    late: entries.filter((e) => isLate(e.event)).map((e) => e.id),
  };
}

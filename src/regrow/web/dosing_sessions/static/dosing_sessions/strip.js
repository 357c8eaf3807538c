// The session on one time line, in the symbols of an anaesthesia record: pressure as carets, pulse as dots, SpO₂ as
// figures, the pump as a bar, and the model's estimate in plum, solid for what was and dashed for what may be.
import { pressure } from "./fold.js";

const MIN = 60_000;
export const esc = (text) =>
  String(text ?? "").replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const r1 = (n) => Math.round(n * 10) / 10;

// The estimate is the engine's: its answer to 1 mg/min begun at 0, as a table. Linear models add up, so the pump's
// course is a sum of such answers, one for each change of rate.
export function plasma(model, runs, minute) {
  const answer = (since) => {
    const at = since / model.every_min;
    const [before, after] = [model.response[Math.floor(at)], model.response[Math.floor(at) + 1]];
    return after === undefined ? model.response.at(-1) : before + (after - before) * (at - Math.floor(at));
  };
  let sum = 0;
  for (const { from, to, mgPerMin } of runs) {
    if (minute > from) sum += mgPerMin * answer(minute - from);
    if (minute > to) sum -= mgPerMin * answer(minute - to);
  }
  return sum;
}

// Stretches at one rate that follow each other are one; every entry ends a stretch in the log's arithmetic.
function joined(runs) {
  const found = [];
  for (const run of runs) {
    const last = found.at(-1);
    if (last && last.to === run.from && last.rate === run.rate) last.to = run.to;
    else found.push({ ...run });
  }
  return found;
}

export function strip(rules, model, state, now, narrow) {
  const width = narrow ? 360 : 560;
  const [left, right, top] = [48, width - 16, 16];
  const start = state.started_at ?? now;
  const minute = (at) => (at - start) / MIN;
  const planned = Number(state.order?.minutes ?? 0);
  const until = Math.max(minute(Math.min(state.left_at ?? now, start + 8 * 60 * MIN)), 0);
  const ends = state.infusion_ends_at !== null ? minute(state.infusion_ends_at) : null;
  const wait = Number(state.order?.limits?.observation_min ?? 120);
  const span = Math.max((planned || 10) + Math.min(wait, 120), until + 10, (ends ?? 0) + 20);
  const vitals = state.vitals.filter((v) => minute(v.at) >= -30);
  // The readings before the dose stand before 0; what lies further back stands at the edge.
  const from = Math.max(-span / 12, Math.min(0, ...vitals.map((v) => minute(v.at))));
  const x = (m) => r1(left + ((right - left) * (Math.min(Math.max(m, from), span) - from)) / (span - from));
  const y = (mmhg) => r1(214 - (Math.min(Math.max(mmhg, 40), 200) - 40) * 1.22);
  const parts = [];
  for (const v of [60, 80, 100, 120, 140, 160, 180]) {
    parts.push(
      `<line x1="${left}" x2="${right}" y1="${y(v)}" y2="${y(v)}" class="rule"/><text x="${left - 14}" y="${y(v) + 4}"
        text-anchor="end" class="tick">${v}</text>`,
    );
  }
  const limit = state.order?.limits?.during_systolic_mmhg;
  if (limit)
    parts.push(
      `<line x1="${left}" x2="${right}" y1="${y(limit)}" y2="${y(limit)}" class="limit"/><text x="${right}"
        y="${y(limit) - 5}" text-anchor="end" class="tick amber">limit in force ${esc(limit)}</text>`,
    );
  const pulses = vitals.filter((v) => v.data.pulse_per_min);
  const drug = rules.way === "infusion";
  const floor = drug ? 398 : 276; // where the bar of the dose lies
  parts.push(
    `<polyline points="${pulses.map((v) => `${x(minute(v.at))},${y(v.data.pulse_per_min)}`).join(" ")}"
      class="pulse"/>`,
  );
  const drawn = { dot: -100, spo2: -100 }; // a monitor's readings come closer than they can be told apart
  vitals.forEach((v) => {
    const at = x(minute(v.at));
    const apart = (what, least) => v === vitals.at(-1) || at - drawn[what] >= least;
    if (v.data.systolic_mmhg) {
      const [up, low] = [y(v.data.systolic_mmhg), y(v.data.diastolic_mmhg)];
      parts.push(
        `<path d="M${at - 7} ${up - 10} L${at} ${up} L${at + 7} ${up - 10}" class="caret"/>
          <path d="M${at - 7} ${low + 10} L${at} ${low} L${at + 7} ${low + 10}" class="caret"/>`,
      );
    }
    if (v.data.pulse_per_min && apart("dot", 9)) {
      parts.push(`<circle cx="${at}" cy="${y(v.data.pulse_per_min)}" r="4.2" class="dot"/>`);
      drawn.dot = at;
    }
    if (v.data.spo2_percent && at - drawn.spo2 >= 30) {
      parts.push(`<text x="${at}" y="250" text-anchor="middle" class="tick">${v.data.spo2_percent}</text>`);
      drawn.spo2 = at;
    }
  });
  parts.push(`<text x="${right}" y="232" text-anchor="end" class="tick">SpO₂, %</text>`);
  const last = vitals.filter((v) => v.data.systolic_mmhg).at(-1);
  const say = (v, text, height, css) => {
    const room = x(minute(v.at)) + 80 > right ? -12 : 14;
    parts.push(
      `<text x="${x(minute(v.at)) + room}" y="${height}" text-anchor="${room < 0 ? "end" : "start"}"
        class="value${css}">${text}</text>`,
    );
  };
  if (last) say(last, pressure(last), y(last.data.systolic_mmhg) - 2, "");
  const beat = pulses.at(-1);
  if (beat) say(beat, beat.data.pulse_per_min, y(beat.data.pulse_per_min) + 5, " sky");
  let told = "";
  if (model && state.order?.total_ml) {
    const mgPerMl = Number(state.order.prepared_mg) / Number(state.order.total_ml);
    const done = state.runs.map((run) => ({
      from: minute(run.from),
      to: minute(run.to),
      mgPerMin: (run.rate / 60) * mgPerMl,
    }));
    const ahead = [...done];
    const rate = ((state.rate ?? Number(state.order.rate_ml_per_h)) / 60) * mgPerMl;
    if (state.phase === "infusing" && ends !== null && ends > until)
      ahead.push({ from: until, to: ends, mgPerMin: rate });
    if (state.phase === "preparing") ahead.push({ from: 0, to: planned, mgPerMin: rate });
    const curve = Array.from({ length: 121 }, (_, n) => (span * n) / 120).map((m) => [m, plasma(model, ahead, m)]);
    const most = Math.max(50, ...curve.map(([, ng]) => ng));
    const c = (ng) => r1(384 - (100 * ng) / most);
    const here = state.phase === "preparing" ? 0 : until;
    const now_ng = plasma(model, done, here);
    const line = (points) => points.map(([m, ng]) => `${x(m)},${c(ng)}`).join(" ");
    const before = [...curve.filter(([m]) => m <= here), [here, now_ng]];
    parts.push(
      `<line x1="${left}" x2="${right}" y1="384" y2="384" class="rule"/><text x="${left - 14}" y="${c(most) + 4}"
        text-anchor="end" class="tick">${Math.round(most)}</text><text x="${left - 14}" y="388" text-anchor="end"
        class="tick">0</text>`,
    );
    if (state.started_at !== null) parts.push(`<polyline points="${line(before)}" class="was"/>`);
    parts.push(`<polyline points="${line([[here, now_ng], ...curve.filter(([m]) => m > here)])}" class="maybe"/>`);
    parts.push(
      `<text x="${right}" y="274" text-anchor="end"
        class="tick plum">estimated ketamine, ng/mL, ${esc(model.site)} model</text>`,
    );
    const runs = joined(state.runs);
    for (const run of runs)
      parts.push(
        `<rect x="${x(minute(run.from))}" y="398" width="${Math.max(1, r1(x(minute(run.to)) - x(minute(run.from))))}"
          height="24" rx="4" class="run"/>`,
      );
    if (state.phase === "infusing" && ends > until)
      parts.push(
        `<rect x="${x(until)}" y="398" width="${r1(x(ends) - x(until))}" height="24" rx="4" class="planned"/>`,
      );
    if (state.phase === "preparing")
      parts.push(`<rect x="${x(0)}" y="398" width="${r1(x(planned) - x(0))}" height="24" rx="4" class="planned"/>`);
    for (const run of runs)
      if (x(minute(run.to)) - x(minute(run.from)) > 80)
        parts.push(`<text x="${x(minute(run.from)) + 10}" y="415" class="tick onleaf">${r1(run.rate)} mL/h</text>`);
    told = `, estimated ketamine ${Math.round(now_ng)} ng/mL now (${model.site} model)`;
  } else {
    state.entries.filter((e) => e.kind === "device" || e.kind === "administer").forEach((e) => {
      parts.push(
        `<rect x="${x(minute(e.at)) - 5}" y="${floor}" width="10" height="24" rx="3" class="run"/>
          <text x="${x(minute(e.at))}" y="${floor - 6}" text-anchor="middle"
          class="tick">${e.kind === "device" ? e.data.n : `${esc(e.data.mg)} mg`}</text>`,
      );
    });
  }
  let lastMark = -100;
  for (const e of state.entries) {
    const text = MARKS[e.kind]?.(e, rules);
    if (!text) continue;
    const at = x(minute(e.at));
    const shown = at - lastMark > 74;
    parts.push(
      `<text x="${at}" y="${floor + 42}" text-anchor="middle"
        class="tick amber">▲${shown ? ` ${esc(text)}` : ""}</text>`,
    );
    if (shown) lastMark = at;
  }
  if (state.started_at !== null && state.left_at === null)
    parts.push(`<line x1="${x(until)}" x2="${x(until)}" y1="${top}" y2="${floor + 28}" class="now"/>`);
  const step = span > 150 ? 30 : span > 70 && narrow ? 20 : 10;
  for (let m = 0; m <= span; m += step)
    parts.push(
      `<text x="${x(m)}" y="${floor + 68}" text-anchor="middle" class="tick">${m}${m === 0 ? " min" : ""}</text>`,
    );
  const label = `Session strip: ${last ? `pressure ${pressure(last)}` : "no pressure yet"}${told}`;
  return `<svg class="chart strip" viewBox="0 0 ${width} ${floor + 76}" role="img"
    aria-label="${esc(label)}">${parts.join("")}</svg>`;
}

const MARKS = {
  symptom: (e, rules) => {
    const name = (rules.symptoms[e.data.symptom]?.text ?? e.data.symptom).toLowerCase();
    return e.data.resolved ? `${name} over` : `${name} ${e.data.severity}`;
  },
  medicine: (e) => `${e.data.medicine}`,
  call: () => "called",
  stop: () => "stopped",
};

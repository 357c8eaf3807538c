// The picture "How ketamine works": moves through time, asks the server for other doses, and draws what it is given.
// It holds no formula of pharmacology: every value is a number the server reckoned, joined by straight lines.
const data = JSON.parse(document.getElementById("how-data").textContent);
const $ = (id) => document.getElementById(id);
const main = document.querySelector("main");
const FIRST = data.first_minute;
const WEEK = data.week_minutes;
const span = Math.log(WEEK / FIRST);
const state = { numbers: data.first, minute: 1440, step: 4, route: "iv", dose: 4, paused: null, again: null };
const kept = new Map();

const valueAt = (lane, minute) => {
  const { minutes, lanes } = state.numbers;
  const after = minutes.findIndex((m) => m >= minute);
  if (after === 0) return lanes[lane][0];
  if (after < 0) return lanes[lane].at(-1);
  const share = (minute - minutes[after - 1]) / (minutes[after] - minutes[after - 1]);
  return lanes[lane][after - 1] + share * (lanes[lane][after] - lanes[lane][after - 1]);
};
const when = (minute) => {
  const t = data.words;
  if (minute < 100) return t.minutes.replace("{n}", Math.round(minute));
  if (minute < 24 * 60) return t.hours.replace("{n}", Math.round(minute / 60));
  const days = Math.round(minute / 144) / 10;
  return days === 1 ? t.day : t.days.replace("{n}", days);
};
const doseText = () => {
  const dose = data.choices[state.route][state.dose];
  return state.route === "spray" ? `${dose * data.device_mg} mg` : `${dose} mg/kg`;
};

function draw() {
  for (const svg of document.querySelectorAll(".lanes")) {
    const [left, right, lane] = [Number(svg.dataset.left), Number(svg.dataset.right), Number(svg.dataset.lane)];
    const x = (minute) => (left + ((right - left) * Math.log(Math.max(minute, FIRST) / FIRST)) / span).toFixed(1);
    const room = lane - (svg.classList.contains("slim") ? 22 : 8);
    [...svg.querySelectorAll(".lane")].forEach((group, n) => {
      const base = lane * (n + 1);
      const values = state.numbers.lanes[group.dataset.lane];
      const height = (value) => (room * Math.min(value, 1.15)) / 1.15;
      const points = state.numbers.minutes.map((m, i) => `${x(m)} ${(base - height(values[i])).toFixed(1)}`);
      const line = `M${points.join("L")}`;
      group.querySelector(".line").setAttribute("d", line);
      group.querySelector(".area").setAttribute("d", `${line}L${right} ${base}L${left} ${base}Z`);
    });
    const runs = svg.querySelector(".running");
    runs.replaceChildren(
      ...state.numbers.running.map(([from, to]) => {
        const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        for (const [name, value] of Object.entries({
          x: x(from),
          y: 4,
          width: Math.max(1, x(to) - x(from)),
          height: lane * 7,
        }))
          box.setAttribute(name, value);
        return box;
      }),
    );
  }
  seek();
}

function seek() {
  for (const lane of Object.keys(state.numbers.lanes))
    main.style.setProperty(`--${lane}`, valueAt(lane, state.minute).toFixed(3));
  for (const svg of document.querySelectorAll(".lanes")) {
    const [left, right] = [Number(svg.dataset.left), Number(svg.dataset.right)];
    const x = (left + ((right - left) * Math.log(state.minute / FIRST)) / span).toFixed(1);
    svg.querySelector(".now line").setAttribute("x1", x);
    svg.querySelector(".now line").setAttribute("x2", x);
    svg.querySelector(".now circle").setAttribute("cx", x);
  }
  const step = data.steps[state.step];
  const value = Math.round(100 * valueAt(step.lane_id, state.minute));
  $("time").value = Math.round((1000 * Math.log(state.minute / FIRST)) / span);
  $("time").setAttribute(
    "aria-valuetext",
    `${when(state.minute)}. ${step.lane}: ${data.words.of_largest.replace("{n}", value)}`,
  );
  $("moment").textContent = when(state.minute);
  $("step-number").textContent = data.words.step.replace("{n}", state.step + 1).replace("{of}", data.steps.length);
  $("sentence").textContent = step.sentence;
  $("before").disabled = state.step === 0;
  $("next").disabled = state.step === data.steps.length - 1;
  for (const scene of document.querySelectorAll(".scene"))
    scene.classList.toggle("on", scene.dataset.steps.split(" ").includes(step.id));
  for (const group of document.querySelectorAll(".lane"))
    group.classList.toggle("on", group.dataset.lane === step.lane_id);
}

function go(step) {
  state.step = Math.min(Math.max(step, 0), data.steps.length - 1);
  state.minute = data.steps[state.step].minute;
  seek();
}

async function ask() {
  const dose = data.choices[state.route][state.dose];
  const query = new URLSearchParams({ route: state.route, dose });
  if (state.route === "iv" && state.paused !== null) query.set("paused", Math.round(state.paused));
  if (state.route === "iv" && state.again !== null) query.set("again", Math.round(state.again));
  const asked = query.toString();
  state.asked = asked;
  if (!kept.has(asked)) {
    try {
      const answer = await fetch(`${data.numbers}?${asked}`);
      if (!answer.ok) throw new Error();
      kept.set(asked, await answer.json());
    } catch {
      $("said").textContent = data.words.offline;
      return;
    }
  }
  if (state.asked !== asked) return; // a later choice is on its way
  state.numbers = kept.get(asked);
  draw();
}

function controls() {
  const choices = data.choices[state.route];
  $("dose").max = choices.length - 1;
  $("dose").value = state.dose;
  $("dose-value").textContent = doseText();
  $("dose").setAttribute("aria-valuetext", doseText());
  for (const button of document.querySelectorAll(".seg button"))
    button.setAttribute("aria-pressed", String(button.dataset.route === state.route));
  const pausing = state.paused !== null && state.again === null;
  $("pause").hidden = state.route !== "iv";
  $("pause").setAttribute("aria-pressed", String(pausing));
  $("pause-text").textContent = pausing ? $("pause-text").dataset.go : $("pause-text").dataset.pause;
  const line = $("dose-now");
  line.style.visibility = state.route === "iv" ? "visible" : "hidden";
  for (const end of ["x1", "x2"]) line.setAttribute(end, 40 + 300 * choices[state.dose]);
}

$("before").addEventListener("click", () => go(state.step - 1));
$("next").addEventListener("click", () => go(state.step + 1));
$("time").addEventListener("input", (event) => {
  state.minute = FIRST * Math.exp((span * event.target.value) / 1000);
  // The step whose moment is nearest on the axis.
  const far = (step) => Math.abs(Math.log(step.minute / state.minute));
  state.step = data.steps.reduce((best, step, n) => (far(step) < far(data.steps[best]) ? n : best), 0);
  seek();
});
$("dose").addEventListener("input", (event) => {
  state.dose = Number(event.target.value);
  controls();
  ask();
});
for (const button of document.querySelectorAll(".seg button")) {
  button.addEventListener("click", () => {
    state.route = button.dataset.route;
    state.dose = data.usual[state.route];
    state.paused = state.again = null;
    $("said").textContent = "";
    controls();
    ask();
  });
}
$("pause").addEventListener("click", () => {
  const end = data.infusion_minutes;
  if (state.paused === null || state.again !== null) {
    state.again = null;
    state.paused = Math.round(state.minute > 2.5 && state.minute < end - 1 ? state.minute : end / 2);
    state.minute = Math.max(state.minute > end ? end : state.minute, state.paused);
    $("said").textContent = data.words.paused.replace("{n}", state.paused);
  } else {
    state.again = Math.round(Math.min(Math.max(state.minute, state.paused + 10), state.paused + data.longest_pause));
    $("said").textContent = data.words.again.replace("{n}", state.again);
  }
  controls();
  ask();
});
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, button, a, summary") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowRight") go(state.step + 1);
  if (event.key === "ArrowLeft") go(state.step - 1);
});
controls();
draw();

// The talk: words are saved each second and kept in this browser until the clinic has them; facts are coded without
// leaving the page. Without this script every form still works, one page at a time.
const sections = document.getElementById("sections");
const talk = sections.dataset.talk;
const chip = document.getElementById("saved");
const prefix = `regrow talk ${sections.dataset.patient} `;
const key = (section) => `${prefix}${talk} ${section}`;
const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const EVERY = 1000,
  AGAIN = 3000;

const say = (text, look = "") => {
  if (chip && chip.textContent !== text) {
    chip.textContent = text;
    chip.className = `chip ${look}`;
  }
};

// One section at a time, the one named by the address; all of them on paper.
const cards = [...sections.querySelectorAll("[data-section]")];
const here = () => cards.find((c) => `#${c.id}` === location.hash) ?? cards[0];
function turn(focus) {
  for (const card of cards) card.classList.toggle("elsewhere", card !== here());
  document.querySelectorAll("#map a").forEach((a) => {
    if (a.hash === `#${here().id}`) a.setAttribute("aria-current", "step");
    else a.removeAttribute("aria-current");
  });
  if (focus) {
    here().querySelector("h2").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}
window.addEventListener("hashchange", () => turn(true));
turn(false);
// A form that came back with an error lies in another section: show that one.
const wrong = cards.find((c) => c.querySelector(".errors:not(.hidden), [aria-invalid=true]"));
if (wrong && !location.hash) {
  history.replaceState(null, "", `#${wrong.id}`);
  turn(false);
}

// Narratives ---------------------------------------------------------------------------------------------------------
const texts = new Map();
const dirty = () => [...texts.values()].some((t) => t.waiting || t.busy);

function clash(text, other) {
  const box = text.area.closest("[data-section]").querySelector(".clash");
  box.innerHTML = "";
  box.classList.remove("hidden");
  const said = document.createElement("p"),
    theirs = document.createElement("blockquote");
  said.textContent = "Another window changed this section. Both versions are saved. The other version:";
  theirs.textContent = other.text || "(nothing)";
  const both = document.createElement("button"),
    mine = document.createElement("button");
  both.type = mine.type = "button";
  both.className = "button do";
  mine.className = "button";
  both.textContent = "Add below mine";
  mine.textContent = "Keep mine only";
  const settle = (add) => {
    if (add) text.area.value = `${text.area.value}\n\n${other.text}`.trim();
    text.base = other.saved;
    text.stopped = false;
    box.classList.add("hidden");
    later(text, 0);
    text.area.focus();
  };
  both.onclick = () => settle(true);
  mine.onclick = () => settle(false);
  const row = document.createElement("div");
  row.className = "row";
  row.append(both, mine);
  box.append(said, theirs, row);
  say("Conflict: choose a version", "warn");
}

function later(text, wait = EVERY) {
  localStorage.setItem(key(text.section), JSON.stringify({ text: text.area.value, base: text.base }));
  text.waiting = true;
  if (wait < AGAIN) say("Saving…");
  if (!text.timer) text.timer = setTimeout(() => save(text), wait);
}

async function save(text, last = false) {
  clearTimeout(text.timer);
  text.timer = null;
  if (text.busy || text.stopped) {
    if (!text.stopped) text.timer = setTimeout(() => save(text), EVERY);
    return;
  }
  const value = text.area.value;
  text.waiting = false;
  text.busy = true;
  let answer = null;
  try {
    answer = await fetch(sections.dataset.words, {
      method: "POST",
      keepalive: last,
      headers: { Accept: "application/json", "X-CSRFToken": token() },
      body: new URLSearchParams({ talk, section: text.section, text: value, base: text.base }),
    });
  } catch {
    /* no network: said below */
  }
  text.busy = false;
  const body = answer ? await answer.json().catch(() => ({})) : {};
  if (answer?.ok) {
    text.base = body.saved;
    if (text.area.value === value) {
      localStorage.removeItem(key(text.section));
    } else {
      later(text);
    }
    if (!dirty()) say("All saved", "ok");
    return;
  }
  if (answer?.status === 409 && "saved" in body) {
    text.stopped = true;
    clash(text, body);
    return;
  }
  if (answer && answer.status < 500) {
    say(
      answer.status === 401 || answer.redirected
        ? "You are signed out. Sign in on another tab; your text is saved in this browser."
        : (body.problem ?? "Not saved to the chart; your text is saved in this browser. Reload the page."),
      "stop",
    );
  } else say("No network. Your text is saved in this browser and uploads when the network is back.", "warn");
  later(text, AGAIN);
}

if (talk)
  for (const area of sections.querySelectorAll("textarea[data-saved]")) {
    const section = area.closest("[data-section]").dataset.section;
    const text = {
      area,
      section,
      base: Number(area.dataset.saved),
      timer: null,
      busy: false,
      waiting: false,
      stopped: false,
    };
    texts.set(section, text);
    const kept = JSON.parse(localStorage.getItem(key(section)) ?? "null");
    if (kept && kept.text !== area.value) {
      const stood = { text: area.value, saved: text.base };
      area.value = kept.text;
      if (kept.base === text.base) later(text, 0);
      else {
        text.stopped = true;
        clash(text, stood);
      }
    } else localStorage.removeItem(key(section));
    area.addEventListener("input", () => later(text));
  }
window.addEventListener("pagehide", () => {
  for (const text of texts.values()) if (text.waiting) save(text, true);
});
window.addEventListener("online", () => {
  for (const text of texts.values()) if (text.waiting) save(text);
});

// Text of an ended visit that never reached the server is shown, not dropped.
for (const name of Object.keys(localStorage).filter(
  (n) => n.startsWith(prefix) && !(talk && n.startsWith(`${prefix}${talk} `)),
)) {
  const box = document.createElement("section"),
    head = document.createElement("h2"),
    words = document.createElement("p"),
    drop = document.createElement("button");
  box.className = "card stack missing";
  head.textContent = "Text on this device that is not in a note";
  words.textContent = JSON.parse(localStorage.getItem(name)).text;
  words.style.whiteSpace = "pre-line";
  drop.className = "button";
  drop.type = "button";
  drop.textContent = "Discard this text";
  drop.onclick = () => {
    localStorage.removeItem(name);
    box.remove();
  };
  box.append(head, words, drop);
  document.getElementById("unsent").append(box);
}

// Facts ---------------------------------------------------------------------------------------------------------
const PARTS = ["map", "follows", "coded-end"];
function take(html, section) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const id of new Set([...PARTS, ...(section ? [`coded-${section}`] : [])])) {
    const old = document.getElementById(id),
      made = fresh.getElementById(id);
    // A partly completed end form is not replaced by an updated list.
    if (!old || !made || (id === "coded-end" && section !== "end" && old.contains(document.activeElement))) continue;
    if (id === "coded-end") {
      const reason = old.querySelector("[name=reason]")?.value,
        chosen = old.querySelector("[name=outcome]:checked")?.value;
      old.replaceChildren(...made.childNodes);
      if (reason) old.querySelector("[name=reason]").value = reason;
      if (chosen) {
        const again = old.querySelector(`[name=outcome][value="${chosen}"]`);
        if (again) again.checked = true;
      }
    } else old.replaceChildren(...made.childNodes);
  }
  turn(false);
}

const problem = (form, words) => {
  let box = form.querySelector(".errors");
  if (!box) {
    box = document.createElement("div");
    box.className = "errors";
    box.setAttribute("role", "alert");
    form.prepend(box);
  }
  box.classList.remove("hidden");
  box.textContent = words;
};

sections.addEventListener("submit", async (event) => {
  const form = event.target,
    section = form.closest("[data-section]").dataset.section;
  event.preventDefault();
  event.stopPropagation();
  if (form.dataset.sent) return;
  form.dataset.sent = "yes";
  const data = new FormData(form, event.submitter);
  event.submitter?.setAttribute("aria-busy", "true");
  for (const text of texts.values()) if (text.waiting) await save(text);
  let answer = null;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(data),
      headers: { Accept: "application/json, text/html", "X-CSRFToken": token() },
    });
  } catch {
    /* no network: said below */
  }
  delete form.dataset.sent;
  event.submitter?.removeAttribute("aria-busy");
  if (!answer) return problem(form, "No network. Your entry is still here. Submit again when the network is back.");
  if (answer.headers.get("Content-Type")?.startsWith("application/json"))
    return problem(form, (await answer.json()).problem);
  if (answer.url.includes("/login/"))
    return problem(form, "You are signed out. Sign in on another tab, then submit again.");
  const html = await answer.text();
  if (form.matches("[action$='/sign/']") && answer.ok) {
    location.assign(answer.url);
    return;
  }
  const action = form.getAttribute("action"),
    field = form.querySelector("input:not([type=hidden]), select")?.name;
  take(html, section);
  const again = [...document.getElementById(`coded-${section}`).querySelectorAll("form")].find(
    (f) => f.getAttribute("action") === action && (!field || f.elements[field]),
  );
  again?.querySelector("[aria-invalid=true], input:not([type=hidden]), select")?.focus({ preventScroll: true });
  if (answer.ok && !dirty()) say("recorded", "ok");
});

// A scale that was rated in another tab is here when one comes back.
document.addEventListener("visibilitychange", async () => {
  if (
    document.visibilityState !== "visible" ||
    document.activeElement?.matches(".coded input, .coded select, .coded textarea")
  )
    return;
  const answer = await fetch(location.pathname).catch(() => null);
  if (answer?.ok && !answer.url.includes("/login/")) take(await answer.text(), here().dataset.section);
});

// Small things: a form is sent once, keys press their buttons, clocks tick, paper says when it was printed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  form.querySelectorAll("button[type=submit], button:not([type])").forEach((b) => b.setAttribute("aria-busy", "true"));
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => {
  delete f.dataset.sent;
  f.querySelectorAll("[aria-busy]").forEach((b) => b.removeAttribute("aria-busy"));
}));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const button = document.querySelector(`[data-key="${event.key.toLowerCase()}"]`);
  if (button) { event.preventDefault(); button.click(); }
});
// The board by keys: j and k move from person to person, e opens what can be done.
document.addEventListener("keydown", (event) => {
  const people = [...document.querySelectorAll("[data-board] li > a")];
  if (
    !people.length ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.target.matches("input, select, textarea")
  )
    return;
  const here = people.findIndex((a) => a.closest("li").contains(document.activeElement));
  if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    people[Math.max(0, Math.min(people.length - 1, here + (event.key === "j" ? 1 : -1)))].focus();
  } else if (event.key === "e" && here >= 0) {
    const more = people[here].closest("li").querySelector("details");
    if (more) { event.preventDefault(); more.open = true; more.querySelector("button, select, input, a")?.focus(); }
  }
});
const two = (n) => String(Math.floor(n)).padStart(2, "0");
const span = (ms) => {
  const s = Math.max(0, Math.floor(ms / 1000));
  return `${s >= 3600 ? Math.floor(s / 3600) + ":" + two((s % 3600) / 60) : Math.floor(s / 60)}:${two(s % 60)}`;
};
const skew = Number(document.body.dataset.now || Date.now()) - Date.now();
const tick = () => {
  const now = Date.now() + skew;
  document.querySelectorAll("[data-running]").forEach((el) => {
    el.textContent = span(
      Number(el.dataset.base) + (el.dataset.running === "yes" ? now - Number(el.dataset.since) : 0),
    );
  });
  document.querySelectorAll("[data-due]").forEach((el) => {
    const left = Number(el.dataset.due) - now;
    el.textContent = left >= 0 ? `due in ${span(left)}` : `overdue by ${span(-left)}`;
  });
};
if (document.querySelector("[data-running], [data-due]")) { tick(); setInterval(tick, 1000); }
const ends = document.body.dataset.reloadAt;
if (ends)
  setTimeout(() => location.reload(), Math.min(2147483647, Math.max(1000, Number(ends) - Date.now() - skew + 500)));

// Paper says when it was printed.
window.addEventListener("beforeprint", () => {
  const place = document.getElementById("printed");
  if (place) place.textContent = `, ${new Date().toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}`;
});

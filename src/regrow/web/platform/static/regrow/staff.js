// @ts-check
// On every staff page: a form is sent once, keys press their buttons, clocks run, paper shows when it was printed.
(() => {
  const TYPING = "input, select, textarea";
  const LONGEST_TIMER = 2 ** 31 - 1; // ms

  /**
   * @template {HTMLElement} T
   * @param {ParentNode} place
   * @param {string} selector
   * @returns {T[]}
   */
  const all = (place, selector) => [.../** @type {NodeListOf<T>} */ (place.querySelectorAll(selector))];

  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of all(form, "button[type=submit], button:not([type])")) button.setAttribute("aria-busy", "true");
  });
  // A page that comes back from the browser's memory can be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of all(document, "form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of all(form, "[aria-busy]")) button.removeAttribute("aria-busy");
    }
  });

  /**
   * Whether a key is meant for the page, not for a field or the browser.
   * @param {KeyboardEvent} event
   */
  const isForPage = (event) =>
    !event.ctrlKey && !event.metaKey && !event.altKey && !(/** @type {Element} */ (event.target).matches(TYPING));

  document.addEventListener("keydown", (event) => {
    if (!isForPage(event)) return;
    /** @type {HTMLElement | null} */
    const button = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // The pipeline by keys: j and k move from patient to patient, e opens the actions.
  document.addEventListener("keydown", (event) => {
    const patients = all(document, "[data-board] li > a");
    if (!patients.length || !isForPage(event)) return;
    const here = patients.findIndex((link) => link.closest("li")?.contains(document.activeElement));
    if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      const next = here + (event.key === "j" ? 1 : -1);
      patients[Math.max(0, Math.min(patients.length - 1, next))].focus();
    } else if (event.key === "e" && here >= 0) {
      const actions = patients[here].closest("li")?.querySelector("details");
      if (!actions) return;
      event.preventDefault();
      actions.open = true;
      all(actions, "button, select, input, a")[0]?.focus();
    }
  });

  const two = (/** @type {number} */ n) => String(Math.floor(n)).padStart(2, "0");
  function span(/** @type {number} */ ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    const minutes = s >= 3600 ? `${Math.floor(s / 3600)}:${two((s % 3600) / 60)}` : Math.floor(s / 60);
    return `${minutes}:${two(s % 60)}`;
  }
  const { now: serverNow, reloadAt } = document.body.dataset;
  const skew = Number(serverNow || Date.now()) - Date.now();
  function tick() {
    const now = Date.now() + skew;
    for (const { element, base, since, running } of all(document, "[data-running]").map(clockOf)) {
      element.textContent = span(base + (running ? now - since : 0));
    }
    for (const element of all(document, "[data-due]")) {
      const left = Number(element.dataset.due) - now;
      element.textContent = left >= 0 ? `due in ${span(left)}` : `overdue by ${span(-left)}`;
    }
  }
  function clockOf(/** @type {HTMLElement} */ element) {
    const { base, since, running } = element.dataset;
    return { element, base: Number(base), since: Number(since), running: running === "yes" };
  }
  if (document.querySelector("[data-running], [data-due]")) {
    tick();
    setInterval(tick, 1000);
  }
  if (reloadAt) {
    const wait = Number(reloadAt) - Date.now() - skew + 500;
    setTimeout(() => location.reload(), Math.min(LONGEST_TIMER, Math.max(1000, wait)));
  }

  window.addEventListener("beforeprint", () => {
    const place = document.getElementById("printed");
    const time = new Date().toLocaleString("en-US", { dateStyle: "medium", timeStyle: "short" });
    if (place) place.textContent = `, ${time}`;
  });
})();

// @ts-check
// Clocks of the page, by the server's time.
import { all } from "../dom.js";
import { span } from "./span.js";

const SECOND = 1000;
const CLOCKS = "[data-running]";

export function runClocks() {
  if (!document.querySelector(CLOCKS)) return;
  const offset = Number(document.body.dataset.now || Date.now()) - Date.now();
  const tick = () => all(document, CLOCKS, HTMLElement).forEach((clock) => show(clock, Date.now() + offset));
  tick();
  setInterval(tick, SECOND);
}

/**
 * @param {HTMLElement} clock with its time until `since`, and whether it has been running from then on
 * @param {number} now
 */
function show(clock, now) {
  const { base, since, running } = clock.dataset;
  clock.textContent = span(Number(base) + (running === "yes" ? now - Number(since) : 0));
}

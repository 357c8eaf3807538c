// @ts-check
// A simulation that runs: its progress, once a second, and its results as soon as it has ended.
import { element, pageData } from "../regrow/dom.js";
import { progressText } from "./progress.js";

/** @import { Progress } from "./progress.js" */
/** @typedef {{address: string, texts: {progress: string, offline: string}}} Frame */

const ASK_EVERY = 1000; // ms
const { address, texts } = /** @type {Frame} */ (pageData("simulation-frame"));
const bar = element("bar", HTMLProgressElement);
const status = element("said", HTMLElement);

/**
 * The status is a live region: equal text is not written again, so that it is not read out again.
 * @param {string} text
 */
function say(text) {
  if (text && status.textContent !== text) status.textContent = text;
}

/** @param {Progress} progress */
function show(progress) {
  say(progressText(texts.progress, progress));
  if (!progress.total) return;
  bar.max = progress.total;
  bar.value = progress.done;
}

async function ask() {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    /** @type {Progress} */
    const progress = await response.json();
    if (progress.ended) return location.reload();
    show(progress);
  } catch {
    say(texts.offline);
  }
  setTimeout(ask, ASK_EVERY);
}

await ask();

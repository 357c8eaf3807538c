// @ts-check
// The page in a dim room: on unless it was turned off on this tablet.
import { element } from "./dialogs/ask.js";

const STORED = "chair-dim";

export function connectDim() {
  const button = element("dim");
  const set = (/** @type {boolean} */ on) => {
    const { dataset } = document.documentElement;
    if (on) dataset.theme = "dim";
    else if (matchMedia("(prefers-color-scheme: dark)").matches) dataset.theme = "dark";
    else delete dataset.theme;
    button.setAttribute("aria-pressed", String(on));
    localStorage.setItem(STORED, on ? "yes" : "no");
  };
  button.onclick = () => set(button.getAttribute("aria-pressed") !== "true");
  set(localStorage.getItem(STORED) !== "no");
}

// @ts-check
// The chart of seven lanes, drawn twice: wide, and narrow for a phone.
import { all, first } from "../../regrow/dom.js";
import { xOf } from "./axis.js";
import { lanePaths } from "./series.js";

/** @import { Axis, Frame, Series } from "./types.js" */

const SVG = "http://www.w3.org/2000/svg";
const charts = () => all(document, ".lanes", SVGSVGElement);

/** @param {SVGSVGElement} svg */
const boxOf = ({ dataset }) => ({
  left: Number(dataset.left),
  right: Number(dataset.right),
  lane: Number(dataset.lane),
  height: Number(dataset.room),
  top: Number(dataset.top),
});

/**
 * @param {Frame} frame
 * @param {Series} series
 */
export function drawSeries(frame, series) {
  for (const svg of charts()) {
    drawLanes(svg, frame, series);
    drawRunning(svg, frame.axis, series);
  }
}

/**
 * @param {SVGSVGElement} svg
 * @param {Frame} frame
 * @param {Series} series
 */
function drawLanes(svg, { axis, highest }, { minutes, lanes }) {
  const box = boxOf(svg);
  const x = (/** @type {number} */ minute) => xOf(axis, box, minute);
  all(svg, ".lane", SVGGElement).forEach((group, n) => {
    const curve = { minutes, values: lanes[group.dataset.lane ?? ""] };
    const { line, area } = lanePaths(curve, { ...box, base: box.lane * (n + 1) }, highest, x);
    first(group, ".line", SVGPathElement).setAttribute("d", line);
    first(group, ".area", SVGPathElement).setAttribute("d", area);
  });
}

/**
 * @param {SVGSVGElement} svg
 * @param {Axis} axis
 * @param {Series} series
 */
function drawRunning(svg, axis, { running }) {
  const box = boxOf(svg);
  const height = box.lane * all(svg, ".lane", SVGGElement).length;
  const stretches = running.map(([from, to]) => {
    const [x, end] = [xOf(axis, box, from), xOf(axis, box, to)];
    const stretch = document.createElementNS(SVG, "rect");
    const size = { x, y: box.top, width: Math.max(1, Number(end) - Number(x)), height };
    for (const [name, value] of Object.entries(size)) stretch.setAttribute(name, String(value));
    return stretch;
  });
  first(svg, ".running", SVGGElement).replaceChildren(...stretches);
}

/**
 * The line at the minute shown, and the lane that the step is about.
 * @param {Axis} axis
 * @param {number} minute
 * @param {string} lane
 */
export function drawMinute(axis, minute, lane) {
  for (const svg of charts()) {
    const x = xOf(axis, boxOf(svg), minute);
    const line = first(svg, ".now line", SVGLineElement);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    first(svg, ".now circle", SVGCircleElement).setAttribute("cx", x);
    for (const group of all(svg, ".lane", SVGGElement)) group.classList.toggle("on", group.dataset.lane === lane);
  }
}

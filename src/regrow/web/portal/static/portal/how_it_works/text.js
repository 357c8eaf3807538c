// @ts-check
// Figures put into the server's sentences.

/** @import { Texts } from "./types.js" */

const HOUR = 60;
const DAY = 24 * HOUR;
const LONGEST_IN_MINUTES = 100;

/**
 * @param {string} template
 * @param {Record<string, number>} figures by the name of their place
 */
export const filled = (template, figures) =>
  template.replace(/\{(\w+)\}/g, (place, name) => String(figures[name] ?? place));

/**
 * How long after the start: minutes, then hours, then days to 0.1.
 * @param {Texts} texts
 * @param {number} minute
 */
export function timeText(texts, minute) {
  if (minute < LONGEST_IN_MINUTES) return filled(texts.minutes, { n: Math.round(minute) });
  if (minute < DAY) return filled(texts.hours, { n: Math.round(minute / HOUR) });
  const days = Math.round((10 * minute) / DAY) / 10;
  return days === 1 ? texts.day : filled(texts.days, { n: days });
}

// @ts-check
// The time axis: logarithmic, from minutes to one week.

/** @import { Axis } from "./types.js" */

/** @param {Axis} axis */
const span = ({ first_minute, last_minute }) => Math.log(last_minute / first_minute);

/**
 * Place of a minute on the axis, from 0 to 1; minutes before its beginning are at 0.
 * @param {Axis} axis
 * @param {number} minute
 */
export const shareOf = (axis, minute) => Math.log(Math.max(minute, axis.first_minute) / axis.first_minute) / span(axis);

/**
 * @param {Axis} axis
 * @param {number} share from 0 to 1
 */
export const minuteAt = (axis, share) => axis.first_minute * Math.exp(span(axis) * share);

/**
 * Horizontal coordinate of a minute between `left` and `right`, to 0.1.
 * @param {Axis} axis
 * @param {{left: number, right: number}} box
 * @param {number} minute
 */
export const xOf = (axis, { left, right }, minute) => (left + (right - left) * shareOf(axis, minute)).toFixed(1);

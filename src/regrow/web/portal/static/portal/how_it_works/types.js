// @ts-check
// The shapes of the JSON that the server sends. Times are minutes after the start of the treatment.

/**
 * The curves for one dose. Values are relative to the largest of a typical treatment.
 * @typedef {object} Series
 * @property {number[]} minutes at which the lanes have values
 * @property {Record<string, number[]>} lanes
 * @property {[number, number][]} running stretches in which the pump runs
 */
/** @typedef {{dose: number, label: string}} Choice */
/** @typedef {{id: string, lane: string, lane_id: string, minute: number, sentence: string}} Step */
/** @typedef {{first_minute: number, last_minute: number}} Axis logarithmic */
/**
 * Where an infusion can be paused, and for how long.
 * @typedef {object} Infusion
 * @property {string} route
 * @property {number} minutes
 * @property {number} pause_after earliest minute of a pause, exclusive
 * @property {number} pause_before latest minute of a pause, exclusive
 * @property {number} shortest_pause
 * @property {number} longest_pause
 */
/**
 * Sentences with {n} and {of} in place of figures.
 * @typedef {object} Texts
 * @property {string} minutes
 * @property {string} hours
 * @property {string} days
 * @property {string} day
 * @property {string} step
 * @property {string} of_largest
 * @property {string} paused
 * @property {string} again
 * @property {string} offline
 */
/**
 * What the page is opened with.
 * @typedef {object} Frame
 * @property {Series} first
 * @property {string} address of the series for another dose
 * @property {Axis} axis
 * @property {number} highest value at the top of a lane
 * @property {Step[]} steps
 * @property {number} first_step index
 * @property {Record<string, Choice[]>} choices doses of each route
 * @property {Record<string, number>} usual index of each route's usual dose
 * @property {string} first_route
 * @property {Infusion} infusion
 * @property {{left: number, per_mg_per_kg: number}} dose_axis of the chart of benefit by dose
 * @property {Texts} texts
 */

/**
 * What is shown.
 * @typedef {object} State
 * @property {number} step index
 * @property {number} minute
 * @property {string} route
 * @property {number} choice index of the dose
 * @property {number | null} paused minute at which the infusion was paused
 * @property {number | null} resumed
 */

export {};

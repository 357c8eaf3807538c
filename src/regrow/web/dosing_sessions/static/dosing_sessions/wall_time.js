// @ts-check
// The clock on the wall of the clinic: what it shows at an instant, and the instant at which it showed something.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
// A late entry further back than this is taken for a time in the future.
export const LONGEST_AGO = 12 * HOUR;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {string} zone
 * @param {number} at
 * @returns {Record<string, number>}
 */
function parts(zone, at) {
  let format = formats.get(zone);
  if (!format) {
    const numeric = /** @type {const} */ ("numeric");
    const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
    format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", ...fields });
    formats.set(zone, format);
  }
  return Object.fromEntries(format.formatToParts(at).map((p) => [p.type, Number(p.value)]));
}

/**
 * The wall's reading as if it were UTC, to the second.
 * @param {string} zone
 * @param {number} at
 */
function wall(zone, at) {
  const p = parts(zone, at);
  return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second);
}

/**
 * HH:MM:SS, 24-hour.
 * @param {string} zone
 * @param {number} at
 */
export const wallClock = (zone, at) => new Date(wall(zone, at)).toISOString().slice(11, 19);

/**
 * The latest instant, at most twelve hours ago, at which the clock showed `text` (HH:MM or HH:MM:SS); null when there
 * is none. In the hour that the end of daylight saving time repeats, it is the later of the two.
 * @param {string} zone
 * @param {string} text
 * @param {number} now
 */
export function latestInstant(zone, text, now) {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text.trim());
  if (!match) return null;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  const ofDay = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  const shown = wall(zone, now);
  const today = shown - (shown % DAY);
  // The zone's offset may have changed since: each offset of the last twelve hours is tried.
  const instants = [now, now - LONGEST_AGO].flatMap((at) => {
    const offset = wall(zone, at) - Math.floor(at / 1000) * 1000;
    return [today + ofDay - offset, today - DAY + ofDay - offset];
  });
  const possible = instants.filter(
    (at) => at <= now && now - at <= LONGEST_AGO && (wall(zone, at) - ofDay) % DAY === 0,
  );
  return possible.length ? Math.max(...possible) : null;
}

// @ts-check
// The shapes of the JSON that the server sends and of the state computed from it. Times in the log are ISO texts;
// computed times are milliseconds since 1970.

/** @typedef {"hard" | "gate" | "warn"} Force */
/** @typedef {"high" | "medium" | "low"} Priority */

/**
 * One entry of the session log, as `regrow schema session-event` documents it.
 * @typedef {object} LogEvent
 * @property {string} id
 * @property {string} kind
 * @property {string} device_time
 * @property {string} [server_time]
 * @property {string} author
 * @property {Record<string, any>} [data]
 * @property {string} [licence]
 * @property {string} [role]
 * @property {string} [device]
 * @property {number} [seq]
 * @property {string} [happened_at]
 * @property {number} [skew_ms]
 * @property {number} [number] position in the server's log
 */

/**
 * An event in its place in time, with corrections applied.
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} kind
 * @property {LogEvent} event
 * @property {number} at
 * @property {Record<string, any>} data
 * @property {string} corrected
 */

/** @typedef {{id: string, kind: string, force: Force, text: string}} PreDoseItem */
/**
 * @typedef {object} DischargeCriterion
 * @property {string} id
 * @property {string} kind
 * @property {string} text
 * @property {Force} [force]
 * @property {string} [scale]
 * @property {number} [at_least]
 * @property {number} [at_most]
 * @property {string} [clock]
 * @property {string} [capture]
 */
/**
 * `at_least`, `below` and `rise_at_least` name a signed limit.
 * @typedef {object} AlarmRule
 * @property {string} id
 * @property {string} on
 * @property {string} text
 * @property {Priority} priority
 * @property {string} at_least
 * @property {string} below
 * @property {string} rise_at_least
 * @property {number} readings
 * @property {string} apart
 */
/** @typedef {{id: string, text: string, anchor: string, at_least_min: number | null}} ClockRule */
/**
 * @typedef {object} CaptureRule
 * @property {string} id
 * @property {string} what
 * @property {string} text
 * @property {string} anchor
 * @property {string} at_min minutes, or the name of a signed limit
 * @property {string} early
 * @property {string} late
 */
/** @typedef {{id: string, text: string, course: string, emergency: string}} SymptomTerm */
/** @typedef {{title: string, min: number, max: number}} Scale */

/**
 * What the core exports besides the protocol's rules (`client_constants`).
 * @typedef {object} Constants
 * @property {Record<string, [number, number]>} possible bounds of each reading
 * @property {[number, number]} implausible_change a share as numerator and denominator
 * @property {number} late_after_ms
 * @property {string} preparation id of the prepared dose among the containers
 * @property {string[]} prescribing_roles
 * @property {string[]} third_identifiers
 * @property {{dosing: string[], acts: string[], after_leaving: string[], unnamed: string[]}} kinds
 * @property {Record<string, string>} readings
 * @property {Record<string, string>} fields
 * @property {Record<string, string>} phases
 * @property {Record<string, string>} pause_reasons
 * @property {Record<string, string>} stop_reasons
 * @property {Record<string, string>} identifiers
 * @property {{first: string, every: string}} device_instructions
 */

/**
 * The rules of a protocol, as `rules_as_json` writes them.
 * @typedef {object} Rules
 * @property {string} protocol
 * @property {number} version
 * @property {string} title
 * @property {"infusion" | "devices" | "single"} way
 * @property {string} medicine
 * @property {boolean} at_home
 * @property {PreDoseItem[]} before
 * @property {DischargeCriterion[]} discharge
 * @property {AlarmRule[]} alarms
 * @property {ClockRule[]} clocks
 * @property {CaptureRule[]} captures
 * @property {{mg: string, apart_min: number} | null} devices
 * @property {Record<string, SymptomTerm>} symptoms
 * @property {Record<string, Scale>} scales
 * @property {Constants} constants
 */

/** @typedef {{rule: string, force: Force, text: string}} Refusal */
/** @typedef {{event: string, rule: string, text: string}} Breach */
/** @typedef {{from: number, to: number, rate: number}} PumpRun the pump at one rate, in mL/h */
/** @typedef {{id: string, text: string, at: number}} DueItem */
/**
 * @typedef {object} Alarm
 * @property {string} id
 * @property {Priority} priority
 * @property {string} text
 * @property {number} since
 * @property {string} event
 * @property {string} do
 * @property {string} acknowledged_by
 * @property {boolean} call_due
 */
/**
 * @typedef {object} ChecklistItem
 * @property {string} criterion
 * @property {"met" | "not_met" | "not_documented"} state
 * @property {Force} force
 * @property {boolean} overridden
 * @property {string} text
 * @property {string[]} missing
 * @property {string[]} because
 * @property {number | null} since
 * @property {boolean} open
 */
/**
 * Amounts in micrograms.
 * @typedef {object} ContainerLine
 * @property {string} container
 * @property {string} lot
 * @property {number} out
 * @property {number} wasted
 * @property {number | null} left
 * @property {boolean} open
 * @property {string} text
 */
/**
 * @typedef {object} Clock
 * @property {string} text
 * @property {number | null} started_at
 * @property {number | null} stopped_at
 * @property {number} elapsed_min
 * @property {number | null} at_least_min
 * @property {number | null} done_at
 */
/**
 * @typedef {object} NextAction
 * @property {string} id
 * @property {string} text
 * @property {string} detail
 * @property {string | null} kind
 * @property {Record<string, any>} data
 * @property {number | null} due_at
 */
/**
 * @typedef {object} SessionState
 * @property {string} phase
 * @property {number} at
 * @property {Record<string, any> | null} order
 * @property {number | null} ordered_mg
 * @property {number | null} started_at
 * @property {number} delivered_mg
 * @property {number} delivered_ml
 * @property {number} left_ml
 * @property {number} in_line_mg
 * @property {number | null} infusion_ends_at
 * @property {number | null} ended_at
 * @property {number | null} left_at
 * @property {PumpRun[]} runs
 * @property {number | null} rate
 * @property {{given: number, ordered: number, next_at: number | null} | null} devices
 * @property {Record<string, Clock>} clocks
 * @property {(DueItem & {overdue_min: number})[]} due
 * @property {Alarm[]} alarms
 * @property {ChecklistItem[]} before
 * @property {ChecklistItem[]} discharge
 * @property {ContainerLine[]} containers
 * @property {string[]} unwitnessed
 * @property {Entry[]} wastes
 * @property {number} unsigned_vitals
 * @property {Entry[]} vitals
 * @property {Entry[]} open_symptoms
 * @property {Entry[]} scores
 * @property {string | null} ride
 * @property {boolean | null} prescriber_here
 * @property {boolean} consent_withdrawn
 * @property {boolean} impaired
 * @property {Breach[]} breaches
 * @property {Entry[]} entries
 * @property {string[]} late
 */
/** @typedef {SessionState & {next: NextAction}} StateWithAction */

/** @typedef {{title: string, site: string, every_min: number, response: number[]}} Model */
/** @typedef {{id: string, lot: string, expiry: string, left_mg: number, single: boolean}} Container */

/**
 * What the session page is opened with.
 * @typedef {object} Frame
 * @property {string} session
 * @property {Rules} rules
 * @property {LogEvent[]} events
 * @property {{username: string, name: string, role: string, licence: string}} me
 * @property {Record<string, string>} names
 * @property {{name: string, mrn: string}} patient
 * @property {string[]} alike
 * @property {Container[]} cabinet
 * @property {string} zone
 * @property {Model | null} model
 * @property {string} address
 * @property {number} clock_tolerance_ms
 */

/** @typedef {Omit<LogEvent, "author" | "server_time"> & {data: Record<string, any>, seq: number}} Line as it is sent */
/**
 * An entry that waits on this tablet.
 * @typedef {object} QueueEntry
 * @property {string} id
 * @property {string} session
 * @property {string} user
 * @property {number} made
 * @property {Line} line
 * @property {boolean} kept it waited without a network
 */
/**
 * What the screen says went wrong.
 * @typedef {object} Problem
 * @property {string} text
 * @property {QueueEntry} [entry]
 * @property {boolean} [signIn]
 */

/** @typedef {{happened_at?: string}} When of a late entry */
/** @typedef {(kind: string, data?: Record<string, any>, more?: When) => Promise<string | null>} Submit */
/**
 * What the dialogs and the drawing share.
 * @typedef {object} Chair
 * @property {Frame} frame
 * @property {Rules} rules
 * @property {boolean} prescribes whether the user may override a rule
 * @property {import("./clock.js").Clock} clock
 * @property {import("./sync.js").Sync} sync
 * @property {StateWithAction} state
 * @property {Submit} submit
 *   records an event and returns its id; shows the rules against it and returns null when it cannot be recorded
 * @property {() => void} render
 */

export {};

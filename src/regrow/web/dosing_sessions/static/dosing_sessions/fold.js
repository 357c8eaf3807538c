// @ts-check
// The session engine of the tablet: the same rules as `regrow.session`, for when there is no network.
// tests/web/test_client_engine.py runs both engines on the same random logs and compares them.
export { RANK } from "./fold/alarms.js";
export { pressure } from "./fold/checklists.js";
export { correctionsOf } from "./fold/log.js";
export { lastPressure, plain } from "./fold/next_action.js";
export { fold, refusalsOf } from "./fold/state.js";
export { isLate, noticed } from "./fold/times.js";

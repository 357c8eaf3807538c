// @ts-check
// On every staff page: a form is sent once, keys press their buttons, clocks run, paper shows when it was printed.
import { runClocks } from "./staff/clocks.js";
import { connectKeys } from "./staff/keys.js";
import { connectPipelineKeys } from "./staff/pipeline_keys.js";
import { dateThePrint } from "./staff/printed.js";
import { sendFormsOnce } from "./staff/send_once.js";

sendFormsOnce();
connectKeys();
connectPipelineKeys();
runClocks();
dateThePrint();

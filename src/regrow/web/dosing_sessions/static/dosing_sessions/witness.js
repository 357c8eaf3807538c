// @ts-check
// The list of waste follows what is recorded at the chairs, so that a witness never has to reload the page.

import { Live } from "./live.js";

let opened = false;
new Live("/sessions/live/", {
  ready: () => {
    if (opened) location.reload();
    opened = true;
  },
  message: ({ event }) => {
    if (!event || ["waste", "witness", "correction"].includes(event.kind)) location.reload();
  },
  changed: () => {},
}).start();

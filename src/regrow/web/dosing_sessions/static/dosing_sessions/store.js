// @ts-check
// What the tablet stores: entries not yet sent, and the log as it was last seen. Survives a closed browser.

/** @import { LogEvent, QueueEntry } from "./types.js" */
/**
 * @typedef {object} Store
 * @property {(entry: QueueEntry) => Promise<void>} keep
 * @property {(session: string) => Promise<QueueEntry[]>} waiting the entries of a session in the order they were made
 * @property {(session: string) => Promise<LogEvent[]>} readLog
 * @property {(session: string, events: LogEvent[], sent: string[]) => Promise<void>} settle
 */

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("regrow-chair", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("queue", { keyPath: "id" });
      request.result.createObjectStore("logs", { keyPath: "session" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/**
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => IDBRequest<T> | null} work
 * @returns {Promise<T | undefined>}
 */
async function run(stores, mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    // "strict": the entry is on the disk before the screen says that it is saved.
    const transaction = db.transaction(stores, mode, { durability: "strict" });
    const answer = work(transaction);
    transaction.oncomplete = () => resolve(answer?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/**
 * @param {QueueEntry} a
 * @param {QueueEntry} b
 */
const inOrder = (a, b) => a.made - b.made || a.line.seq - b.line.seq;

/** @type {Store} */
export const store = {
  async keep(entry) {
    await run(["queue"], "readwrite", (t) => t.objectStore("queue").put(entry));
  },
  async waiting(session) {
    /** @type {QueueEntry[]} */
    const all = (await run(["queue"], "readonly", (t) => t.objectStore("queue").getAll())) ?? [];
    return all.filter((entry) => entry.session === session).sort(inOrder);
  },
  async readLog(session) {
    return (await run(["logs"], "readonly", (t) => t.objectStore("logs").get(session)))?.events ?? [];
  },
  // In one transaction: what the server has taken leaves the queue as it enters the log. Never in both, never in
  // neither.
  async settle(session, events, sent) {
    await run(["queue", "logs"], "readwrite", (t) => {
      for (const id of sent) t.objectStore("queue").delete(id);
      t.objectStore("logs").put({ session, events });
      return null;
    });
  },
};

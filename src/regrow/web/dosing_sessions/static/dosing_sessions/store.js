// What the tablet keeps by itself: entries not yet sent, and the log as it was last seen. Survives a closed browser.

const open = () =>
  new Promise((resolve, reject) => {
    const request = indexedDB.open("regrow-chair", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("queue", { keyPath: "id" });
      request.result.createObjectStore("logs", { keyPath: "session" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

let opened = null;

async function run(stores, mode, work) {
  opened ??= open();
  const db = await opened;
  return new Promise((resolve, reject) => {
    // "strict": the entry is on the disk before the screen says that it is saved.
    const transaction = db.transaction(stores, mode, { durability: "strict" });
    const answer = work(transaction);
    transaction.oncomplete = () => resolve(answer?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const keep = (entry) => run(["queue"], "readwrite", (t) => t.objectStore("queue").put(entry));
export const waiting = (session) =>
  run(["queue"], "readonly", (t) => t.objectStore("queue").getAll()).then((all) =>
    all.filter((entry) => entry.session === session).sort((a, b) => a.made - b.made || a.line.seq - b.line.seq),
  );
export const readLog = (session) => run(["logs"], "readonly", (t) => t.objectStore("logs").get(session));

// In one transaction: what the server has taken leaves the queue as it enters the log. Never in both, never in neither.
export const settle = (session, events, gone) =>
  run(["queue", "logs"], "readwrite", (t) => {
    for (const id of gone) t.objectStore("queue").delete(id);
    t.objectStore("logs").put({ session, events });
  });

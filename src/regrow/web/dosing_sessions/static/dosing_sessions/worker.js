// @ts-check
// Stores the session page and its parts, so that a tablet without a network can open it again at the bedside.

/**
 * @typedef {Event & {waitUntil(work: Promise<unknown>): void}} WorkerEvent
 * @typedef {WorkerEvent & {request: Request, respondWith(answer: Promise<Response>): void}} WorkerFetchEvent
 * @typedef {WorkerEvent & {data: {store: string[]}, ports: readonly MessagePort[]}} WorkerMessageEvent
 * @typedef {object} Worker the parts of ServiceWorkerGlobalScope that are used here
 * @property {Location} location
 * @property {() => Promise<void>} skipWaiting
 * @property {{claim(): Promise<void>}} clients
 * @property {(type: string, listener: (event: any) => void) => void} addEventListener
 */

const worker = /** @type {Worker} */ (/** @type {unknown} */ (self));
// A new number when pages and scripts of an earlier release do not fit together: they are then stored anew.
const CACHE = "chair-3";
const PAGE = /^\/patients\/[^/]+\/sessions\/[^/]+\/$/;
/** @param {URL} url */
const isStored = (url) => url.pathname.startsWith("/static/") || PAGE.test(url.pathname);

worker.addEventListener("install", () => void worker.skipWaiting());

worker.addEventListener("activate", (/** @type {WorkerEvent} */ event) => event.waitUntil(activate()));

worker.addEventListener("fetch", (/** @type {WorkerFetchEvent} */ event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin || !isStored(url)) return;
  event.respondWith(answer(event.request));
});

worker.addEventListener("message", (/** @type {WorkerMessageEvent} */ event) => {
  event.waitUntil(store(event.data.store).finally(() => event.ports[0]?.postMessage("stored")));
});

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {string[]} addresses */
async function store(addresses) {
  const cache = await caches.open(CACHE);
  await Promise.allSettled(addresses.map((address) => cache.add(address)));
}

/**
 * From the network, and stored; without one, as it was last stored.
 * @param {Request} request
 */
async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(request.url, fresh.clone());
    return fresh;
  } catch (away) {
    const stored = await cache.match(request.url, { ignoreVary: true });
    if (stored) return stored;
    throw away;
  }
}

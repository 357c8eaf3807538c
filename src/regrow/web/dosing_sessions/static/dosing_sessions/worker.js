// Keeps the chair's page and its parts, so that a tablet without network can be opened again at the bedside.
const CACHE = "chair-1";
const ours = (url) =>
  url.pathname.startsWith("/static/") || /^\/patients\/[^/]+\/sessions\/[^/]+\/$/.test(url.pathname);

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !ours(url)) return;
  event.respondWith(answer(event.request));
});

async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(request.url, fresh.clone());
    return fresh;
  } catch (away) {
    const kept = await cache.match(request.url, { ignoreVary: true });
    if (kept) return kept;
    throw away;
  }
}

// @ts-check
// The page and its parts on this tablet, so that it can be opened again without a network.

/** Registers the service worker. On the first visit, which it did not see, stores everything that was loaded. */
export async function keepOfflineCopy() {
  if (!("serviceWorker" in navigator)) return;
  const registered = await navigator.serviceWorker.register("/worker.js", { scope: "/" }).catch(() => null);
  if (registered && !navigator.serviceWorker.controller) {
    const worker = await navigator.serviceWorker.ready;
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    const parts = loaded.filter((address) => address.startsWith(`${location.origin}/static/`));
    await stored(worker, [location.pathname, ...new Set(parts)]);
  }
  document.documentElement.dataset.kept = "yes";
}

/**
 * Resolves when the worker has stored the addresses.
 * @param {ServiceWorkerRegistration} registration
 * @param {string[]} addresses
 * @returns {Promise<void>}
 */
const stored = (registration, addresses) =>
  new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    registration.active?.postMessage({ store: addresses }, [channel.port2]);
  });

// @ts-check
// The page and its parts on this tablet, so that it can be opened again without a network.

const PATIENCE = 10_000; // ms; a worker of an earlier release does not answer

/**
 * Registers the service worker. A worker that did not see this page being loaded (on the first visit, and when a new
 * release replaces the worker) is told to store everything that was loaded.
 */
export async function keepOfflineCopy() {
  if (!("serviceWorker" in navigator)) return;
  const registered = await navigator.serviceWorker.register("/worker.js", { scope: "/" }).catch(() => null);
  if (registered) {
    navigator.serviceWorker.addEventListener("controllerchange", () => void storePage(registered));
    if (!navigator.serviceWorker.controller) {
      await navigator.serviceWorker.ready;
      await storePage(registered);
    }
  }
  document.documentElement.dataset.kept = "yes";
}

/**
 * Resolves when the worker has stored this page and every static file that it loaded.
 * @param {ServiceWorkerRegistration} registration
 * @returns {Promise<void>}
 */
function storePage(registration) {
  const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
  const parts = loaded.filter((address) => address.startsWith(`${location.origin}/static/`));
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve();
    setTimeout(resolve, PATIENCE);
    registration.active?.postMessage({ store: [location.pathname, ...new Set(parts)] }, [channel.port2]);
  });
}

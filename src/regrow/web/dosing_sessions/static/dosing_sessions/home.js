// @ts-check
// The patient's page of an at-home session: what the nurse and the clock change is shown within ten seconds; what is
// being typed stays as it is.

const EVERY = 10_000;
const here = document.getElementById("now");
const address = here?.dataset.page ?? "";

setInterval(async () => {
  if (!here || document.visibilityState !== "visible") return;
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("now");
  if (!fresh) return location.assign(address);
  if (fresh.innerHTML !== here.innerHTML) here.innerHTML = fresh.innerHTML;
}, EVERY);

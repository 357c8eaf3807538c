// What the nurse and the clock change is here within ten seconds; what is being typed stays as it is.
const now = document.getElementById("now");
setInterval(async () => {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(now.dataset.page).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html"), fresh = page.getElementById("now");
  if (!fresh) return location.assign(now.dataset.page);
  if (fresh.innerHTML !== now.innerHTML) now.innerHTML = fresh.innerHTML;
}, 10000);

// Polls the progress of the comparison once a second and shows its page when it is done.
const box = document.getElementById("progress");
const bar = document.getElementById("bar");
const said = document.getElementById("said");
async function look() {
  try {
    const answer = await fetch(box.dataset.state, { headers: { accept: "application/json" } });
    const { state, done, of } = await answer.json();
    if (state === "done" || state === "failed") return location.reload();
    if (of) {
      bar.max = of;
      bar.value = done;
      const share = Math.round((100 * done) / of);
      if (!said.textContent.startsWith(`${share}%`)) said.textContent = `${share}% of virtual patients simulated.`;
    }
  } catch {
    said.textContent = "No network. The run continues; this page refreshes automatically.";
  }
  setTimeout(look, 1000);
}
look();

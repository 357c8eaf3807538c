// @ts-check
// Paper shows when it was printed.

export function dateThePrint() {
  window.addEventListener("beforeprint", () => {
    const place = document.getElementById("printed");
    const time = new Date().toLocaleString("en-US", { dateStyle: "medium", timeStyle: "short" });
    if (place) place.textContent = `, ${time}`;
  });
}

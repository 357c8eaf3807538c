// @ts-check
// Light or dark as the device prefers, unless the page sets its own theme (the treatment room is dim).
(() => {
  const root = document.documentElement;
  if (root.dataset.theme) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    if (dark.matches) root.dataset.theme = "dark";
    else delete root.dataset.theme;
  };
  dark.addEventListener("change", apply);
  apply();
})();

// @ts-check
// The first page is shown in the fonts of the device; ours are fetched once it is loaded, and used from the next page.
(() => {
  const WAIT = 3000; // ms after loading, so that the fonts compete with nothing
  const STORED = "fonts";
  const HERE = "here";
  const faces = [
    { name: "Inter", file: "inter-latin-wght-normal.woff2", weight: "100 900" },
    { name: "Newsreader", file: "newsreader-latin-wght-normal.woff2", weight: "200 800" },
  ];
  const address = (/** @type {string} */ file) => `/static/regrow/fonts/${file}`;

  /** Without storage (private windows) the fonts are fetched again on each page. */
  function stored() {
    try {
      return localStorage.getItem(STORED);
    } catch {
      return null;
    }
  }
  async function fetchAll() {
    try {
      await Promise.all(faces.map(({ file }) => fetch(address(file))));
      localStorage.setItem(STORED, HERE);
    } catch {
      // No network, or no storage: the device's fonts stay.
    }
  }
  if (stored() === HERE) {
    for (const { name, file, weight } of faces) {
      document.fonts.add(new FontFace(name, `url(${address(file)})`, { weight, display: "optional" }));
    }
  } else {
    addEventListener("load", () => setTimeout(fetchAll, WAIT));
  }
})();

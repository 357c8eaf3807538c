// A page is read in the device's own letters at first; ours are fetched once it stands, and used from the next page on.
(() => {
  const faces = [
    ["Inter", "inter-latin-wght-normal.woff2", "100 900"],
    ["Newsreader", "newsreader-latin-wght-normal.woff2", "200 800"],
  ];
  const at = (file) => `/static/regrow/fonts/${file}`;
  const kept = (value) => {
    try {
      return value ? localStorage.setItem("fonts", value) : localStorage.getItem("fonts");
    } catch {
      return null;
    }
  };
  if (kept() === "here")
    faces.forEach(([name, file, weight]) =>
      document.fonts.add(new FontFace(name, `url(${at(file)})`, { weight, display: "optional" })),
    );
  else
    addEventListener("load", () =>
      setTimeout(
        () =>
          Promise.all(faces.map(([, file]) => fetch(at(file))))
            .then(() => kept("here"))
            .catch(() => {}),
        3000,
      ),
    );
})();

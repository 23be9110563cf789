"use strict";
// The page is whole without this. Seconds are read when asked for: beside the page, or from the file that is chosen.
(() => {
  const button = document.getElementById("show-seconds");
  const chooser = document.getElementById("choose-seconds");
  const said = document.getElementById("seconds-said");
  const show = (text) => {
    let known;
    try {
      known = JSON.parse(text);
    } catch {
      said.textContent = "This file is no JSON: timings.json is wanted.";
      return;
    }
    let found = 0;
    for (const place of document.querySelectorAll("[data-seconds]")) {
      const times = place.dataset.seconds.split(";").map((key) => known[key]).filter(Number.isFinite);
      if (times.length) {
        place.textContent = times.reduce((sum, x) => sum + x, 0).toFixed(1);
        found += 1;
      }
    }
    said.textContent = found ? `Seconds shown at ${found} places.` : "No seconds of this page in that file.";
  };
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!location.protocol.startsWith("http")) {
      chooser.click();  // a page that is opened as a file may read no other file by itself
      return;
    }
    try {
      const answer = await fetch("timings.json");
      if (!answer.ok) throw new Error(answer.statusText);
      show(await answer.text());
    } catch {
      chooser.click();
    }
  });
  chooser.addEventListener("change", async () => {
    if (!chooser.files.length) return;
    const text = await chooser.files[0].text();
    chooser.value = "";  // so that the same file can be chosen again
    show(text);
  });

  addEventListener("beforeprint", () => {  // paper has nothing to press
    for (const each of document.querySelectorAll("details")) each.open = true;
  });

  const open = () => {  // where the browser does not open what hides the target of a link
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const hiding = target && target.closest("details:not([open])");
    if (hiding) {
      hiding.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();
})();

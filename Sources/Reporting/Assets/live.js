// Reloads the live page's content every second and marks the title when the coordinator does not respond.
"use strict";
(() => {
  const live = document.getElementById("live");
  let misses = 0;
  async function reload() {
    try {
      const response = await fetch("live", { cache: "no-store" });
      if (!response.ok) throw new Error(response.statusText);
      const text = await response.text();
      const scroll = scrollY;
      live.innerHTML = text;
      scrollTo(0, scroll);
      misses = 0;
    } catch {
      misses += 1;
      if (misses === 5) document.title = "disconnected · " + document.title;
    }
    if (misses < 60) setTimeout(reload, 1000);
  }
  reload();
})();

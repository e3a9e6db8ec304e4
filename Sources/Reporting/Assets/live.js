// Renews the live page's content each second, and says so when the coordinator is gone.
"use strict";
(() => {
  const live = document.getElementById("live");
  let misses = 0;
  async function renew() {
    try {
      const answer = await fetch("live", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const text = await answer.text();
      const scroll = scrollY;
      live.innerHTML = text;
      scrollTo(0, scroll);
      misses = 0;
    } catch {
      misses += 1;
      if (misses === 5) document.title = "gone · " + document.title;
    }
    if (misses < 60) setTimeout(renew, 1000);
  }
  renew();
})();

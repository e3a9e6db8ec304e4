// The button that switches between the light and the dark theme; the default is the system's.
"use strict";
(() => {
  const button = document.getElementById("theme");
  if (!button) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  button.addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = (root.style.colorScheme || (dark.matches ? "dark" : "light")) === "dark";
    root.style.colorScheme = isDark ? "light" : "dark";
  });
})();

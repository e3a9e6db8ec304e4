// The button that changes between light and dark; without a click the system's choice holds.
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

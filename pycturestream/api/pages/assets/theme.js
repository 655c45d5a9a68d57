// Dark or light, before anything is drawn. Without a choice, as the system has it.
"use strict";

const KEY = "theme";
const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // the browser keeps nothing for this site
  }
}

function isDark() {
  return (chosen() ?? (systemIsDark.matches ? "dark" : "light")) === "dark";
}

function apply() {
  root.dataset.theme = isDark() ? "dark" : "light";
  const button = document.getElementById("theme");
  if (button) {
    button.hidden = false;
    button.textContent = isDark() ? "Light" : "Dark";
    button.title = isDark() ? "Switch to light colours" : "Switch to dark colours";
  }
  root.dispatchEvent(new Event("themechange")); // charts draw on canvases, which know no style sheet
}

apply();
systemIsDark.addEventListener("change", apply);
addEventListener("DOMContentLoaded", () => {
  apply();
  document.getElementById("theme")?.addEventListener("click", () => {
    try {
      localStorage.setItem(KEY, isDark() ? "light" : "dark");
    } catch {
      return;
    }
    apply();
  });
});

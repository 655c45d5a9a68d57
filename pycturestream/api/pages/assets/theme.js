// Dark or light, before anything is drawn. Without a choice, as the system has it.
"use strict";

const KEY = "theme";
const root = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
let choice = null; // for browsers that keep nothing for this site

function chosen() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return choice;
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
    choice = isDark() ? "light" : "dark";
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // It holds for this page.
    }
    apply();
  });
});

// The switches of what is drawn over pictures: buttons and keys, kept in this browser.

const KEYS = { b: "boxes", z: "zones", t: "trails" };

/** The wall and the large picture each keep their own. */
const key = (name) => `${location.pathname === "/live" ? "wall" : "camera"}-${name}`;

function kept(name, otherwise) {
  try {
    return (localStorage.getItem(key(name)) ?? String(otherwise)) === "true";
  } catch {
    return otherwise; // the browser keeps nothing for this site
  }
}

/** Set up the buttons that the page has; return what is on, which changes with them. */
export function switches(changed) {
  const on = {};
  const buttons = new Map();
  const flip = (name) => {
    on[name] = !on[name];
    buttons.get(name).setAttribute("aria-pressed", on[name]);
    try {
      localStorage.setItem(key(name), on[name]);
    } catch {
      // It holds until the page is left.
    }
    changed();
  };
  for (const name of Object.values(KEYS)) {
    const button = document.getElementById(name);
    if (!button) continue;
    buttons.set(name, button);
    on[name] = kept(name, button.getAttribute("aria-pressed") === "true");
    button.setAttribute("aria-pressed", on[name]);
    button.addEventListener("click", () => flip(name));
  }
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select");
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    const name = KEYS[event.key.toLowerCase()];
    if (buttons.has(name)) flip(name);
  });
  return on;
}

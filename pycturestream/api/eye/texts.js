/** The texts of the page in the listener's language. */

const RETRY_MS = 1000;
const loaded = new Map();
let current = null;

/**
 * Load a language and put it into the page. Where it can't be loaded, the last one stays; the first
 * one is tried until it can, since without any the page would stay empty and silent.
 */
export async function useLanguage(language) {
  while (!loaded.has(language)) {
    try {
      const response = await fetch(`/eye/texts/${language}.json`);
      if (!response.ok) throw new Error(response.statusText);
      loaded.set(language, await response.json());
    } catch {
      if (current) return;
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
  current = loaded.get(language);
  document.documentElement.lang = language;
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
}

/** Return a text, with its {names} replaced by values. No line begins with a French `:` or `?`. */
export function text(key, values = {}) {
  const filled = current[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  return filled.replace(/ (?=[:;?!])/g, "\u00a0");
}

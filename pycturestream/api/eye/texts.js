/** The texts of the page in the listener's language. */

const loaded = new Map();
let current = {};

/** Load a language and put it into the page; where it can't be loaded, the last one stays. */
export async function useLanguage(language) {
  if (!loaded.has(language)) {
    try {
      const response = await fetch(`/eye/texts/${language}.json`);
      loaded.set(language, await response.json());
    } catch {
      return;
    }
  }
  current = loaded.get(language);
  document.documentElement.lang = language;
  document.title = text("title");
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = text(element.dataset.text);
  }
}

/** Return a text, with its {names} replaced by values. */
export function text(key, values = {}) {
  return current[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

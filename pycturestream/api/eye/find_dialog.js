/** Chooses a thing to find, by its word in the listener's language. */

import { text } from "./texts.js";

/** Return a word without accents and capitals. Pure. */
export function plain(word) {
  return word.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

/** Return the words that contain what was typed; those that begin with it come first. Pure. */
export function matching(labels, typed) {
  const part = plain(typed);
  const starts = ({ word }) => plain(word).startsWith(part);
  const found = labels.filter(({ word }) => plain(word).includes(part));
  return [...found.filter(starts), ...found.filter((label) => !starts(label))];
}

function countOf(count) {
  if (!count) return text("find_none");
  return count === 1 ? text("find_count_one") : text("find_count", { count });
}

export class FindDialog {
  #dialog;
  #chosen;
  #labels = [];
  #failed = false;

  /** `chosen` is called with {label, word}. */
  constructor(dialog, chosen) {
    this.#dialog = dialog;
    this.#chosen = chosen;
    this.#input.addEventListener("input", () => this.#render());
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const [first] = matching(this.#labels, this.#input.value);
      if (first) this.#choose(first);
    });
  }

  async open(language) {
    this.#input.value = "";
    this.#labels = [];
    this.#dialog.showModal();
    try {
      const response = await fetch(`/eye/labels/${language}`);
      if (!response.ok) throw new Error(response.statusText);
      this.#labels = await response.json();
      this.#failed = false;
    } catch {
      this.#failed = true;
    }
    this.#render();
  }

  get #input() {
    return this.#dialog.querySelector("input");
  }

  #render() {
    const found = matching(this.#labels, this.#input.value);
    const items = found.map((label) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label.word;
      button.addEventListener("click", () => this.#choose(label));
      const item = document.createElement("li");
      item.append(button);
      return item;
    });
    this.#dialog.querySelector("ul").replaceChildren(...items);
    this.#dialog.querySelector("[role=status]").textContent = this.#failed
      ? text("find_failed")
      : countOf(found.length);
  }

  #choose(label) {
    this.#dialog.close();
    this.#chosen(label);
  }
}

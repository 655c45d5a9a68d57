/** Shows each setting as a choice or a switch, which counts at once. */

import { CHOICES } from "./settings.js";
import { text } from "./texts.js";

const LANGUAGE_NAMES = { en: "English", de: "Deutsch", fr: "Français", es: "Español" };

export class SettingsDialog {
  #dialog;
  #settings;
  #changed;

  /** `changed` is called with the name of a setting, after it has changed in `settings`. */
  constructor(dialog, settings, changed) {
    this.#dialog = dialog;
    this.#settings = settings;
    this.#changed = changed;
  }

  open() {
    this.#dialog.showModal();
  }

  /** Write all fields in the language of the page; the one that has the focus keeps it. */
  render() {
    const focused = document.activeElement?.id;
    const fields = Object.entries(CHOICES).map(([name, values]) =>
      typeof values[0] === "boolean" ? this.#switch(name) : this.#choice(name, values),
    );
    this.#dialog.querySelector("#settings-fields").replaceChildren(...fields);
    if (focused) document.getElementById(focused)?.focus();
  }

  #switch(name) {
    const input = document.createElement("input");
    Object.assign(input, { type: "checkbox", checked: this.#settings[name] });
    input.addEventListener("change", () => this.#set(name, input.checked));
    return this.#field(name, input, "switch");
  }

  #choice(name, values) {
    const sorted = typeof values[0] === "number" ? [...values].sort((a, b) => a - b) : values;
    const select = document.createElement("select");
    select.replaceChildren(
      ...sorted.map((value) => {
        const chosen = value === this.#settings[name];
        const option = new Option(this.#wording(name, value), value, chosen, chosen);
        if (name === "language") option.lang = value; // its name is in itself
        return option;
      }),
    );
    select.addEventListener("change", () => this.#set(name, sorted[select.selectedIndex]));
    return this.#field(name, select, "choice");
  }

  #field(name, control, kind) {
    control.id = `setting-${name}`;
    const label = document.createElement("label");
    label.htmlFor = control.id;
    label.textContent = text(name);
    const field = document.createElement("div");
    field.className = kind;
    field.append(label, control);
    return field;
  }

  #wording(name, value) {
    const { language } = this.#settings;
    if (name === "language") return LANGUAGE_NAMES[value];
    if (name === "rate") return value.toLocaleString(language, { style: "percent" });
    if (name === "interval") {
      const seconds = { style: "unit", unit: "second", unitDisplay: "long" }; // a voice spells "s"
      return (value / 1000).toLocaleString(language, seconds);
    }
    return text(`${name}_${value}`);
  }

  #set(name, value) {
    this.#settings[name] = value;
    this.#changed(name);
  }
}

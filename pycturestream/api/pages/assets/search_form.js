// The search form: words to chips, and all of it to and from the parameters of an address.

import { element } from "./base.js";

const form = document.getElementById("search");
const problem = document.getElementById("problem");
const TEXTS = [
  "since", "until", "zone", "sector", "min_score", "max_score", "min_size", "max_size", "inside",
  "track", "min_count", "max_count", "level", "site", "run", "sort", "hours", "timezone",
];
const FOLDED = TEXTS.slice(2);

/** Chips before an input: texts that are searched for. `read` makes [name, text] pairs of what was
 * typed; `names` are the parameters that they become. */
class ChipField {
  constructor(id, names, read, changed) {
    this.input = document.getElementById(id);
    this.list = document.getElementById(`${id}-chips`);
    this.names = names;
    this.read = read;
    this.changed = changed;
    this.chips = [];
    this.placeholder = this.input.placeholder;
    this.input.addEventListener("change", () => this.take());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !this.input.value && this.chips.length) {
        this.remove(this.chips.length - 1);
      }
    });
    this.list.parentElement.addEventListener("click", (event) => {
      if (event.target === this.list.parentElement) this.input.focus();
    });
  }

  take() {
    const pairs = this.read(this.input.value);
    this.input.value = "";
    for (const pair of pairs) this.add(pair);
    this.show();
  }

  add([name, text]) {
    this.chips = this.chips.filter(([, known]) => known !== text);
    this.chips.push([name, text]);
  }

  toggle(name, text) {
    if (this.has(name, text)) this.chips = this.chips.filter(([, known]) => known !== text);
    else this.add([name, text]);
    this.show();
    this.changed();
  }

  has(name, text) {
    return this.chips.some((chip) => chip[0] === name && chip[1] === text);
  }

  remove(index) {
    this.chips.splice(index, 1);
    this.show();
    this.input.focus();
    this.changed();
  }

  show() {
    this.list.replaceChildren(...this.chips.map(([name, text], index) => {
      const isNot = name === "without";
      const shown = isNot ? `without ${text}` : text;
      return element("li", { class: isNot ? "chip not" : "chip" }, shown, element("button", {
        type: "button", "aria-label": `Remove ${shown}`, onclick: () => this.remove(index),
      }, "×"));
    }));
    this.input.placeholder = this.chips.length ? "" : this.placeholder;
  }

  fill(parameters) {
    this.chips = this.names.flatMap((name) => parameters.getAll(name).map((text) => [name, text]));
    this.input.value = "";
    this.show();
  }

  write(parameters) {
    for (const [name, text] of this.chips) parameters.append(name, text);
  }
}

/** Return what "truck and car without person" asks for. A label may consist of several words. */
export function readLabels(text) {
  const pairs = [];
  let name = "label";
  for (const part of text.toLowerCase().split(/(\bwithout\b|\band\b|\bno\b|[,+;])/)) {
    const word = part.trim().replace(/\s+/g, " ");
    if (word === "without" || word === "no") name = "without";
    else if (word && !/^(and|[,+;])$/.test(word)) pairs.push([name, word]);
  }
  return pairs;
}

function readCameras(text) {
  return text.split(",").map((part) => part.trim()).filter(Boolean).map((name) => ["camera", name]);
}

/** Begin to hand over what is searched for: `search` is called after each change. */
export function openForm(search) {
  const what = new ChipField("what", ["label", "without"], readLabels, () => submit());
  const cameras = new ChipField("camera", ["camera"], readCameras, () => submit());
  const fields = [what, cameras];

  function submit() {
    fields.forEach((each) => each.take());
    search(parameters());
  }

  function parameters() {
    const made = new URLSearchParams();
    for (const each of fields) each.write(made);
    for (const name of TEXTS) {
      const text = form.elements[name].value.trim();
      if (text) made.set(name, text);
    }
    const days = [...form.querySelectorAll("[name=weekday]:checked")].map((each) => each.value);
    if (days.length) made.set("weekday", days.join(","));
    return made;
  }

  function fill(from) {
    for (const each of fields) each.fill(from);
    for (const name of TEXTS) form.elements[name].value = from.get(name) ?? "";
    const days = (from.get("weekday") ?? "").toLowerCase().split(",").map((day) => day.trim().slice(0, 3));
    for (const box of form.querySelectorAll("[name=weekday]")) box.checked = days.includes(box.value);
    const folded = [...FOLDED, "weekday"].filter((name) => from.get(name)).length;
    document.getElementById("more-count").textContent = folded ? ` (${folded} set)` : "";
    showSeen();
  }

  let seen = [];
  function showSeen() {
    const place = document.getElementById("seen");
    place.hidden = !seen.length;
    place.replaceChildren(...seen.map((label) => element("button", {
      type: "button",
      "aria-pressed": String(what.has("label", label)),
      onclick: () => what.toggle("label", label),
    }, label)));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  for (const control of form.querySelectorAll("select, [name=weekday]")) {
    control.addEventListener("change", submit);
  }
  return {
    fill,
    parameters,
    suggest(labels, known) {
      seen = labels;
      options("known-labels", known);
      showSeen();
    },
    suggestCameras(found) {
      options("known-cameras", found.map((each) => each.camera_id));
      options("known-sites", [...new Set(found.map((each) => each.site).filter(Boolean))].sort());
      options("known-zones", [...new Set(found.flatMap((each) => Object.keys(each.zones)))].sort());
    },
  };
}

function options(id, values) {
  const made = values.map((value) => element("option", { value }));
  document.getElementById(id).replaceChildren(...made);
}

/** Say what is wrong with the form, at the field that it is about; null: nothing is. */
export function showProblem(text) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  problem.hidden = !text;
  problem.textContent = text ?? "";
  if (!text) return;
  const name = text.split(":")[0].toLowerCase().replace("label", "what").replace("without", "what");
  const field = document.getElementById(name);
  if (!field || !form.contains(field)) return;
  const label = form.querySelector(`label[for=${name}]`).textContent;
  problem.textContent = `${label}: ${text.slice(text.indexOf(":") + 1).trim()}`;
  field.setAttribute("aria-invalid", "true");
  if (field.closest("details")) field.closest("details").open = true;
}

// The page on which zones, lines and masks of a camera are drawn, and its rules are edited.

import { RequestError, element, request, settled, shownTime, showState, whenFree } from "./base.js";
import * as doc from "./zones_document.js";
import { rounded } from "./zones_geometry.js";
import { faultSlot, ruleForm } from "./zones_rules.js";
import { Stage } from "./zones_stage.js";

const find = (id) => document.getElementById(id);
const cameraId = find("editor").dataset.camera;
const path = `/api/cameras/${encodeURIComponent(cameraId)}`;

const HINTS = {
  zone: "None yet. Choose Zone above the picture, and draw where something must not happen or is to be counted.",
  line: "None yet. A line counts who crosses it, in and out.",
  mask: "None yet. The producer paints a mask black before the picture leaves the camera's machine.",
};
const MASKS = "Painted black by the producer before the picture leaves the camera's machine: from the "
  + "first picture after it gets the settings. Earlier pictures keep what they show.";

class Editor {
  constructor(settings) {
    this.selected = null;
    this.point = null;
    this.faults = [];
    this.openRules = new Set();
    this.panels = [
      new Panel(find("shape-list"), () => this.#shapeList()),
      new Panel(find("rule-list"), () => this.#ruleList()),
    ];
    this.stage = new Stage(find("stage"), this);
    this.#take(settings);
    this.check = settled(() => this.#check(), 200);
    this.#changed();
  }

  #take(settings) {
    this.settings = settings;
    this.history = new doc.History(doc.fromEdit(settings.edit));
  }

  get document() {
    return this.previewed ?? this.history.present;
  }

  get faulty() {
    return new Set(this.faults.map((fault) => fault.id));
  }

  get isChanged() {
    return this.history.isChanged;
  }

  commit(next, series = null) {
    this.previewed = null;
    this.history.commit(next, series);
    this.#changed();
  }

  /** Show a document while something is dragged, without keeping it. */
  preview(next) {
    this.previewed = next;
  }

  select(id, point = null) {
    if (this.selected === id && this.point === point) return;
    this.selected = id;
    this.point = point;
    this.render();
  }

  say(text) {
    find("said").textContent = text;
  }

  /** A shape is drawn, or drawing was cancelled. */
  drawn(id) {
    this.render();
    const name = id && find("shape-list").querySelector(`[data-key="${id}-name"]`);
    // On a phone the keyboard would cover the picture.
    if (!name || matchMedia("(pointer: coarse)").matches) return;
    name.focus({ preventScroll: true });
    name.select();
  }

  undo() {
    if (this.stage.drawing) {
      this.stage.takeBack();
      return;
    }
    this.history.undo();
    this.#changed(true);
  }

  redo() {
    if (this.stage.drawing) return;
    this.history.redo();
    this.#changed(true);
  }

  /** The server has these settings now; `keepsEdit`: what is drawn here stays. */
  reload(settings, keepsEdit) {
    const kept = this.history.present;
    this.#take(settings);
    if (keepsEdit) this.history.commit(kept);
    this.selected = this.point = null;
    this.#changed(true);
  }

  /** `isForced`: also what is being typed is replaced. */
  #changed(isForced = false) {
    if (!this.document.shapes.some((shape) => shape.id === this.selected)) {
      this.selected = this.point = null;
    }
    this.isChecked = false;
    find("conflict").querySelector(".applied")?.remove();
    this.render(isForced);
    this.check();
  }

  /** Ask the server what is wrong with it, and what it becomes as YAML. */
  async #check() {
    const asked = this.history.present;
    let checked;
    try {
      checked = await request(`${path}/settings/check`, { method: "POST", body: doc.toEdit(asked) });
    } catch (error) {
      find("outcome").replaceChildren(element("p", { class: "problem" }, error.message),
        element("button", { type: "button", onclick: () => this.check() }, "Check again"));
      return;
    }
    if (asked !== this.history.present) return; // a newer check is on its way
    this.faults = checked.faults.map((fault) => ({ ...doc.placeOf(asked, fault.at), message: fault.message }));
    this.isChecked = true;
    if (!this.faults.length) {
      find("yaml").textContent = checked.yaml;
      renderDiff(find("diff"), checked.diff);
    }
    this.stage.render();
    this.#renderFaults();
    this.#renderOutcome();
  }

  render(isForced = false) {
    this.stage.render();
    for (const panel of this.panels) panel.render(isForced);
    this.#renderFaults();
    this.#renderTools();
    this.#renderOutcome();
  }

  /** Show each mistake at its part; nothing is made anew, as somebody may be typing there. */
  #renderFaults() {
    const faultsBySlot = grouped(this.faults, slotOf);
    for (const slot of document.querySelectorAll("[data-slot]")) {
      const text = (faultsBySlot.get(slot.dataset.slot) ?? []).map((fault) => fault.message).join("; ");
      slot.hidden = !text;
      if (slot.textContent !== text) slot.textContent = text;
      const control = document.querySelector(`[data-checked="${slot.dataset.slot}"]`);
      if (!control) continue;
      control.setAttribute("aria-invalid", String(Boolean(text)));
      control.setAttribute("aria-describedby", slot.id);
    }
    for (const badge of document.querySelectorAll("[data-faulty]")) {
      badge.hidden = !this.faulty.has(badge.dataset.faulty);
    }
  }

  #renderTools() {
    const { drawing } = this.stage;
    for (const button of document.querySelectorAll("[data-draw]")) {
      button.setAttribute("aria-pressed", String(drawing?.kind === button.dataset.draw));
    }
    find("close-shape").hidden = !drawing || drawing.kind === "line";
    find("cancel-shape").hidden = !drawing;
    find("undo").disabled = !this.history.canUndo && !drawing;
    find("redo").disabled = !this.history.canRedo || Boolean(drawing);
  }

  #renderOutcome() {
    const count = this.faults.length;
    const outcome = find("outcome");
    const elsewhere = this.faults.filter((fault) => !fault.id).map((fault) => fault.message);
    const text = !this.isChecked ? "Checking…"
      : count ? `${count === 1 ? "There is a mistake" : `There are ${count} mistakes`}, marked red.`
      : this.isChanged ? "Changed, but not in force yet." : "Nothing has changed.";
    if (outcome.dataset.text !== text + elsewhere) {
      outcome.dataset.text = text + elsewhere;
      outcome.replaceChildren(element("span", { class: count ? "badge bad" : this.isChanged ? "badge warn" : "badge" }, text),
        ...elsewhere.map((each) => element("p", { class: "problem" }, each)));
    }
    const canApply = this.isChecked && !count && this.isChanged && this.settings.may_apply;
    find("apply").disabled = !canApply || this.isApplying;
    for (const id of ["download", "copy", "file"]) find(id).disabled = !this.isChecked || count > 0;
  }

  #shape(id) {
    return this.document.shapes.find((shape) => shape.id === id);
  }

  // Shapes

  #shapeList() {
    return Object.entries(doc.KINDS).map(([kind, { name }]) => {
      const shapes = doc.ofKind(this.document.shapes, kind);
      return element("section", { class: "kind", "aria-label": `${name}s` },
        element("h3", {}, element("span", { class: `swatch ${kind}`, "aria-hidden": "true" }), `${name}s`),
        kind === "mask" && shapes.length ? element("p", { class: "hint" }, MASKS) : null,
        shapes.length ? element("ul", { class: "shapes" }, ...shapes.map((shape) => this.#shapeItem(shape)))
          : element("p", { class: "hint" }, HINTS[kind]));
    });
  }

  #shapeItem(shape) {
    const { id, kind, name } = shape;
    const isSelected = this.selected === id;
    const kindName = doc.KINDS[kind].name;
    const input = element("input", { value: name, maxlength: 64, "aria-label": `Name of ${kindName.toLowerCase()} ${name}`,
      "data-key": `${id}-name`, "data-checked": `${id}/name`,
      oninput: (event) => this.commit(doc.withName(this.document, id, event.target.value), `name ${id}`) });
    const act = (key, text, label, run, attributes = {}) => element("button", { type: "button", class: "quiet",
      "data-key": `${id}-${key}`, "aria-label": `${label} ${name}`, onclick: run, ...attributes }, text);
    return element("li", { class: isSelected ? "selected" : "" },
      element("div", { class: "shape-row" }, input,
        act("select", "Points", "Points of", () => this.select(isSelected ? null : id), { "aria-expanded": String(isSelected) }),
        kind === "line" ? act("turn", "Turn", "Turn round", () => {
          this.commit(doc.withLineTurned(this.document, id));
          this.say(`${name} is turned round: the arrow shows which way is in.`);
        }) : null,
        act("delete", "Delete", "Delete", () => {
          this.commit(doc.withoutShape(this.document, id));
          this.say(`${name} is deleted. Undo brings it back.`);
          find("undo").focus();
        })),
      faultSlot(id, "name"),
      faultSlot(id, "points"),
      isSelected ? this.#pointTable(shape) : null);
  }

  #pointTable({ id, kind, name, points }) {
    const least = doc.KINDS[kind].least;
    const number = (index, axis) => element("input", { type: "number", min: 0, max: 1, step: 0.001,
      inputmode: "decimal", value: rounded(points[index][axis]), "data-key": `${id}-${index}-${axis}`,
      "aria-label": `Point ${index + 1} of ${name}, ${axis ? "down" : "across"}`,
      onfocus: () => this.select(id, index),
      oninput: ({ target }) => {
        if (target.value === "" || Number.isNaN(Number(target.value))) return;
        const point = this.#shape(id).points[index]?.map((value, at) => (at === axis ? Number(target.value) : value));
        if (point) this.commit(doc.withPoint(this.document, id, index, point), `point ${id} ${index} ${axis}`);
      } });
    return element("div", { class: "points" },
      element("p", { class: "hint" }, kind === "line"
        ? "From the first point to the second; “in” is to the right. 0 is left or top, 1 is right or bottom."
        : "0 is left or top, 1 is right or bottom."),
      element("div", { class: "points-head hint", "aria-hidden": "true" }, element("span", {}, "across"), element("span", {}, "down")),
      element("ol", {}, ...points.map((_, index) => element("li", { class: this.point === index ? "chosen" : "" },
        number(index, 0), number(index, 1),
        points.length > least ? element("button", { type: "button", class: "quiet", "data-key": `${id}-${index}-remove`,
          "aria-label": `Remove point ${index + 1} of ${name}`,
          onclick: () => this.commit(doc.withoutPoint(this.document, id, index)) }, "✕") : null))),
      kind === "line" ? null : element("button", { type: "button", "data-key": `${id}-add`,
        onclick: () => {
          const behind = this.point ?? points.length - 1;
          this.commit(doc.withPointBehind(this.document, id, behind));
          this.select(id, behind + 1);
        } }, "Add a point"));
  }

  // Rules

  #ruleList() {
    const { rules, shapes } = this.document;
    if (rules.length) return rules.map((rule) => this.#ruleItem(rule, shapes));
    return [element("p", { class: "hint" }, "None yet. A rule says what must not happen, such as a person in a zone at night.")];
  }

  #ruleItem(rule, shapes) {
    const { id, keys } = rule;
    const change = (changes, series) => this.commit(doc.withRuleKeys(this.document, id, changes), series);
    const now = () => this.document.rules.find((each) => each.id === id)?.keys ?? {};
    const summary = element("summary", { "data-key": `${id}-summary` }, element("span", {}, keys.name || "(no name)"),
      element("span", { class: "badge" }, `level ${keys.level ?? this.settings.rule_defaults.level}`),
      element("span", { class: "badge bad", "data-faulty": id, hidden: true }, "mistake"));
    const isOpen = this.openRules.has(id);
    return element("details", { class: "rule", open: isOpen, ontoggle: ({ target }) => {
      if (target.open === this.openRules.has(id)) return;
      if (target.open) this.openRules.add(id);
      else this.openRules.delete(id);
      this.render();
    } }, summary,
      isOpen ? ruleForm(rule, shapes, this.settings, now, change) : null,
      isOpen ? element("button", { type: "button", class: "quiet", "data-key": `${id}-delete`, onclick: () => {
        this.commit(doc.withoutRule(this.document, id));
        find("undo").focus();
      } }, "Delete this rule") : null);
  }

  addRule() {
    const next = doc.withRule(this.document);
    const { id } = next.rules.at(-1);
    this.openRules.add(id);
    this.commit(next);
    const name = find("rule-list").querySelector(`[data-key="${id}-name"]`);
    name.focus();
    name.select();
  }

  // Applying

  async apply() {
    const sent = this.history.present;
    this.isApplying = true;
    this.#renderOutcome();
    find("conflict").replaceChildren();
    try {
      const body = { ...doc.toEdit(sent), revision: this.settings.revision };
      this.settings = await request(`${path}/settings`, { method: "POST", body });
      this.history.save();
      this.isApplying = false;
      this.#changed();
      this.say("");
      find("conflict").replaceChildren(element("p", { class: "applied", role: "status" }, "Applied. Put the YAML into your cameras.yaml too."));
    } catch (error) {
      this.isApplying = false;
      this.#renderOutcome();
      if (!(error instanceof RequestError)) throw error;
      find("conflict").replaceChildren(...(error.status === 409 ? this.#conflict(error)
        : [element("p", { class: "problem", role: "alert" }, error.message)]));
    }
  }

  #conflict(error) {
    const load = async (keepsEdit) => {
      try {
        this.reload(await request(`${path}/settings`), keepsEdit);
        find("conflict").replaceChildren();
      } catch (failure) {
        find("conflict").append(element("p", { class: "problem", role: "alert" }, failure.message));
      }
    };
    return [element("div", { class: "note", role: "alert" }, element("p", {}, error.message),
      element("div", { class: "actions" },
        element("button", { type: "button", onclick: () => load(false) }, "Show theirs, drop mine"),
        element("button", { type: "button", onclick: () => load(true) }, "Keep mine, to apply over theirs")))];
  }

  async writeIntoFile(file) {
    const result = find("file-result");
    result.replaceChildren(element("p", { class: "hint" }, "Writing…"));
    try {
      const body = { ...doc.toEdit(this.history.present), file: await file.text() };
      const written = await request(`${path}/settings/file`, { method: "POST", body });
      const diff = element("pre", { tabindex: 0, "aria-label": "Changes in the file" });
      renderDiff(diff, written.diff);
      result.replaceChildren(
        ...written.notes.map((note) => element("p", { class: "note" }, note)),
        element("button", { type: "button", class: "main", onclick: () => download(file.name, written.text) }, `Download ${file.name}`),
        element("p", { class: "hint" }, written.diff ? "What changes in it:" : "The file has these shapes and rules already."),
        written.diff ? diff : "");
    } catch (error) {
      result.replaceChildren(element("p", { class: "problem", role: "alert" }, error.message));
    }
  }
}

/** A part of the page that is made anew with each change, but not while somebody types in it. */
class Panel {
  #isStale = false;

  constructor(place, build) {
    this.place = place;
    this.build = build;
    place.addEventListener("focusout", () => afterPointer(() => {
      if (this.#isStale) this.render();
    }));
  }

  get #isTyping() {
    return this.place.contains(document.activeElement) && document.activeElement.matches(TYPED);
  }

  render(isForced = false) {
    this.#isStale = !isForced && this.#isTyping;
    if (this.#isStale) return;
    const focused = this.place.contains(document.activeElement) && document.activeElement.dataset.key;
    this.place.replaceChildren(...this.build());
    if (focused) this.place.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

const TYPED = "input:not([type=checkbox])";
let isPointerDown = false;
for (const type of ["pointerdown", "pointerup", "pointercancel"]) {
  addEventListener(type, () => { isPointerDown = type === "pointerdown"; }, true);
}

/** Run something once the mouse button or the finger is up: a click needs its button to stay. */
function afterPointer(run) {
  setTimeout(() => {
    if (isPointerDown) addEventListener("pointerup", () => setTimeout(run), { once: true });
    else run();
  });
}

function slotOf({ id, part }) {
  const [key = ""] = part;
  return `${id}/${key}`;
}

function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function renderDiff(place, diff) {
  const kinds = { "+": "added", "-": "removed", "@": "position" };
  place.replaceChildren(...(diff ? diff.split("\n").map((line) =>
    element("span", { class: kinds[line[0]] ?? "" }, `${line}\n`)) : ["Nothing."]));
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Fetch the newest picture, with the header that says when it was taken. Throws RequestError. */
async function fetchSnapshot() {
  const response = await fetch(`${path}/snapshot.jpg`);
  if (response.ok) return response;
  const content = await response.json().catch(() => ({}));
  const why = content.detail ?? `the server answered ${response.status}`;
  throw new RequestError(why, response.status, Number(response.headers.get("Retry-After")));
}

/** Show the newest picture; where there is none, a grid, and why. */
async function loadSnapshot(editor) {
  const [picture, taken] = [find("snapshot"), find("taken")];
  taken.textContent = "Loading the newest picture…";
  try {
    const response = await whenFree(fetchSnapshot);
    const at = response.headers.get("X-Captured-At");
    const before = picture.src;
    picture.src = URL.createObjectURL(await response.blob());
    if (before) URL.revokeObjectURL(before);
    await picture.decode();
    picture.hidden = false;
    find("stage").classList.remove("empty");
    const zone = editor.settings.timezone;
    taken.textContent = `Taken ${shownTime(at, zone)} by the camera's clock (${zone}). Heads are covered.`;
  } catch (error) {
    if (picture.hidden) find("stage").classList.add("empty");
    const why = error instanceof RequestError ? `${error.message}.` : "The picture can't be loaded.";
    taken.textContent = `${why[0].toUpperCase()}${why.slice(1)} ${picture.hidden ? "Draw on the empty grid, or try again." : ""}`;
  }
  editor.stage.render();
}

async function start() {
  const state = find("state");
  showState(state, "loading", "Loading the settings of the camera…");
  let settings;
  try {
    settings = await request(`${path}/settings`);
  } catch (error) {
    showState(state, "error", error.message, { name: "Try again", run: start });
    return;
  }
  state.replaceChildren();
  if (settings.revision === 0) {
    state.append(element("p", { class: "note" }, `Camera ${cameraId} has no settings yet. If the name is right, what you apply will be its first.`));
  }
  if (!settings.may_apply) {
    state.append(element("p", { class: "note" }, "Your token is for reading only: you can draw and download, but not apply."));
  }
  find("editor").hidden = false;
  const editor = new Editor(settings);
  editor.say("Choose Zone, Line or Mask to draw, or a shape to change it.");
  connect(editor);
  loadSnapshot(editor);
}

function connect(editor) {
  for (const button of document.querySelectorAll("[data-draw]")) {
    button.addEventListener("click", () => {
      if (editor.stage.drawing?.kind === button.dataset.draw) editor.stage.cancel();
      else editor.stage.start(button.dataset.draw);
      editor.render();
    });
  }
  find("close-shape").addEventListener("click", () => editor.stage.finish());
  find("cancel-shape").addEventListener("click", () => editor.stage.cancel());
  find("undo").addEventListener("click", () => editor.undo());
  find("redo").addEventListener("click", () => editor.redo());
  find("refresh").addEventListener("click", () => loadSnapshot(editor));
  find("add-rule").addEventListener("click", () => editor.addRule());
  find("apply").addEventListener("click", () => editor.apply());
  find("download").addEventListener("click", () => download(`${cameraId}-zones.yaml`, find("yaml").textContent));
  find("copy").addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(find("yaml").textContent);
      editor.say("Copied.");
    } catch {
      find("yaml-part").open = true;
      getSelection().selectAllChildren(find("yaml"));
      editor.say("The browser does not allow copying here: the YAML is selected, press Ctrl+C.");
    }
  });
  find("file").addEventListener("change", ({ target }) => target.files[0] && editor.writeIntoFile(target.files[0]));
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || !"zy".includes(event.key.toLowerCase())) return;
    event.preventDefault();
    if (event.key.toLowerCase() === "y" || event.shiftKey) editor.redo();
    else editor.undo();
  });
  addEventListener("beforeunload", (event) => {
    if (editor.isChanged) event.preventDefault();
  });
}

start();

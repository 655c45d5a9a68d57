// The shapes and rules that are edited, as values that are never changed, and how to undo.

import { inPicture, middles } from "./zones_geometry.js";

export const KINDS = {
  zone: { key: "zones", name: "Zone", least: 3 },
  line: { key: "lines", name: "Line", least: 2 },
  mask: { key: "masks", name: "Mask", least: 3 },
};
const UNDO_LIMIT = 200;

let lastId = 0;
const nextId = () => `item-${(lastId += 1)}`;

/** Return the shapes and rules of an edit as the server has it, each with an id of this page. */
export function fromEdit(edit) {
  const shapes = Object.entries(KINDS).flatMap(([kind, { key }]) =>
    edit[key].map(({ name, points }) => ({ id: nextId(), kind, name, points })),
  );
  return { shapes, rules: edit.rules.map((keys) => ({ id: nextId(), keys })) };
}

/** Return the same as the server has it. */
export function toEdit({ shapes, rules }) {
  const edit = { rules: rules.map(({ keys }) => keys) };
  for (const [kind, { key }] of Object.entries(KINDS)) {
    edit[key] = ofKind(shapes, kind).map(({ name, points }) => ({ name, points }));
  }
  return edit;
}

export function ofKind(shapes, kind) {
  return shapes.filter((shape) => shape.kind === kind);
}

/** Return the shape or the rule that a fault of the server is about, and which part of it. */
export function placeOf({ shapes, rules }, [key, index, ...part]) {
  if (key === "rules") return { id: rules[index]?.id, part };
  const kind = Object.keys(KINDS).find((each) => KINDS[each].key === key);
  return { id: kind && ofKind(shapes, kind)[index]?.id, part };
}

/** Return a name that no other shape of this kind has. */
export function freeName(shapes, kind) {
  return freeNameOf(ofKind(shapes, kind).map((shape) => shape.name), kind);
}

/** Return a name such as "zone 2" that is not among the names. */
export function freeNameOf(names, word) {
  let number = 1;
  while (names.includes(`${word} ${number}`)) number += 1;
  return `${word} ${number}`;
}

export function withShape(document, kind, points) {
  const shape = { id: nextId(), kind, name: freeName(document.shapes, kind), points };
  return { ...document, shapes: [...document.shapes, shape] };
}

export function withPoints(document, id, points) {
  return changedShape(document, id, (shape) => ({ ...shape, points }));
}

export function withPoint(document, id, index, point) {
  return changedShape(document, id, (shape) => ({
    ...shape,
    points: shape.points.map((each, at) => (at === index ? inPicture(point) : each)),
  }));
}

/** Return the document with another point in the middle of the edge behind a point. */
export function withPointBehind(document, id, index) {
  return changedShape(document, id, (shape) => {
    const points = [...shape.points];
    points.splice(index + 1, 0, middles(points)[index]);
    return { ...shape, points };
  });
}

/** Return the document without a point; without the shape, where it would have too few. */
export function withoutPoint(document, id, index) {
  const shape = document.shapes.find((each) => each.id === id);
  if (shape.points.length <= KINDS[shape.kind].least) return withoutShape(document, id);
  return withPoints(document, id, shape.points.filter((_, at) => at !== index));
}

export function withoutShape(document, id) {
  return { ...document, shapes: document.shapes.filter((shape) => shape.id !== id) };
}

/** Return the document with a line from its end to its start: "in" becomes "out". */
export function withLineTurned(document, id) {
  return changedShape(document, id, (shape) => ({ ...shape, points: [...shape.points].reverse() }));
}

/** Return the document with another name of a shape, in the rules that name it too. */
export function withName(document, id, name) {
  const { name: before, kind } = document.shapes.find((shape) => shape.id === id);
  const isShared = ofKind(document.shapes, kind).filter((shape) => shape.name === before).length > 1;
  const named = changedShape(document, id, (shape) => ({ ...shape, name }));
  if (isShared || kind === "mask") return named;
  return { ...named, rules: named.rules.map((rule) => renamedInRule(rule, kind, before, name)) };
}

function renamedInRule(rule, kind, before, name) {
  const { zones, crosses } = rule.keys;
  if (kind === "zone" && zones?.includes(before)) {
    const names = zones.map((zone) => (zone === before ? name : zone));
    return { ...rule, keys: { ...rule.keys, zones: names } };
  }
  if (kind === "line" && crosses && before in crosses) {
    const renamed = Object.entries(crosses).map(([line, way]) => [line === before ? name : line, way]);
    return { ...rule, keys: { ...rule.keys, crosses: Object.fromEntries(renamed) } };
  }
  return rule;
}

export function withRule(document) {
  const name = freeNameOf(document.rules.map((rule) => rule.keys.name), "rule");
  return { ...document, rules: [...document.rules, { id: nextId(), keys: { name } }] };
}

export function withoutRule(document, id) {
  return { ...document, rules: document.rules.filter((rule) => rule.id !== id) };
}

/** Return the document with keys of a rule changed; undefined takes a key away. */
export function withRuleKeys(document, id, changes) {
  const change = (rule) => {
    const keys = Object.entries({ ...rule.keys, ...changes });
    return { ...rule, keys: Object.fromEntries(keys.filter(([, value]) => value !== undefined)) };
  };
  return { ...document, rules: document.rules.map((rule) => (rule.id === id ? change(rule) : rule)) };
}

function changedShape(document, id, change) {
  return {
    ...document,
    shapes: document.shapes.map((shape) => (shape.id === id ? change(shape) : shape)),
  };
}

/** What was done, to undo and redo it. */
export class History {
  #past = [];
  #future = [];
  #series = null;
  #saved;

  constructor(present) {
    this.present = present;
    this.#saved = present;
  }

  /** Take the next value. Those of one series, such as the letters of a name, are undone at once. */
  commit(next, series = null) {
    if (JSON.stringify(next) === JSON.stringify(this.present)) return;
    if (series === null || series !== this.#series) {
      this.#past = [...this.#past, this.present].slice(-UNDO_LIMIT);
    }
    this.#series = series;
    this.#future = [];
    this.present = next;
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.present);
    this.present = from.pop();
    this.#series = null;
  }

  /** What is here is in force now. */
  save() {
    this.#saved = this.present;
    this.#series = null;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  get isChanged() {
    return JSON.stringify(toEdit(this.present)) !== JSON.stringify(toEdit(this.#saved));
  }
}

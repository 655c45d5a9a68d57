// The picture with its shapes: draws them, and turns mouse, touch and keys into changes.

import { KINDS, withLineTurned, withPoint, withPointBehind, withPoints, withShape, withoutPoint,
  withoutShape } from "./zones_document.js";
import { arrowIn, center, inPicture, middles, movedTogether, pixelsBetween, rounded,
  snappedToEdge } from "./zones_geometry.js";

const HIT = 22; // pixels around a point that count as it: 44 across, as wide as a finger
const SNAP = 10; // pixels
const SAME = 8; // pixels: the second click of a double click
const STEP = 0.005;
const LARGE_STEP = 0.05;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LETTER = 8; // pixels: about the width of one in the name of a shape
const LENS = 132; // pixels
const ZOOM = 3;

/** Draws on an <svg> over the picture.
 *
 * `editor` has `document`, `selected` and `point` (what is selected, or null), and the methods
 * `commit(document, series)`, `preview(document)`, `select(id, point)`, `say(text)` and `drawn()`.
 */
export class Stage {
  constructor(place, editor) {
    this.editor = editor;
    this.place = place;
    this.svg = place.querySelector("svg");
    this.picture = place.querySelector("img");
    this.lens = place.querySelector("canvas");
    this.drawing = null; // { kind, points, cursor }
    this.drag = null;
    this.lens.width = this.lens.height = LENS;
    new ResizeObserver(() => this.render()).observe(this.svg);
    this.svg.addEventListener("pointerdown", (event) => this.#press(event));
    this.svg.addEventListener("pointermove", (event) => this.#move(event));
    this.svg.addEventListener("pointerup", (event) => this.#release(event));
    this.svg.addEventListener("pointercancel", () => this.#cancelDrag());
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    this.svg.addEventListener("focusin", (event) => this.#focus(event));
  }

  get size() {
    return [this.svg.clientWidth || 1, this.svg.clientHeight || 1];
  }

  /** Begin to draw a shape; the cursor of the keyboard starts in the middle. */
  start(kind) {
    this.drawing = { kind, points: [], cursor: [0.5, 0.5], showsCursor: false };
    this.editor.select(null);
    this.svg.focus();
    const close = kind === "line" ? "the second point ends it" : "Enter or the first point closes it";
    this.editor.say(`Drawing a ${kind}: click or tap for each point, or move with the arrow keys and `
      + `press Space; ${close}. Backspace takes a point back, Escape cancels.`);
    this.render();
  }

  cancel() {
    if (!this.drawing) return;
    this.drawing = null;
    this.editor.drawn();
    this.editor.say("Nothing was drawn.");
    this.render();
  }

  /** Take back the last point; drawing ends where there is none. */
  takeBack() {
    if (!this.drawing.points.pop()) {
      this.cancel();
      return;
    }
    this.editor.say(`${this.drawing.points.length} points.`);
    this.render();
  }

  /** End the shape that is drawn, if it has enough points. */
  finish() {
    if (!this.drawing) return;
    const { kind, points } = this.drawing;
    if (points.length < KINDS[kind].least) {
      this.editor.say(`A ${kind} needs ${KINDS[kind].least} points: it has ${points.length}.`);
      return;
    }
    this.drawing = null;
    const document = withShape(this.editor.document, kind, points);
    const { id, name } = document.shapes.at(-1);
    this.editor.commit(document);
    this.editor.select(id);
    this.editor.drawn(id);
    this.editor.say(`Drawn: ${name}.`);
  }

  #add(point) {
    const { kind, points } = this.drawing;
    const last = points.at(-1);
    if (last && pixelsBetween(last, point, this.size) < SAME) {
      this.finish(); // a double click
      return;
    }
    if (points.length >= KINDS[kind].least && pixelsBetween(points[0], point, this.size) < HIT) {
      this.finish();
      return;
    }
    points.push(point);
    this.editor.say(`Point ${points.length}: ${inWords(point)}.`);
    if (kind === "line" && points.length === 2) this.finish();
  }

  // Mouse and touch

  #at(event) {
    const { left, top } = this.svg.getBoundingClientRect();
    const [width, height] = this.size;
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  }

  #snapped(point) {
    const [width, height] = this.size;
    return snappedToEdge(point, [SNAP / width, SNAP / height]);
  }

  #press(event) {
    if (!event.isPrimary || event.button !== 0) return;
    const at = this.#at(event);
    if (this.drawing) {
      this.drag = { what: "new", at };
    } else {
      const { shape: id, point, middle } = event.target.dataset;
      if (!id) {
        this.editor.select(null);
        return;
      }
      const before = this.editor.document;
      const shape = before.shapes.find((each) => each.id === id);
      if (middle !== undefined) {
        this.drag = { what: "point", id, index: Number(middle) + 1, from: at, at, before,
          base: withPointBehind(before, id, Number(middle)) };
        this.editor.preview(this.drag.base);
      } else if (point !== undefined) {
        this.drag = { what: "point", id, index: Number(point), from: at, at, before, base: before };
      } else {
        const isSelected = this.editor.selected === id;
        // A finger that wants to scroll must not move a shape that nobody has chosen.
        this.drag = { what: isSelected ? "shape" : "none", id, from: at, at, before, shape };
      }
      this.editor.select(id, this.drag.what === "point" ? this.drag.index : null);
      this.svg.querySelector(`[data-key="${keyOf(id, this.editor.point)}"]`)?.focus();
    }
    event.preventDefault(); // no text is selected, no picture is dragged away
    this.svg.setPointerCapture(event.pointerId);
    this.render();
  }

  #move(event) {
    if (!this.drag) return;
    this.drag.at = this.#at(event);
    const { what, id, index, from, at, base, before, shape } = this.drag;
    if (what === "point") {
      this.editor.preview(withPoint(base, id, index, this.#snapped(at)));
    } else if (what === "shape") {
      const by = [at[0] - from[0], at[1] - from[1]];
      this.editor.preview(withPoints(before, id, movedTogether(shape.points, by)));
    }
    this.render();
  }

  #release(event) {
    if (!this.drag) return;
    const { what, before, from } = this.drag;
    const at = this.#at(event);
    this.drag = null;
    if (what === "new") {
      this.#add(this.#snapped(at));
    } else if (what !== "none") {
      const next = this.editor.document;
      this.editor.preview(before);
      const hasMoved = pixelsBetween(from, at, this.size) > 2;
      if (hasMoved || next.shapes.some((shape, i) => shape.points.length !== before.shapes[i].points.length)) {
        this.editor.commit(next);
      }
    }
    this.render();
  }

  #cancelDrag() {
    if (this.drag?.before) this.editor.preview(this.drag.before);
    this.drag = null;
    this.render();
  }

  // Keys

  #focus(event) {
    const { shape, point } = event.target.dataset;
    if (this.drawing || !shape || point === undefined) return;
    if (this.editor.selected === shape && this.editor.point !== Number(point)) {
      this.editor.select(shape, Number(point));
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const by = ARROWS[event.key]?.map((value) => value * step);
    const isHandled = this.drawing ? this.#keyWhileDrawing(event.key, by) : this.#keyOnShape(event, by);
    if (!isHandled) return;
    event.preventDefault();
    event.stopPropagation();
    this.render();
  }

  #keyWhileDrawing(key, by) {
    const drawing = this.drawing;
    if (by) {
      drawing.cursor = inPicture(drawing.cursor.map((value, axis) => value + by[axis]));
      drawing.showsCursor = true;
      this.editor.say(inWords(drawing.cursor));
    } else if (key === " ") {
      drawing.showsCursor = true;
      this.#add(drawing.cursor);
    } else if (key === "Enter") {
      this.finish();
    } else if (key === "Backspace" || key === "Delete") {
      if (drawing.points.length) this.takeBack();
    } else if (key === "Escape") {
      this.cancel();
    } else {
      return false;
    }
    return true;
  }

  #keyOnShape(event, by) {
    const { shape: id, point } = event.target.dataset;
    const { document } = this.editor;
    const shape = document.shapes.find((each) => each.id === id);
    if (event.key === "Escape" && this.editor.selected) {
      this.editor.select(null);
      this.svg.querySelector(`[data-key="${keyOf(shape?.id ?? "", null)}"]`)?.focus();
      return true;
    }
    if (!shape) return false;
    const index = point === undefined ? null : Number(point);
    if (by && index !== null) {
      const moved = shape.points[index].map((value, axis) => value + by[axis]);
      this.editor.commit(withPoint(document, id, index, moved), `move ${id} ${index}`);
      this.editor.say(inWords(this.editor.document.shapes.find((each) => each.id === id).points[index]));
    } else if (by && this.editor.selected === id) {
      this.editor.commit(withPoints(document, id, movedTogether(shape.points, by)), `move ${id}`);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.#remove(shape, index);
    } else if ((event.key === "Enter" || event.key === " ") && index === null) {
      this.editor.select(id, null);
    } else if (event.key === "Insert" || event.key === "+") {
      if (index === null || shape.kind === "line") return false;
      this.editor.commit(withPointBehind(document, id, index));
      this.editor.select(id, index + 1);
      this.#focusAfterRender(keyOf(id, index + 1));
    } else if (event.key === "t" && shape.kind === "line") {
      this.editor.commit(withLineTurned(document, id));
      this.editor.say(`${shape.name} is turned round.`);
    } else {
      return false;
    }
    return true;
  }

  #remove(shape, index) {
    const { document } = this.editor;
    if (index === null) {
      this.editor.commit(withoutShape(document, shape.id));
      this.editor.select(null);
      this.editor.say(`${shape.name} is deleted. Undo brings it back.`);
      this.svg.focus();
      return;
    }
    const next = withoutPoint(document, shape.id, index);
    const isGone = next.shapes.length < document.shapes.length;
    this.editor.commit(next);
    const point = isGone ? null : Math.max(0, index - 1);
    this.editor.select(isGone ? null : shape.id, point);
    this.editor.say(isGone ? `${shape.name} is deleted. Undo brings it back.` : "The point is removed.");
    this.#focusAfterRender(isGone ? "" : keyOf(shape.id, point));
  }

  #focusAfterRender(key) {
    this.render();
    (this.svg.querySelector(`[data-key="${key}"]`) ?? this.svg).focus();
  }

  // Drawing

  render() {
    const [width, height] = this.size;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const focused = this.svg.contains(document.activeElement) && document.activeElement.dataset.key;
    const { selected, faulty } = this.editor;
    const shapes = [...this.editor.document.shapes].sort(
      (a, b) => (a.id === selected) - (b.id === selected) || LAYERS[a.kind] - LAYERS[b.kind],
    );
    this.svg.replaceChildren(
      ...shapes.flatMap((shape) => this.#shape(shape, shape.id === selected, faulty.has(shape.id))),
      ...(this.drawing ? this.#draft() : []),
    );
    this.svg.classList.toggle("drawing", Boolean(this.drawing));
    if (focused) this.svg.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
    this.#renderLens();
  }

  #pixels([x, y]) {
    const [width, height] = this.size;
    return [rounded(x * width), rounded(y * height)];
  }

  #path(points) {
    return points.map((point) => this.#pixels(point).join(",")).join(" ");
  }

  #shape({ id, kind, name, points }, isSelected, isFaulty) {
    const figure = kind === "line" ? "polyline" : "polygon";
    const path = this.#path(points);
    const classes = `${kind}${isSelected ? " selected" : ""}${isFaulty ? " faulty" : ""}`;
    const label = `${KINDS[kind].name} ${name}, ${points.length} points${isFaulty ? ", has a mistake" : ""}`;
    const drawn = [
      svg(figure, { class: `halo ${classes}`, points: path }),
      svg(figure, { class: `shape ${classes}`, points: path }),
      svg(figure, { class: `hit ${classes}`, points: path, tabindex: 0, role: "button",
        "aria-label": label, "aria-pressed": isSelected, "data-shape": id, "data-key": keyOf(id, null) }),
    ];
    if (kind === "line" && points.length === 2) drawn.push(...this.#arrow(points, classes));
    drawn.push(this.#name(kind, name, points, classes));
    if (!isSelected || this.drawing) return drawn;
    if (kind !== "line") drawn.push(...middles(points).map((point, index) => this.#middle(id, point, index)));
    return [...drawn, ...points.flatMap((point, index) => this.#point(id, name, points, index))];
  }

  #arrow(points, classes) {
    const [[x, y], [toX, toY]] = arrowIn(points, this.size, 34);
    const [dx, dy] = [(toX - x) / 34, (toY - y) / 34];
    const tip = [[toX + dx * 10, toY + dy * 10], [toX - dy * 7, toY + dx * 7], [toX + dy * 7, toY - dx * 7]];
    const word = svg("text", { class: "way", x: toX + dx * 22, y: toY + dy * 22 + 5 });
    word.textContent = "in";
    const at = { x1: x, y1: y, x2: toX, y2: toY };
    return [
      svg("line", { class: `halo ${classes}`, ...at }),
      svg("line", { class: `shape ${classes}`, ...at }),
      svg("polygon", { class: `tip ${classes}`, points: tip.map((each) => each.join(",")).join(" ") }),
      word,
    ];
  }

  #name(kind, name, points, classes) {
    const [x, y] = this.#pixels(kind === "line" ? points[0] : center(points));
    const [width, height] = this.size;
    const half = Math.min(width / 2, name.length * LETTER / 2 + 6);
    const text = svg("text", { class: `name ${classes}`, x: Math.min(width - half, Math.max(half, x)),
      y: Math.min(height - 8, Math.max(18, kind === "line" ? y - 12 : y + 5)) });
    text.textContent = name;
    return text;
  }

  #middle(id, point, index) {
    const [cx, cy] = this.#pixels(point);
    const group = svg("g", { class: "middle" });
    group.append(
      svg("circle", { class: "dot", cx, cy, r: 4 }),
      svg("circle", { class: "hit", cx, cy, r: 14, "data-shape": id, "data-middle": index }),
    );
    return group;
  }

  #point(id, name, points, index) {
    const [cx, cy] = this.#pixels(points[index]);
    const isChosen = this.editor.point === index;
    const label = `Point ${index + 1} of ${points.length} of ${name}: ${inWords(points[index])}`;
    return [
      svg("circle", { class: `dot${isChosen ? " chosen" : ""}`, cx, cy, r: 7 }),
      svg("circle", { class: "hit", cx, cy, r: HIT, tabindex: 0, role: "button", "aria-label": label,
        "aria-pressed": isChosen, "data-shape": id, "data-point": index, "data-key": keyOf(id, index) }),
    ];
  }

  #draft() {
    const { kind, points, cursor, showsCursor } = this.drawing;
    const next = this.drag ? [this.#snapped(this.drag.at)] : showsCursor ? [cursor] : [];
    const path = this.#path([...points, ...next]);
    const drawn = [
      svg("polyline", { class: `halo ${kind} draft`, points: path }),
      svg("polyline", { class: `shape ${kind} draft`, points: path }),
    ];
    points.forEach((point, index) => {
      const [cx, cy] = this.#pixels(point);
      const canClose = index === 0 && points.length >= KINDS[kind].least;
      drawn.push(svg("circle", { class: `dot${canClose ? " closes" : ""}`, cx, cy, r: canClose ? 11 : 6 }));
    });
    if (showsCursor && !this.drag) {
      const [x, y] = this.#pixels(cursor);
      drawn.push(svg("path", { class: "cursor", d: `M${x - 14} ${y}h28M${x} ${y - 14}v28` }));
    }
    return drawn;
  }

  /** Show what is under the finger, larger, in the corner that is farther away. */
  #renderLens() {
    const isNeeded = this.drag && this.drag.what !== "shape" && this.drag.what !== "none"
      && !this.picture.hidden;
    this.lens.hidden = !isNeeded;
    if (!isNeeded) return;
    const [x, y] = this.#snapped(this.drag.at);
    const [width, height] = this.size;
    const { naturalWidth, naturalHeight } = this.picture;
    this.lens.classList.toggle("right", x < 0.5);
    const [seenX, seenY] = [(LENS / ZOOM / width) * naturalWidth, (LENS / ZOOM / height) * naturalHeight];
    const context = this.lens.getContext("2d");
    context.fillStyle = "#000";
    context.fillRect(0, 0, LENS, LENS);
    context.drawImage(this.picture, x * naturalWidth - seenX / 2, y * naturalHeight - seenY / 2,
      seenX, seenY, 0, 0, LENS, LENS);
    context.strokeStyle = "#fff";
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(LENS / 2, 0);
    context.lineTo(LENS / 2, LENS);
    context.moveTo(0, LENS / 2);
    context.lineTo(LENS, LENS / 2);
    context.stroke();
  }
}

const LAYERS = { mask: 0, zone: 1, line: 2 };

function keyOf(id, point) {
  return point === null || point === undefined ? id : `${id}/${point}`;
}

function inWords([x, y]) {
  const percent = (value) => `${rounded(value * 100)} %`;
  return `${percent(x)} from the left, ${percent(y)} from the top`;
}

function svg(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

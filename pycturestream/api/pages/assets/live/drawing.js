// Draws a picture, and over it what was detected in its frame.

const FONT = "600 12px system-ui, sans-serif";
const LABEL_HEIGHT = 18;
/** In a small picture many labels would hide more than they say, and scores sooner. */
const LABELS_FROM = 280;
const SCORES_FROM = 640;

/** Draw on a canvas of so many CSS pixels. `picture` is an ImageBitmap, or null: only what is known. */
export function draw(canvas, size, { picture, frame, zones, trails, threatened, colours, ground }) {
  const ratio = Math.min(devicePixelRatio || 1, 2);
  const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = ground;
  context.fillRect(0, 0, size.width, size.height);
  const shape = picture ?? frame ?? { width: 16, height: 9 };
  const place = fitted(shape, size);
  if (picture) {
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, place.x, place.y, place.width, place.height);
  }
  const at = ([x, y]) => [place.x + x * place.width, place.y + y * place.height];
  if (zones) drawZones(context, at, zones, colours.zones);
  if (frame) {
    if (trails) drawTrails(context, at, frame, trails);
    // What is in front stands lower, and is drawn over what is behind.
    const objects = [...frame.objects].sort((one, other) => one.box[3] - other.box[3]);
    const marks = objects.map((object) => mark(object, at, threatened, colours));
    marks.forEach((each) => drawBox(context, each));
    if (size.width >= LABELS_FROM) drawLabels(context, marks.reverse(), size);
  }
}

/** Return where a picture of this shape is, as large as it fits. */
export function fitted(shape, size) {
  const scale = Math.min(size.width / shape.width, size.height / shape.height);
  const [width, height] = [shape.width * scale, shape.height * scale];
  return { x: (size.width - width) / 2, y: (size.height - height) / 2, width, height };
}

/** Return where an object is on the canvas, and how it is drawn. */
function mark(object, at, threatened, colours) {
  const [left, top] = at(object.box);
  const [right, bottom] = at(object.box.slice(2));
  const isThreat = Boolean(threatened?.has(object.track_id));
  const [line, text] = isThreat ? colours.threats : [object.colour, colours.texts[object.colour]];
  return { object, left, top, right, bottom, isThreat, line, text };
}

function drawBox(context, { left, top, right, bottom, isThreat, line }) {
  outline(context, isThreat ? 3.5 : 2, line, () =>
    context.rect(left, top, right - left, bottom - top));
}

/** Write labels above boxes, or inside; what stands in front first. One that fits nowhere is left out. */
function drawLabels(context, marks, size) {
  context.font = FONT;
  context.textBaseline = "middle";
  const taken = [];
  // Those that an alert is about are never left out.
  for (const each of [...marks].sort((one, other) => other.isThreat - one.isThreat)) {
    const { object, left, top, isThreat, line, text } = each;
    const score = size.width >= SCORES_FROM ? ` ${Math.round(object.score * 100)} %` : "";
    const said = `${isThreat ? "! " : ""}${object.label}${score}`;
    const width = context.measureText(said).width + 10;
    const x = Math.max(0, Math.min(left - 1, size.width - width));
    const rows = [top - LABEL_HEIGHT, top].filter((y) => y >= 0);
    const y = rows.find((row) => !taken.some((other) =>
      x < other.x + other.width && other.x < x + width && Math.abs(row - other.y) < LABEL_HEIGHT));
    if (y === undefined) continue;
    taken.push({ x, y, width });
    context.fillStyle = line;
    context.fillRect(x, y, width, LABEL_HEIGHT);
    context.fillStyle = text ?? "#000000";
    context.fillText(said, x + 5, y + LABEL_HEIGHT / 2 + 0.5);
  }
}

/** Stroke a path, with a dark edge: a colour alone may be that of the picture. */
function outline(context, width, colour, path) {
  for (const [size, style] of [[width + 2, "rgb(0 0 0 / 55%)"], [width, colour]]) {
    context.beginPath();
    path();
    context.lineWidth = size;
    context.strokeStyle = style;
    context.stroke();
  }
}

function drawZones(context, at, { zones, lines }, [colour, text]) {
  for (const [name, polygon] of Object.entries(zones)) {
    const points = polygon.map(at);
    const path = () => {
      points.forEach((point, index) => (index ? context.lineTo(...point) : context.moveTo(...point)));
      context.closePath();
    };
    context.beginPath();
    path();
    context.fillStyle = `${colour}33`;
    context.fill();
    outline(context, 1.5, colour, path);
    write(context, name, middle(points), colour, text);
  }
  for (const [name, [start, end]] of Object.entries(lines)) {
    const [from, to] = [at(start), at(end)];
    outline(context, 3, colour, () => {
      context.moveTo(...from);
      context.lineTo(...to);
    });
    drawWay(context, from, to, colour);
    write(context, name, middle([from, to]), colour, text);
  }
}

/** Draw an arrow across a line: who crosses it from its left to its right, seen along it, comes in. */
function drawWay(context, from, to, colour) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
  const [along, across] = [
    [(to[0] - from[0]) / length, (to[1] - from[1]) / length],
    [-(to[1] - from[1]) / length, (to[0] - from[0]) / length],
  ];
  const base = [from[0] + (to[0] - from[0]) * 0.25, from[1] + (to[1] - from[1]) * 0.25];
  const tip = [base[0] + across[0] * 18, base[1] + across[1] * 18];
  outline(context, 2.5, colour, () => {
    context.moveTo(...base);
    context.lineTo(...tip);
    for (const side of [-1, 1]) {
      context.moveTo(...tip);
      context.lineTo(
        tip[0] - across[0] * 7 + along[0] * 5 * side,
        tip[1] - across[1] * 7 + along[1] * 5 * side,
      );
    }
  });
}

function drawTrails(context, at, frame, trails) {
  const taken = new Date(frame.captured_at).getTime();
  for (const { track_id: track, colour } of frame.objects) {
    // Where it went after the picture was taken is not in the picture.
    const way = (trails.get(track) ?? []).filter((each) => each.at <= taken);
    const points = way.map(({ point }) => at(point));
    if (points.length < 2) continue;
    outline(context, 2, colour, () =>
      points.forEach((point, index) => (index ? context.lineTo(...point) : context.moveTo(...point))));
  }
}

function write(context, words, [x, y], colour, text) {
  context.font = FONT;
  const width = context.measureText(words).width + 8;
  context.fillStyle = colour;
  context.fillRect(x - width / 2, y - 9, width, 18);
  context.fillStyle = text;
  context.textBaseline = "middle";
  context.fillText(words, x - width / 2 + 4, y + 0.5);
}

function middle(points) {
  const sum = points.reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0]);
  return [sum[0] / points.length, sum[1] / points.length];
}

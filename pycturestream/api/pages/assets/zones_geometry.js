// Points and shapes in a picture: fractions of width and height, origin top left. The binding check
// is that of the server; here is what drawing needs.

const DIGITS = 3; // a thousandth of the picture: what a hand can hit

/** Return a number as settings write it. */
export function rounded(value) {
  return Number(value.toFixed(DIGITS));
}

/** Return the nearest point of the picture, as settings write it. */
export function inPicture([x, y]) {
  return [x, y].map((value) => rounded(Math.min(1, Math.max(0, value))));
}

/** Return a point on the edge of the picture if it is within `reach` of it, [across, down]. A zone
 * that reaches the edge holds objects that are cut off there. */
export function snappedToEdge(point, reach) {
  return inPicture(
    point.map((value, axis) => {
      if (value < reach[axis]) return 0;
      return value > 1 - reach[axis] ? 1 : value;
    }),
  );
}

/** Return the points moved by the same distance; together they stay in the picture. */
export function movedTogether(points, [dx, dy]) {
  const bounds = (axis) => {
    const values = points.map((point) => point[axis]);
    return [Math.min(...values), Math.max(...values)];
  };
  const [[left, right], [top, bottom]] = [bounds(0), bounds(1)];
  const x = Math.min(1 - right, Math.max(-left, dx));
  const y = Math.min(1 - bottom, Math.max(-top, dy));
  return points.map((point) => inPicture([point[0] + x, point[1] + y]));
}

/** Return the distance of two points in pixels of a picture that is `size` wide and high. */
export function pixelsBetween([x, y], [toX, toY], [width, height]) {
  return Math.hypot((toX - x) * width, (toY - y) * height);
}

/** Return the middles of the edges, the one behind each point; a line has one edge. */
export function middles(points) {
  const count = points.length > 2 ? points.length : points.length - 1;
  return points.slice(0, count).map(([x, y], index) => {
    const [toX, toY] = points[(index + 1) % points.length];
    return inPicture([(x + toX) / 2, (y + toY) / 2]);
  });
}

/** Return the middle of the points: where a name is written. */
export function center(points) {
  const sum = points.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return sum.map((value) => value / points.length);
}

/** Return where the arrow of a line begins and ends, in pixels: from its middle to the side that is
 * "in". That is the right one, looking from the first point to the second one. */
export function arrowIn([[x, y], [toX, toY]], [width, height], length) {
  const [dx, dy] = [(toX - x) * width, (toY - y) * height];
  const long = Math.hypot(dx, dy) || 1;
  const middle = [((x + toX) / 2) * width, ((y + toY) / 2) * height];
  return [middle, [middle[0] - (dy / long) * length, middle[1] + (dx / long) * length]];
}

// Draws the charts of the report: each function fills a place with what rows of the API say.

import { ago, colour, element, shownTime } from "./base.js";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SERIES = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];
const BARS_SHOWN = 12;
const DAY_S = 86_400;

const plots = new Map(); // by their places, to draw them again where theme or width change

/** Draw all charts again that are still shown, in the colours and widths of now. */
export function redraw() {
  for (const [place, draw] of plots) {
    if (place.isConnected) draw();
    else plots.delete(place);
  }
}

const NUMBERS = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat("en-GB", { maximumFractionDigits: digits }));

export function number(value, digits = 0) {
  return value === null ? "" : NUMBERS[digits].format(value);
}

/** Return a table of rows: columns are [heading, what of a row, "number"?]. On a phone a row of a
 * table that stacks is a block, and each cell says its heading. */
export function table(columns, rows, caption, stacks = false) {
  // A block is no row any more for a screen reader, unless its role says so.
  const head = columns.map(([name, , kind]) =>
    element("th", { scope: "col", class: kind, role: "columnheader" }, name),
  );
  const body = rows.map((row) => {
    const cells = columns.map(([name, of, kind]) =>
      element("td", { class: kind, role: "cell", "data-name": name }, of(row) ?? ""),
    );
    return element("tr", { role: "row" }, ...cells);
  });
  const made = element(
    "table",
    { role: "table", class: stacks ? "stacks" : "" },
    element("caption", { class: "visually-hidden" }, caption),
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...head)),
    element("tbody", { role: "rowgroup" }, ...body),
  );
  return element("div", { class: "table-frame", tabindex: 0, role: "group", "aria-label": caption }, made);
}

/** Return rows of the API as a table: every column of the CSV, in words. */
export function plainTable(rows, caption, zones) {
  const kind = (name) =>
    rows.some((row) => typeof row[name] === "number") && name !== "weekday" && name !== "hour" ? "number" : "";
  const columns = Object.keys(rows[0]).map((name) => [heading(name), (row) => inWords(name, row, zones), kind(name)]);
  return table(columns, rows, caption);
}

function heading(name) {
  const words = name.replace("camera_id", "camera").replace(/_(s|at)$/, "").replaceAll(/[_.]/g, " ");
  return words[0].toUpperCase() + words.slice(1);
}

function inWords(name, row, zones) {
  const value = row[name];
  if (value === null && ["max", "different", "different_per_hour"].includes(name)) return "not seen";
  if (value === null) return "";
  if (name === "weekday") return WEEKDAYS[value - 1];
  if (name === "hour") return `${String(value).padStart(2, "0")}:00`;
  if (name === "share") return `${number(100 * value)} %`;
  if (name === "last_result_age_s") return ago(0, value * 1000);
  if (/(^start|_at|_since)$/.test(name)) return shownTime(value, zones.get(row.camera_id));
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "number" ? number(value, 3) : String(value);
}

/** Draw one camera's timeline: labels over time, on the camera's clock. */
export function drawTimeline(place, rows, timeZone) {
  const labels = [...new Set(rows.map((row) => row.label))];
  const times = rows.filter((row) => row.label === labels[0]).map((row) => Date.parse(row.start) / 1000);
  const values = labels.map((label) => rows.filter((row) => row.label === label).map((row) => row.max));
  const most = labels.map((label, n) => `${label} at most ${Math.max(...values[n].map((value) => value ?? 0))}`);
  place.append(legend(labels));
  const series = (label, n) => ({
    label,
    stroke: colour(SERIES[n]),
    width: 2,
    paths: uPlot.paths.stepped({ align: 1 }),
    points: { show: false },
  });
  uplot(place, `In view over time: ${most.join(", ")}. The table has the numbers.`, {
    height: 150,
    timeZone,
    data: [times, ...values],
    series: () => labels.map(series),
  });
}

/** Draw how many came, by hour or day; days and hours are those of the camera's clock. */
export function drawAttendance(place, rows) {
  // The camera's clock is drawn as if it were UTC: there may be several cameras in several zones.
  const hour = (row) => String(row.hour ?? 0).padStart(2, "0");
  const times = rows.map((row) => Date.parse(`${row.day}T${hour(row)}:00Z`) / 1000);
  const values = rows.map((row) => row.different);
  const total = values.reduce((sum, value) => sum + (value ?? 0), 0);
  const paths = uPlot.paths.bars({ size: [0.75, 60] });
  uplot(place, `${number(total)} came in all. The table has the numbers.`, {
    height: 220,
    timeZone: "UTC",
    data: [times, values],
    series: () => [{ label: "came", fill: colour("--series-1"), width: 0, paths, points: { show: false } }],
    isCentered: true,
  });
}

function legend(labels) {
  const items = labels.map((label, n) => {
    const swatch = element("span", { class: "swatch" });
    swatch.style.background = `var(${SERIES[n]})`;
    return element("li", {}, swatch, label);
  });
  return element("ul", { class: "legend" }, ...items);
}

/** Draw a chart by uPlot, and again when theme or width change.
 *
 * `data` are times in seconds and the values of each series; null: not seen. `series()` returns the
 * series in the colours of now. `isCentered`: values are drawn around their times, not from them on.
 */
function uplot(place, words, { height, timeZone, data, series, isCentered = false }) {
  const canvas = element("div", { class: "canvas", role: "img", "aria-label": words });
  const reading = element("p", { class: "reading", "aria-hidden": "true" }, "\u00a0");
  place.append(canvas, reading);
  const [times] = data;
  const step = times.length > 1 ? times[1] - times[0] : 3600;
  const clock = clockOf(timeZone, step);
  plots.set(canvas, () => {
    const axis = {
      stroke: colour("--quiet"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
      font: "12px system-ui, sans-serif",
    };
    const shift = isCentered ? step / 2 : 0;
    canvas.replaceChildren();
    new uPlot(
      {
        width: Math.max(200, canvas.clientWidth),
        height,
        tzDate: (at) => uPlot.tzDate(new Date(at * 1000), timeZone),
        series: [{}, ...series()],
        padding: [8, 28, 0, 0],
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 6 } },
        scales: {
          x: { range: () => [times[0] - shift, times.at(-1) + step - shift] },
          y: { range: (_chart, _low, top) => [0, Math.max(1, Math.ceil((top ?? 0) * 1.05))] },
        },
        axes: [
          {
            ...axis,
            space: 70,
            size: 34,
            ...(step >= DAY_S ? { incrs: [1, 2, 7, 14, 28].map((days) => days * DAY_S) } : {}),
            values: (_chart, splits, _axis, _space, every) => clock.marks(splits, every),
          },
          { ...axis, size: 48, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 1e5] },
        ],
        hooks: {
          drawClear: [(chart) => shadeGaps(chart, step, shift)],
          setCursor: [(chart) => (reading.textContent = readingAt(chart, clock))],
        },
      },
      data,
      canvas,
    );
  });
  // It has no width before it is in the document.
  requestAnimationFrame(() => canvas.isConnected && plots.get(canvas)?.());
}

/** Return how times are written under a chart and beside its cursor. */
function clockOf(timeZone, step) {
  const format = (options) => {
    const made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone });
    return (at) => made.format(new Date(at * 1000));
  };
  const day = format({ day: "numeric", month: "short" });
  const time = format({ hour: "2-digit", minute: "2-digit" });
  const whole = { weekday: "short", day: "numeric", month: "short" };
  const marks = (splits, every) =>
    splits.map((at) => (every >= DAY_S || time(at) === "00:00" ? day(at) : time(at)));
  return { marks, moment: format(step >= DAY_S ? whole : { ...whole, hour: "2-digit", minute: "2-digit" }) };
}

/** Fill the times in grey in which nothing was seen: that is not the same as nothing in view. */
function shadeGaps(chart, step, shift) {
  const [times, first] = chart.data;
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.fillStyle = colour("--unseen");
  times.forEach((at, n) => {
    if (first[n] !== null) return;
    const left = Math.max(bbox.left, chart.valToPos(at - shift, "x", true));
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(at - shift + step, "x", true));
    ctx.fillRect(Math.floor(left), bbox.top, Math.ceil(right) - Math.floor(left), bbox.height);
  });
  ctx.restore();
}

function readingAt(chart, clock) {
  const n = chart.cursor.idx;
  if (n === null || n === undefined) return "\u00a0";
  const [times, ...values] = chart.data;
  const numbers = values.map((value, place) => `${chart.series[place + 1].label} ${value[n] ?? ""}`);
  return `${clock.moment(times[n])}: ${values[0][n] === null ? "not seen" : numbers.join(", ")}`;
}

/** Draw the alerts of each camera as bars, with their marks and the expected number. */
export function drawRates(place, rows) {
  const most = Math.max(1, ...rows.map((row) => Math.max(row.alerts, row.expected ?? 0)));
  const line = (row) => {
    const bar = element("span", { class: `bar-fill ${row.mark ? row.mark.replace(" ", "-") : ""}` });
    bar.style.width = `${(100 * row.alerts) / most}%`;
    const track = element("span", { class: "bar-track", "aria-hidden": "true" }, bar);
    if (row.expected !== null) {
      const tick = element("span", { class: "bar-tick" });
      tick.style.left = `${(100 * row.expected) / most}%`;
      track.append(tick);
    }
    const mark = row.mark
      ? element("span", { class: `badge ${row.mark === "too many" ? "bad" : "warn"}`, title: row.why }, row.mark)
      : null;
    return element(
      "li",
      {},
      element("span", { class: "bar-name" }, row.camera_id),
      track,
      element("span", { class: "bar-number" }, number(row.alerts), mark && " ", mark),
      row.why ? element("span", { class: "bar-why hint" }, row.why) : null,
    );
  };
  bars(place, rows.map(line));
}

/** Draw the share of each kind of object at each camera. */
export function drawLabels(place, rows) {
  const totals = new Map();
  for (const row of rows) totals.set(row.label, (totals.get(row.label) ?? 0) + row.different);
  const order = [...totals.keys()].sort((one, two) => totals.get(two) - totals.get(one));
  const named = order.slice(0, SERIES.length - (order.length > SERIES.length ? 1 : 0));
  const series = (label) => SERIES[named.includes(label) ? named.indexOf(label) : SERIES.length - 1];
  const cameras = [...new Set(rows.map((row) => row.camera_id))];
  const line = (camera) => {
    const own = rows.filter((row) => row.camera_id === camera);
    const parts = own.map((row) => {
      const part = element("span", { class: "part" });
      part.style.width = `${100 * row.share}%`;
      part.style.background = `var(${series(row.label)})`;
      return part;
    });
    const first = own.slice(0, 3).map((row) => `${row.label} ${number(row.different)} (${number(100 * row.share)} %)`);
    return element(
      "li",
      {},
      element("span", { class: "bar-name" }, camera),
      element("span", { class: "bar-track parts", "aria-hidden": "true" }, ...parts),
      element("span", { class: "bar-number" }, own[0].label),
      element("span", { class: "bar-why hint" }, first.join(", ")),
    );
  };
  place.append(legend(order.length > named.length ? [...named, "other"] : named));
  bars(place, cameras.map(line));
}

/** Draw how often each line was crossed, in and out. */
export function drawLines(place, rows) {
  const sums = new Map();
  for (const row of rows) {
    const key = `${row.camera_id}: ${row.line}`;
    const sum = sums.get(key) ?? { in: 0, out: 0 };
    sums.set(key, { in: sum.in + row.in, out: sum.out + row.out });
  }
  const most = Math.max(1, ...[...sums.values()].flatMap((sum) => [sum.in, sum.out]));
  const line = ([name, sum]) => {
    const track = (way, kind) => {
      const bar = element("span", { class: `bar-fill ${kind}` });
      bar.style.width = `${(100 * sum[way]) / most}%`;
      return element("span", { class: "bar-track thin" }, bar);
    };
    return element(
      "li",
      {},
      element("span", { class: "bar-name" }, name),
      element("span", { class: "tracks", "aria-hidden": "true" }, track("in", "way-in"), track("out", "way-out")),
      element("span", { class: "bar-number" }, `${number(sum.in)} in, ${number(sum.out)} out`),
    );
  };
  place.append(legend(["in", "out"]));
  bars(place, [...sums.entries()].map(line));
}

/** Show lines of a list, the first ones at once and all on request. */
function bars(place, lines) {
  const list = element("ul", { class: "bars" }, ...lines);
  place.append(list);
  if (lines.length <= BARS_SHOWN) return;
  lines.slice(BARS_SHOWN).forEach((line) => (line.hidden = true));
  const more = element("button", { type: "button", class: "more" }, `Show all ${lines.length}`);
  more.addEventListener("click", () => {
    lines.forEach((line) => (line.hidden = false));
    more.remove();
  });
  place.append(more);
}

/** Draw the week as a grid; what a colour means is the text of each cell too. */
export function drawWeek(place, rows, things) {
  const most = Math.max(...rows.map((row) => row.different_per_hour ?? 0));
  const hours = [...Array(24).keys()];
  const head = hours.map((hour) =>
    element("th", { scope: "col" }, element("span", { class: hour % 6 ? "visually-hidden" : "" }, String(hour))),
  );
  const cell = (row) => {
    const value = row.different_per_hour;
    const when = `${WEEKDAYS[row.weekday - 1]} ${String(row.hour).padStart(2, "0")}:00`;
    const notSeen = row.hours_seen > 0 ? "seen too briefly" : "not seen";
    const words = value === null ? notSeen : `${number(value, 1)} ${things} an hour`;
    const made = element(
      "td",
      { class: value === null ? "unseen" : "", title: `${when}: ${words}` },
      element("span", { class: "visually-hidden" }, words),
    );
    made.style.setProperty("--share", `${most ? Math.round((100 * (value ?? 0)) / most) : 0}%`);
    return made;
  };
  const lines = WEEKDAYS.map((day, n) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, element("abbr", { title: day }, day.slice(0, 3))),
      ...rows.filter((row) => row.weekday === n + 1).map(cell),
    ),
  );
  const grid = element(
    "table",
    { class: "week" },
    element("caption", { class: "visually-hidden" }, `${things} an hour, by hour of the week`),
    element("thead", {}, element("tr", {}, element("td", {}), ...head)),
    element("tbody", {}, ...lines),
  );
  const scale = element("p", { class: "scale hint" }, "0 ", element("span", { class: "scale-bar" }));
  scale.append(` ${number(most, 1)} ${things} an hour`);
  place.append(grid, scale);
}

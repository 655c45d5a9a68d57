// The chart of a camera's last hour: the most objects at once, by minute.

import { element, request, showState } from "../base.js";

const AGAIN_MS = 60000;
/** Of failures: what is away is back in a moment, or not for long. */
const RETRY_MS = 15000;
/** Drawn on the ground of pictures in both themes: the colours of labels are made for that. */
const GROUND = "#1b1f29";
const INK = "#c6cddd";
const RULES = "#39404f";
const DASHES = [[], [8, 4], [2, 3], [8, 3, 2, 3]];

export class LastHour {
  #place;
  #path;
  #chart = null;
  #timer = 0;
  #timeZone;
  #data = null;

  constructor(place, cameraId) {
    this.#place = place;
    this.#path = `/api/live/${encodeURIComponent(cameraId)}/counts`;
    showState(place, "loading", "Reading the counts …");
    new ResizeObserver(() => this.#fit()).observe(place);
  }

  set timeZone(name) {
    if (name === this.#timeZone) return;
    this.#timeZone = name;
    if (this.#data) this.#draw();
  }

  async read() {
    clearTimeout(this.#timer);
    let pause = AGAIN_MS;
    if (!document.hidden) {
      try {
        this.#data = await request(this.#path);
        this.#draw();
      } catch (error) {
        pause = RETRY_MS;
        this.#chart = null;
        showState(this.#place, "error", error.message, { name: "Try again", run: () => this.read() });
      }
    }
    this.#timer = setTimeout(() => this.read(), pause);
  }

  #draw() {
    const { times, series } = this.#data;
    this.#chart?.destroy();
    this.#chart = null;
    if (!series.length) {
      showState(this.#place, "empty", "Nothing was counted in the last hour.");
      return;
    }
    const chart = element("div", { class: "chart", "aria-hidden": "true" });
    const legend = element("ul", { class: "legend", "aria-label": "The most at once" },
      ...series.map(({ label, colour, most }, index) => element("li", {},
        key(colour, DASHES[index]), `${label}: at most ${Math.max(...most.map((each) => each ?? 0))}`)));
    this.#place.replaceChildren(legend, chart);
    const axis = { stroke: INK, grid: { stroke: RULES, width: 1 }, ticks: { stroke: RULES }, font: "12px system-ui" };
    this.#chart = new uPlot({
      width: Math.max(200, this.#place.clientWidth),
      height: 190,
      padding: [12, 12, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), this.#timeZone),
      cursor: { show: false },
      legend: { show: false },
      scales: { y: { range: (_, __, most) => [0, Math.max(2, most + 1)] } },
      axes: [
        { ...axis, values: "{HH}:{mm}" },
        { ...axis, size: 34, incrs: [1, 2, 5, 10, 20, 50, 100] },
      ],
      series: [
        {},
        ...series.map(({ label, colour }, index) => ({
          label, stroke: colour, width: 2, dash: DASHES[index], points: { show: false },
          paths: uPlot.paths.stepped({ align: 1 }),
        })),
      ],
      hooks: { drawClear: [(plot) => {
        plot.ctx.fillStyle = GROUND;
        plot.ctx.fillRect(0, 0, plot.ctx.canvas.width, plot.ctx.canvas.height);
      }] },
    }, [times, ...series.map(({ most }) => most)], chart);
  }

  #fit() {
    this.#chart?.setSize({ width: Math.max(200, this.#place.clientWidth), height: 190 });
  }
}

/** Return a piece of the line as it is in the chart. */
function key(colour, dash) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  const give = (node, values) =>
    Object.entries(values).forEach(([name, value]) => node.setAttribute(name, value));
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  give(svg, { width: 36, height: 16, "aria-hidden": "true" });
  give(ground, { width: 36, height: 16, rx: 3, fill: GROUND });
  give(line, { x1: 4, x2: 32, y1: 8, y2: 8, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash.join(" ") });
  svg.append(ground, line);
  return svg;
}

// The chart of a face's probabilities over the last 30 seconds.

import { element } from "./elements.js";
import { resize } from "./frames.js";

const CHART = 30000; // milliseconds
const MARGIN = 14; // pixels above and below for the texts

/** A chart with a line per label; `canvas` is its element. */
export class Chart {
  constructor(settings, attributes) {
    this.settings = settings;
    this.canvas = element("canvas", {
      role: "img",
      "aria-label": "Chart: the largest face's seven probabilities over the last 30 seconds",
      ...attributes,
    });
    this.clear();
  }

  clear() {
    this.results = []; // {at, probabilities}; probabilities are undefined without a face
  }

  add(at, probabilities) {
    this.results.push({ at, probabilities });
  }

  /** The list of the labels' colors. */
  legend(attributes) {
    const { labels, colors } = this.settings;
    const entries = labels.map((label) => {
      const entry = element("li", {}, label);
      entry.style.setProperty("--fer-color", colors[label]);
      return entry;
    });
    return element("ul", { "aria-label": "Colors of the chart", ...attributes }, ...entries);
  }

  draw(now) {
    this.results = this.results.filter(({ at }) => now - at < CHART);
    const { canvas } = this;
    resize(canvas, canvas.clientWidth, canvas.clientHeight);
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    this.drawAxes(context);
    context.lineWidth = 2;
    this.settings.labels.forEach((label, index) => {
      context.strokeStyle = this.settings.colors[label];
      this.drawLine(context, index, now);
    });
  }

  drawLine(context, index, now) {
    const { width, height } = this.canvas;
    const x = (at) => width * (1 - (now - at) / CHART);
    const y = (share) => MARGIN + (height - 2 * MARGIN) * (1 - share);
    let drawn = false; // a line is broken where there was no face
    context.beginPath();
    for (const { at, probabilities } of this.results) {
      if (drawn && probabilities) context.lineTo(x(at), y(probabilities[index]));
      else if (probabilities) context.moveTo(x(at), y(probabilities[index]));
      drawn = Boolean(probabilities);
    }
    context.stroke();
  }

  drawAxes(context) {
    const { width, height } = this.canvas;
    context.lineWidth = 1;
    context.fillStyle = context.strokeStyle = getComputedStyle(this.canvas).color;
    context.font = "11px sans-serif";
    context.fillText("100%", 0, MARGIN - 3);
    context.fillText("30 seconds ago", 0, height - 2);
    context.strokeRect(0, MARGIN, width, height - 2 * MARGIN);
  }
}

// A table of probabilities.

import { element } from "./elements.js";
import { percent } from "./faces.js";

/** A table with a number and a bar per label; `root` is its element. */
export class ProbabilityTable {
  constructor({ labels, colors }) {
    this.caption = element("caption");
    this.rows = labels.map((label) => {
      const number = element("td", { class: "number" });
      const bar = element("div", { class: "bar" });
      bar.style.backgroundColor = colors[label];
      const cell = element("td", {}, element("div", { class: "scale" }, bar));
      const row = element("tr", {}, element("th", { scope: "row" }, label), number, cell);
      return { row, number, bar };
    });
    const body = element("tbody", {}, ...this.rows.map(({ row }) => row));
    this.root = element("table", {}, this.caption, body);
  }

  show(title, probabilities) {
    this.caption.textContent = title;
    this.rows.forEach(({ number, bar }, index) => {
      number.textContent = bar.style.width = percent(probabilities[index]);
    });
  }
}

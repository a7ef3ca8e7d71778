// What users save. Nothing else leaves the browser.

import { element } from "./elements.js";

/** Save a Blob as a file. */
export function download(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** Save a video's frame and the overlay's boxes as they are seen. */
export function saveSnapshot(video, overlay, mirrored) {
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = element("canvas", { width, height });
  const context = canvas.getContext("2d");
  if (mirrored) context.setTransform(-1, 0, 0, 1, width, 0);
  context.drawImage(video, 0, 0, width, height);
  context.resetTransform();
  context.drawImage(overlay, 0, 0, width, height);
  canvas.toBlob((blob) => download(blob, "expression.png"));
}

/** A table of the faces shown, for spreadsheets: one row per face and time (or image). */
export class FaceTable {
  constructor(settings, when) {
    this.settings = settings;
    this.header = [when, "face", "x", "y", "width", "height", "label", ...settings.labels];
    this.clear();
  }

  clear() {
    this.rows = [];
  }

  /** Add a face: when it was shown, its number, and what was shown of it. */
  add(when, number, { box, label, probabilities }) {
    const shares = probabilities.map((probability) => probability.toFixed(4));
    this.rows.push([when, number, ...box.map(Math.round), label, ...shares].map(quote).join(","));
  }

  /** Keep the last rows only. */
  limit(count) {
    if (this.rows.length > count) this.rows = this.rows.slice(-count);
  }

  save() {
    const text = [this.header.join(","), ...this.rows, ""].join("\r\n");
    download(new Blob([text], { type: "text/csv" }), "expressions.csv");
  }
}

/** A value of a CSV file; file names may hold anything, and no spreadsheet may run them. */
function quote(value) {
  const text = String(value);
  if (/^-?[\w.:]*$/.test(text)) return text;
  return `"${text.replace(/^[=+@\t\r-]/, "'$&").replaceAll('"', '""')}"`;
}

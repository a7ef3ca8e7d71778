// The Image page: an image by file, drop, paste, or example; a box around each face, and its bars.

import { FaceTable } from "../../live/javascript/downloads.js";
import { drawBox } from "../../live/javascript/drawing.js";
import { colorOf, countFaces, describeFace, labelOf } from "../../live/javascript/faces.js";
import { drawReduced } from "../../live/javascript/frames.js";
import { ProbabilityTable } from "../../live/javascript/probability_table.js";
import { engine } from "./engine.js";
import { Failure } from "./failure.js";
import { settings } from "./settings.js";

const SHOWN_SIDE = 1200; // pixels to which the longer side of a shown image is reduced
const TITLE_SIZE = 16; // pixels
const [drop, file, status, whole, csv, result, canvas, tables] = [
  "drop",
  "file",
  "status",
  "whole",
  "csv",
  "result",
  "image",
  "faces",
].map((id) => document.getElementById(id));
const log = new FaceTable(settings, "image");
let current = null; // the shown image: {blob, name}
let newest = 0; // number of the newest request; responses to older ones are not shown

/** Analyze an image, a Blob or the promise of one. */
async function analyze(source, name, options) {
  const request = ++newest;
  whole.hidden = true;
  result.hidden = true;
  status.textContent = "Analyzing the image …";
  try {
    const blob = await source;
    const { faces } = await engine.analyzeImage(blob, options);
    const bitmap = await createImageBitmap(blob);
    if (request !== newest) return;
    current = { blob, name };
    show(bitmap, name, faces.map(withLabel));
  } catch (error) {
    if (request === newest) status.textContent = explain(error);
  }
}

function withLabel(face) {
  return { ...face, label: labelOf(face.probabilities, settings) };
}

function explain(error) {
  if (error instanceof Failure) return error.message;
  // The bitmap fails with a DOMException, the fetch of an example with a TypeError.
  return error instanceof DOMException
    ? "This browser can't show the image. Choose another."
    : "The server doesn't respond. Check that it is running.";
}

function show(bitmap, name, faces) {
  const context = drawReduced(canvas, bitmap, SHOWN_SIDE);
  const scale = canvas.width / bitmap.width;
  faces.forEach((face, index) => {
    const scaled = face.box.map((length) => length * scale);
    const title = `${index + 1} ${face.label}`;
    drawBox(context, scaled, title, colorOf(face.label, settings), { size: TITLE_SIZE });
    log.add(name, index + 1, face);
  });
  tables.replaceChildren(...faces.map(tableOf));
  result.hidden = false;
  whole.hidden = faces.length > 0;
  csv.disabled = log.rows.length === 0;
  status.textContent =
    faces.length > 0
      ? countFaces(faces.map((face) => describeFace(face, settings)))
      : "No face found. If the image shows only a face, cut out closely, use the whole image.";
}

function tableOf({ label, probabilities }, index) {
  const table = new ProbabilityTable(settings);
  table.show(`Face ${index + 1}: ${label}`, probabilities);
  return table.root;
}

function analyzeFirst(files) {
  if (files.length > 0) analyze(files[0], files[0].name);
}

file.addEventListener("change", () => analyzeFirst(file.files));
whole.addEventListener("click", () => analyze(current.blob, current.name, { whole: true }));
csv.addEventListener("click", () => log.save());
document.addEventListener("paste", (event) => analyzeFirst(event.clipboardData.files));
// An image dropped beside the field must not replace the page.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  analyzeFirst(event.dataTransfer.files);
});
for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => {
    const image = fetch(button.dataset.example).then((response) => response.blob());
    analyze(image, button.textContent.trim());
  });
}
engine.load().catch((error) => {
  status.textContent = error.message;
});

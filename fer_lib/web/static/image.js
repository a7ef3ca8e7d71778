// The Image page: a picture by file, drop, paste or example; its faces boxed, with their bars.

import { Refusal, bars, colourOf, drawBox, percent, predict, summary } from "./faces.js";

const widest = 1200; // pixels that the picture is shown with
const [drop, file, status, whole, result, picture, faces] = [
  "drop", "file", "status", "whole", "result", "picture", "faces",
].map((id) => document.getElementById(id));
let current = null; // the picture on show
let asked = 0; // the newest question; answers to older ones are not shown

/** Ask about a picture, a Blob or the promise of one. */
async function ask(source, options = { small: true }) {
  const question = ++asked;
  whole.hidden = true;
  result.hidden = true;
  status.textContent = "Looking at the picture ...";
  try {
    const blob = await source;
    const answer = await predict(blob, options);
    const bitmap = await createImageBitmap(blob);
    if (question !== asked) return;
    current = blob;
    show(bitmap, answer.faces);
  } catch (error) {
    if (question === asked) status.textContent = sentenceOf(error);
  }
}

function sentenceOf(error) {
  if (error instanceof Refusal) return error.message;
  // The bitmap fails with a DOMException, the fetch of an example with a TypeError.
  return error instanceof DOMException
    ? "This browser cannot show that picture."
    : "The server does not answer: is it still running?";
}

function show(bitmap, found) {
  const scale = Math.min(1, widest / Math.max(bitmap.width, bitmap.height));
  picture.width = Math.round(bitmap.width * scale);
  picture.height = Math.round(bitmap.height * scale);
  const context = picture.getContext("2d");
  context.drawImage(bitmap, 0, 0, picture.width, picture.height);
  found.forEach((face, index) => {
    const title = `${index + 1} ${face.label}`;
    drawBox(context, face.box.map((number) => number * scale), title, colourOf(face.label));
  });
  faces.replaceChildren(...found.map(tableOf));
  result.hidden = false;
  whole.hidden = found.length > 0;
  status.textContent = found.length > 0
    ? summary(found.map(titleOf))
    : "No face found. If the picture is cut close around one face, take it as a whole.";
}

function tableOf(face, index) {
  const { table, show } = bars();
  show(`Face ${index + 1}: ${face.label}`, face.probabilities);
  return table;
}

const titleOf = ({ label, probabilities }) =>
  label in probabilities ? `${label} (${percent(probabilities[label])})` : label;

function askFirst(files) {
  if (files.length > 0) ask(files[0]);
}

file.addEventListener("change", () => askFirst(file.files));
whole.addEventListener("click", () => ask(current, { whole: true }));
document.addEventListener("paste", (event) => askFirst(event.clipboardData.files));
// A picture that misses the frame must not replace the page.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  askFirst(event.dataTransfer.files);
});
for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", () => {
    ask(fetch(button.dataset.example).then((response) => response.blob()));
  });
}

// What both widgets use; it is put in front of each one's own script.

const BUSY =
  "No answer from Python. If a cell is running, wait for it or interrupt it; " +
  "if the kernel was restarted, run this cell again.";
const GONE = "The connection to Python is gone: run this cell again.";

// For whatever can have the focus: else JupyterLab takes Enter and letters for its own commands,
// from the focused element even before its parents are asked.
const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

/** A new element with attributes and children. */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Give a canvas its size: at the cost of new memory, so only where it has another. */
function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function button(text, onClick) {
  const node = element("button", { type: "button", ...OWN_KEYS }, text);
  node.addEventListener("click", onClick);
  return node;
}

/** A traceback to open. */
function details(traceback) {
  const summary = element("summary", OWN_KEYS, "Traceback");
  return element("details", {}, summary, element("pre", {}, traceback));
}

/** A name for this view alone: answers reach every view, in other windows too. */
function newSender() {
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}

/** A sentence that says what went wrong, with a traceback to open where Python gave one. */
class Alert {
  constructor() {
    this.text = element("p", { role: "alert", class: "fer-alert" });
    this.traceback = element("div");
    this.root = element("div", {}, this.text, this.traceback);
    this.say("");
  }

  say(sentence, traceback = "") {
    this.text.textContent = sentence;
    this.traceback.replaceChildren(...(traceback ? [details(traceback)] : []));
  }

  shows(sentence) {
    return this.text.textContent === sentence;
  }

  /** Take these sentences away, and no other: what they said is over. */
  clear(...sentences) {
    if (sentences.some((sentence) => this.shows(sentence))) this.say("");
  }
}

/** "happy 82 %" */
function describeFace(face) {
  return `${face.label} ${Math.round(100 * Math.max(...face.probabilities))} %`;
}

/** The colour of the face's label; white where it is unsure. */
function colourOf(face, classes) {
  return new Map(classes).get(face.label) ?? "#FFFFFF";
}

/** Frame a face: [x, y, width, height] in pixels of the canvas, and a text above if it has room. */
function drawFace(context, [x, y, width, height], text, colour) {
  const size = Math.max(12, Math.round(context.canvas.height / 26));
  context.font = `${size}px sans-serif`;
  context.textBaseline = "middle";
  context.lineWidth = Math.max(2, size / 6);
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);
  if (context.measureText(text).width > 2 * width) return; // texts of a crowd hide each other
  const top = Math.max(0, y - 1.5 * size);
  context.fillStyle = "rgba(0, 0, 0, 0.7)";
  context.fillRect(x, top, context.measureText(text).width + size, 1.5 * size);
  context.fillStyle = "#FFFFFF";
  context.fillText(text, x + size / 2, top + 0.75 * size);
}

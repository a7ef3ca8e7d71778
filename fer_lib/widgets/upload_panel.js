import { drawBox } from "../live/javascript/drawing.js";
import { element } from "../live/javascript/elements.js";
import { colorOf, describeFace } from "../live/javascript/faces.js";
import { drawReduced, encodeReduced } from "../live/javascript/frames.js";
import { Alert, BUSY, button, details, GONE, newSender, OWN_KEYS } from "./view.js";

const MAX_READ = 100e6; // bytes of a file
const THUMBNAIL_SIDE = 320; // pixels of an image in the table
const TITLE_SIZE = 12; // pixels of a thumbnail
const RESPONSE_TIMEOUT = 10000; // milliseconds

class UploadPanel {
  constructor(model, root) {
    this.model = model;
    this.sender = newSender();
    this.settings = model.get("settings");
    this.number = 0;
    this.waiting = new Map(); // what takes the response, by the number of the message
    this.queue = Promise.resolve(); // one file at a time
    this.build(root);
    model.on("msg:custom", (content) => {
      if (content.sender !== this.sender) return;
      this.alert.clear(BUSY);
      this.waiting.get(content.number)?.(content);
      this.waiting.delete(content.number);
    });
  }

  build(root) {
    this.input = element("input", { type: "file", multiple: "", accept: "image/*", ...OWN_KEYS });
    this.input.addEventListener("change", () => {
      this.take(this.input.files);
      this.input.value = ""; // so that the same file can be chosen again
    });
    const label = element("label", {}, "Drop images here, or choose them: ", this.input);
    this.drop = element("div", { class: "fer-drop" }, label);
    this.listenForDrops();
    this.alert = new Alert();
    this.status = element("p", { role: "status" });
    this.buildTable();
    this.clearButton = button("Clear results", () => this.clear());
    root.append(
      element(
        "section",
        { class: "fer-widget", "aria-label": "Images" },
        this.drop,
        this.alert.root,
        this.status,
        this.table,
        this.clearButton,
      ),
    );
    this.clear();
  }

  buildTable() {
    this.rows = element("tbody");
    const headings = ["Image", "File", "What most people would say, largest face first"];
    const head = headings.map((text) => element("th", { scope: "col" }, text));
    this.table = element(
      "table",
      { class: "fer-results" },
      element("caption", {}, "Faces in the images"),
      element("thead", {}, element("tr", {}, ...head)),
      this.rows,
    );
  }

  listenForDrops() {
    const on = (type, act) =>
      this.drop.addEventListener(type, (event) => {
        event.preventDefault(); // otherwise the browser would open the file
        event.stopPropagation(); // otherwise JupyterLab would take it
        act(event);
      });
    const mark = (dragged) => this.drop.classList.toggle("fer-dragged", dragged);
    on("dragover", () => mark(true));
    on("dragleave", () => mark(false));
    on("drop", (event) => {
      mark(false);
      this.take(event.dataTransfer.files);
    });
  }

  clear() {
    this.rows.replaceChildren();
    this.table.hidden = this.clearButton.hidden = true;
    this.status.textContent = "";
    this.alert.show("");
  }

  take(files) {
    this.alert.show(files.length ? "" : "That was not a file. Save the image, then drop its file.");
    for (const file of files) this.queue = this.queue.then(() => this.classify(file));
  }

  async classify(file) {
    this.status.textContent = `Analyzing ${file.name}.`;
    let response;
    let thumbnail = "";
    try {
      response = await this.ask(await this.read(file));
      if (!response.error) thumbnail = await this.draw(file, response);
    } catch (error) {
      response = { error: error.message };
    }
    this.addRow(file, response, thumbnail);
    this.status.textContent = `${file.name}: ${this.describe(response)}`;
  }

  /** The file's bytes; those of a reduced copy if it is too large to be sent. */
  async read(file) {
    if (file.size > MAX_READ) throw new Error("This file is too large. Reduce it and try again.");
    // Python accepts no more, and Jupyter's connection breaks at messages of 10 MiB.
    if (file.size <= this.settings.maxBytes) return file.arrayBuffer();
    const bitmap = await createImageBitmap(file).catch(() => {
      throw new Error("Not an image that this browser can read. Choose another.");
    });
    const canvas = element("canvas");
    const blob = await encodeReduced(canvas, bitmap, this.settings.imageSide);
    bitmap.close();
    return blob.arrayBuffer();
  }

  /** Python's response to an image's bytes. */
  ask(buffer) {
    const number = this.number++;
    const { sender } = this;
    const timeout = setTimeout(() => this.alert.show(BUSY), RESPONSE_TIMEOUT);
    return new Promise((resolve, reject) => {
      this.waiting.set(number, resolve);
      try {
        this.model.send({ sender, number }, undefined, [buffer]);
      } catch {
        reject(new Error(GONE)); // JupyterLab's comm of a kernel that is no more
      }
    }).finally(() => clearTimeout(timeout));
  }

  addRow(file, response, thumbnail) {
    const name = element("th", { scope: "row" }, file.name);
    const result = element("td", {}, this.describe(response));
    if (response.traceback) result.append(details(response.traceback));
    this.rows.append(element("tr", {}, element("td", {}, thumbnail), name, result));
    this.table.hidden = this.clearButton.hidden = false;
  }

  describe({ error, faces, width, height, original }) {
    if (error) return error;
    const reduced = Math.max(...original) > Math.max(width, height);
    const note = reduced ? ` (Reduced from ${original.join("×")} pixels.)` : "";
    if (!faces.length) {
      return `No face found. Use an image with an upright face, seen from the front.${note}`;
    }
    return faces.map((face) => describeFace(face, this.settings)).join("; ") + note;
  }

  /** A small copy of the image, with a box around each face. */
  async draw(file, { faces, width }) {
    const canvas = element("canvas", {
      role: "img",
      "aria-label": `${file.name}, with a box around each face: ${faces.length}`,
    });
    const bitmap = await createImageBitmap(file);
    const context = drawReduced(canvas, bitmap, THUMBNAIL_SIDE);
    bitmap.close();
    for (const face of faces) {
      const box = face.box.map((length) => (length * canvas.width) / width);
      // Longer titles would hide each other in a crowd.
      const options = { size: TITLE_SIZE, maxTitleWidth: 2 * box[2] };
      const title = describeFace(face, this.settings);
      drawBox(context, box, title, colorOf(face.label, this.settings), options);
    }
    return canvas;
  }
}

function render({ model, el }) {
  new UploadPanel(model, el);
}

export default { render };

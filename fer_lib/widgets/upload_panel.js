const MOST_SENT = 8e6; // bytes; Jupyter's connection breaks at messages of 10 MiB
const MOST_READ = 100e6; // bytes
const REDUCED_SIDE = 1600; // pixels, as in pictures.py
const THUMBNAIL = 320; // pixels of a picture in the table
const NO_ANSWER = 10000; // milliseconds

class UploadPanel {
  constructor(model, root) {
    this.model = model;
    this.sender = newSender();
    this.classes = model.get("classes");
    this.number = 0;
    this.waiting = new Map(); // what takes the answer, by the number of the message
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
    this.input = element("input", {
      type: "file",
      multiple: "",
      accept: "image/*",
      ...OWN_KEYS,
    });
    this.input.addEventListener("change", () => {
      this.take(this.input.files);
      this.input.value = ""; // so that the same file can be chosen again
    });
    const label = element("label", {}, "Drop pictures here, or choose them: ", this.input);
    this.drop = element("div", { class: "fer-drop" }, label);
    this.listenForDrops();
    this.alert = new Alert();
    this.status = element("p", { role: "status" });
    this.rows = element("tbody");
    const headings = ["Picture", "File", "Expressions, largest face first"];
    const head = headings.map((text) => element("th", { scope: "col" }, text));
    this.table = element(
      "table",
      { class: "fer-results" },
      element("caption", {}, "Faces in the pictures"),
      element("thead", {}, element("tr", {}, ...head)),
      this.rows,
    );
    this.clearButton = button("Clear", () => this.clear());
    root.append(
      element(
        "section",
        { class: "fer-widget", "aria-label": "Pictures" },
        this.drop,
        this.alert.root,
        this.status,
        this.table,
        this.clearButton,
      ),
    );
    this.clear();
  }

  listenForDrops() {
    const on = (type, act) =>
      this.drop.addEventListener(type, (event) => {
        event.preventDefault(); // else the browser would open the file
        event.stopPropagation(); // else JupyterLab would take it
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
    this.alert.say("");
  }

  take(files) {
    this.alert.say(files.length ? "" : "That was no file: save the picture, then drop its file.");
    for (const file of files) this.queue = this.queue.then(() => this.classify(file));
  }

  async classify(file) {
    this.status.textContent = `Looking at ${file.name}.`;
    let answer;
    let picture = "";
    try {
      answer = await this.ask(await this.read(file));
      if (!answer.problem) picture = await this.draw(file, answer);
    } catch (error) {
      answer = { problem: error.message };
    }
    this.addRow(file, answer, picture);
    this.status.textContent = `${file.name}: ${this.inWords(answer)}`;
  }

  /** The file's bytes; those of a reduced copy where it is too large to be sent. */
  async read(file) {
    if (file.size > MOST_READ) throw new Error("This file is too large; reduce it and try again.");
    if (file.size <= MOST_SENT) return file.arrayBuffer();
    const picture = await createImageBitmap(file).catch(() => {
      throw new Error("This file is no picture that the browser knows, whatever its name.");
    });
    const canvas = fitted(picture.width, picture.height, REDUCED_SIDE);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
    return blob.arrayBuffer();
  }

  /** Python's answer to a picture's bytes. */
  ask(buffer) {
    const number = this.number++;
    const { sender } = this;
    const patience = setTimeout(() => this.alert.say(BUSY), NO_ANSWER);
    return new Promise((resolve, reject) => {
      this.waiting.set(number, resolve);
      try {
        this.model.send({ sender, number }, undefined, [buffer]);
      } catch {
        reject(new Error(GONE)); // JupyterLab's comm of a kernel that is no more
      }
    }).finally(() => clearTimeout(patience));
  }

  addRow(file, answer, picture) {
    const name = element("th", { scope: "row" }, file.name);
    const result = element("td", {}, this.inWords(answer));
    if (answer.traceback) result.append(details(answer.traceback));
    this.rows.append(element("tr", {}, element("td", {}, picture), name, result));
    this.table.hidden = this.clearButton.hidden = false;
  }

  inWords({ problem, faces, width, height, original }) {
    if (problem) return problem;
    const reduced = Math.max(...original) > Math.max(width, height);
    const note = reduced ? ` (Reduced from ${original.join(" x ")} pixels.)` : "";
    if (faces.length) return faces.map(describeFace).join("; ") + note;
    return `No face found: take a picture with an upright face, seen from the front.${note}`;
  }

  /** The picture, small, with its faces framed. */
  async draw(file, { faces, width, height }) {
    const canvas = fitted(width, height, THUMBNAIL);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${file.name}, faces framed: ${faces.length}`);
    const context = canvas.getContext("2d");
    const picture = await createImageBitmap(file);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    for (const face of faces) {
      const box = face.box.map((x) => (x * canvas.width) / width);
      drawFace(context, box, describeFace(face), colourOf(face, this.classes));
    }
    return canvas;
  }
}

/** A canvas of these proportions, its longer side at most that. */
function fitted(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  const pixels = (side) => Math.round(side * scale);
  return element("canvas", { width: pixels(width), height: pixels(height) });
}

function render({ model, el }) {
  new UploadPanel(model, el);
}

export default { render };

const LONGEST_SIDE = 640; // pixels of a frame sent: the detectors look at no more
const QUALITY = 0.85;
const IN_FLIGHT = 2; // frames without an answer, at most
const NO_ANSWER = 5000; // milliseconds after which unanswered frames are given up
const NO_PICTURE = 8000; // milliseconds after which a start without a picture is explained
const OUTDATED = 1000; // milliseconds by which boxes may be older than the picture
const CHART = 30000; // milliseconds on the chart
const TICK = 500; // milliseconds between the checks, and between the texts

const ELSEWHERE =
  "This widget was started in another place, a second output or window, so it stopped here. " +
  "Press Start to have it here again.";
const ENDED_CAMERA =
  "The camera is gone: it was unplugged, or switched off. Plug it in and press Start.";
const ENDED = "The film is over. Press Start to see it again.";
const MUTED =
  "The camera sends no pictures: another program may have it, or its cover is shut. " +
  "If they do not come back, press Stop, then Start.";
const SLOW_CAMERA =
  "Still no picture. Answer the browser's question about the camera, or check its cover and plug.";
const SLOW_FILM = "Still no picture: the browser may not know this film's format. Try WebM.";

/** What is wrong when a stream could not be opened, and what to do. */
function explain(error, isCamera) {
  const sentences = {
    NotAllowedError:
      "The camera is not allowed here. Allow it by the sign beside the page's address " +
      "(and in the system's privacy settings), then press Start.",
    NotFoundError:
      "No camera was found (or no microphone, where the stream asks for one). Plug one in and " +
      "press Start, or use a clip or the upload panel instead.",
    NotReadableError:
      "The camera does not start: another program may be using it. Close that and press Start.",
    OverconstrainedError:
      "No camera can do what the stream's constraints ask for. Ask for less, or for nothing.",
    InsecurePage:
      "Browsers give cameras to safe pages only: open this one at localhost or by https.",
  };
  const known = isCamera && sentences[error.name];
  return known || `The stream cannot be opened (${error.message || error}). Run its cell again.`;
}

class LiveView {
  constructor(model, root) {
    this.model = model;
    this.sender = newSender();
    this.classes = model.get("classes");
    this.session = 0; // counts starts and stops: what an earlier one waited for comes to nothing
    this.number = 0; // of the next frame
    this.pending = new Map(); // frames without an answer: when and how each was taken
    this.sending = document.createElement("canvas"); // the reduced frame
    this.isCamera = true;
    this.build(root);
    this.stop();
    model.on("msg:custom", (content) => this.receive(content));
    this.timer = setInterval(() => this.tick(), TICK);
  }

  remove() {
    clearInterval(this.timer);
    this.stop();
  }

  // ---- what is on the page

  build(root) {
    this.startButton = button("Start", () => this.startOrPause());
    this.stopButton = button("Stop", () => {
      this.stop();
      this.startButton.focus(); // a disabled button cannot keep it
    });
    this.mirrorButton = button("Mirror", () => {
      this.mirrorChosen = true;
      this.mirror(!this.mirrored);
    });
    this.snapshotButton = button("Snapshot", () => this.takeSnapshot());
    this.video = element("video", { playsinline: "", "aria-hidden": "true" });
    this.video.muted = true;
    this.overlay = element("canvas", { role: "img", "aria-label": "Picture with framed faces" });
    this.stage = element("div", { class: "fer-stage" }, this.video, this.overlay);
    this.label = element("p", { class: "fer-label", role: "status" });
    this.alert = new Alert();
    this.speed = element("p");
    this.chart = element("canvas", {
      class: "fer-chart",
      role: "img",
      "aria-label": "Chart: the largest face's seven probabilities over the last 30 seconds",
    });
    const buttons = [this.startButton, this.stopButton, this.mirrorButton, this.snapshotButton];
    root.append(
      element(
        "section",
        { class: "fer-widget", "aria-label": "Live view" },
        element("div", { role: "group", "aria-label": "Picture" }, ...buttons),
        this.stage,
        this.label,
        this.alert.root,
        this.speed,
        this.chart,
        this.legend(),
        element("p", {}, this.whereFramesGo()),
      ),
    );
    this.mirror(false);
  }

  legend() {
    const entries = this.classes.map(([label, colour]) =>
      element("li", { style: `--fer-colour: ${colour}` }, label),
    );
    return element("ul", { class: "fer-legend", "aria-label": "Colours of the chart" }, ...entries);
  }

  whereFramesGo() {
    const host = location.hostname;
    const here = ["localhost", "127.0.0.1", "[::1]"].includes(host);
    return here
      ? "Frames go to the kernel through localhost, and are not stored."
      : `The kernel is remote: frames travel to ${host}, and are not stored.`;
  }

  enter(state) {
    this.state = state;
    this.since = performance.now();
    this.startButton.textContent = { running: "Pause", paused: "Resume" }[state] ?? "Start";
    this.stopButton.disabled = state === "stopped";
    this.snapshotButton.disabled = !["running", "paused"].includes(state);
    this.describe();
  }

  mirror(on) {
    this.mirrored = on;
    this.mirrorButton.setAttribute("aria-pressed", on);
    this.stage.classList.toggle("fer-mirrored", on);
    this.draw();
  }

  // ---- start, pause, stop

  startOrPause() {
    if (this.state === "running") this.pause();
    else if (this.state === "paused") this.resume();
    else if (this.state === "stopped") this.start();
  }

  async start() {
    const session = ++this.session;
    this.first = true;
    this.alert.say("");
    this.enter("starting");
    try {
      const stream = await this.open();
      if (session !== this.session) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      this.listen(stream, session);
      if (!this.mirrorChosen) this.mirror(this.isCamera); // oneself one knows from mirrors
      this.video.srcObject = stream;
      this.watch(session);
      await this.video.play();
    } catch (error) {
      if (session === this.session) this.fail(explain(error, this.isCamera));
    }
  }

  /** The MediaStream of the ipywebrtc widget, this view's own. */
  async open() {
    const reference = this.model.get("stream");
    const source = await this.model.widget_manager.get_model(reference.replace("IPY_MODEL_", ""));
    this.isCamera = source.get("_model_name") === "CameraStreamModel";
    if (this.isCamera && !navigator.mediaDevices) throw { name: "InsecurePage" };
    try {
      return await source.captureStream();
    } finally {
      // ipywebrtc keeps a camera's stream, a refused or stopped one too: let it ask each time.
      source.cameraStream = undefined;
    }
  }

  listen(stream, session) {
    const current = (act) => () => session === this.session && act();
    for (const track of stream.getVideoTracks()) {
      track.onended = current(() => this.fail(this.isCamera ? ENDED_CAMERA : ENDED));
      if (this.isCamera) track.onmute = current(() => this.alert.say(MUTED));
    }
  }

  pause() {
    this.video.pause();
    this.pending.clear();
    this.enter("paused");
  }

  resume() {
    this.alert.say("");
    this.lastPicture = performance.now();
    this.enter("running");
    const session = this.session;
    this.video.play().catch((error) => {
      if (session === this.session) this.fail(explain(error, this.isCamera));
    });
  }

  /** Stop, and let the camera go: its light goes out. */
  stop() {
    this.session++;
    this.video.srcObject?.getTracks().forEach((track) => track.stop());
    this.video.srcObject = null;
    this.pending.clear();
    this.pictures = []; // when each was shown
    this.results = []; // of the chart's time: {at, total, probabilities}
    this.times = []; // of the frames shown since the last message
    this.milliseconds = {};
    this.faces = null; // until Python's first answer
    this.enter("stopped");
    this.draw();
  }

  fail(sentence, traceback) {
    this.stop();
    this.alert.say(sentence, traceback);
  }

  // ---- frames out, answers in

  /** At every picture of the stream: send it if Python keeps up. */
  watch(session) {
    this.video.requestVideoFrameCallback(() => {
      if (session !== this.session) return;
      if (this.state === "starting") this.enter("running");
      this.alert.clear(MUTED, SLOW_CAMERA, SLOW_FILM);
      this.lastPicture = performance.now();
      this.pictures.push(this.lastPicture);
      if (this.state === "running" && this.pending.size < IN_FLIGHT && !this.encoding) {
        this.sendFrame(session);
      }
      this.watch(session);
    });
  }

  async sendFrame(session) {
    const taken = performance.now();
    let buffer;
    this.encoding = true;
    try {
      buffer = await this.encode();
    } catch (error) {
      if (session === this.session) {
        this.fail(`The browser cannot read this picture (${error.message}). Try another stream.`);
      }
      return;
    } finally {
      this.encoding = false;
    }
    if (session !== this.session || this.state !== "running") return;
    const scale = this.video.videoWidth / this.sending.width;
    const number = this.number++;
    this.pending.set(number, { taken, scale, encode: performance.now() - taken });
    const { sender, first } = this;
    this.first = false;
    try {
      this.model.send({ sender, number, first, times: this.times }, undefined, [buffer]);
      this.times = [];
    } catch {
      this.fail(GONE); // JupyterLab's comm of a kernel that is no more
    }
  }

  /** The picture as JPEG bytes, reduced to LONGEST_SIDE. */
  async encode() {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
    const pixels = (side) => Math.max(1, Math.round(side * scale));
    resize(this.sending, pixels(videoWidth), pixels(videoHeight));
    const context = this.sending.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.video, 0, 0, this.sending.width, this.sending.height);
    const blob = await new Promise((done) => this.sending.toBlob(done, "image/jpeg", QUALITY));
    if (!blob) throw new Error("it has no pixels");
    return blob.arrayBuffer();
  }

  receive(content) {
    if (content.sender !== this.sender) return;
    this.alert.clear(BUSY);
    const sent = this.pending.get(content.number);
    this.pending.delete(content.number);
    if (content.problem) {
      if (this.state === "running") this.pause(); // else the next answer would replace the sentence
      this.alert.say(content.problem, content.traceback);
    } else if (!sent) {
      return; // of an earlier session, or given up
    } else if (content.elsewhere) {
      this.fail(ELSEWHERE);
    } else {
      this.show(content, sent);
    }
  }

  show(content, { taken, scale, encode }) {
    this.faces = content.faces.map((face) => ({ ...face, box: face.box.map((x) => x * scale) }));
    this.facesTaken = taken;
    this.draw();
    const at = performance.now();
    const total = at - taken;
    this.milliseconds = { encode, ...content.milliseconds };
    this.times.push({ ...this.milliseconds, total });
    this.results.push({ at, total, probabilities: this.faces[0]?.probabilities });
    if (this.faces.length) this.lastFace = at;
  }

  // ---- twice a second: texts, chart, and what has waited for too long

  tick() {
    const now = performance.now();
    this.pictures = this.pictures.filter((at) => now - at < 2000);
    this.results = this.results.filter(({ at }) => now - at < CHART);
    this.checkWaiting(now);
    this.describe();
    this.describeSpeed(now);
    this.draw();
    this.drawChart(now);
  }

  checkWaiting(now) {
    if (this.state === "starting" && now - this.since > NO_PICTURE) {
      this.alert.say(this.isCamera ? SLOW_CAMERA : SLOW_FILM);
    }
    // A hidden page gets no pictures, and a still one only one.
    const shown = this.state === "running" && this.isCamera && !document.hidden;
    if (shown && now - this.lastPicture > NO_PICTURE) this.alert.say(MUTED);
    const [oldest] = this.pending.values();
    if (oldest && now - oldest.taken > NO_ANSWER) {
      this.pending.clear(); // so that frames go on and find out when Python is back
      this.alert.say(BUSY);
    }
  }

  /** The sentence for eyes and screen readers; it changes at most twice a second. */
  describe() {
    const sentences = {
      stopped: "Stopped.",
      starting: "Waiting for the picture; if the browser asks for the camera, allow it.",
      paused: this.isCamera ? "Paused; the camera is still on, Stop turns it off." : "Paused.",
      running: this.describeFaces(),
    };
    const sentence = sentences[this.state];
    if (this.label.textContent !== sentence) this.label.textContent = sentence;
  }

  describeFaces() {
    if (!this.faces || this.alert.shows(BUSY)) return "Waiting for Python.";
    const [largest, ...others] = this.faces;
    if (!largest) {
      const lately = performance.now() - (this.lastFace ?? 0) < 2 * TICK;
      return lately
        ? this.label.textContent
        : "No face found: look into the camera, come closer, turn on a light.";
    }
    const many = ` (the largest of ${this.faces.length} faces)`;
    return largest.label + (others.length ? many : "");
  }

  describeSpeed(now) {
    const recent = this.results.filter(({ at }) => now - at < 2000);
    if (!recent.length) {
      this.speed.textContent = "";
      return;
    }
    const totals = this.results.map(({ total }) => total).sort((a, b) => a - b);
    const quantile = (share) => Math.round(totals[Math.floor(share * (totals.length - 1))]);
    const stages = Object.entries(this.milliseconds).map(([name, x]) => `${name} ${x.toFixed(1)}`);
    this.speed.textContent =
      `${(this.pictures.length / 2).toFixed(0)} pictures and ${(recent.length / 2).toFixed(0)} ` +
      `results a second; delay ${quantile(0.5)} ms (95 % within ${quantile(0.95)} ms): ` +
      `${stages.join(", ")}`;
  }

  // ---- drawing

  draw() {
    const { videoWidth, videoHeight } = this.video;
    resize(this.overlay, videoWidth, videoHeight);
    this.stage.style.aspectRatio = videoWidth ? `${videoWidth} / ${videoHeight}` : "";
    const context = this.overlay.getContext("2d");
    context.clearRect(0, 0, videoWidth, videoHeight);
    if (!this.faces?.length || this.lastPicture - this.facesTaken > OUTDATED) return;
    for (const face of this.faces) {
      const [x, y, width, height] = face.box;
      const left = this.mirrored ? videoWidth - x - width : x;
      const colour = colourOf(face, this.classes);
      drawFace(context, [left, y, width, height], describeFace(face), colour);
    }
    this.drawBars(context, this.faces[0].probabilities);
  }

  /** The largest face's probabilities, in the picture's lower left corner. */
  drawBars(context, probabilities) {
    const row = context.canvas.height / 30;
    const top = context.canvas.height - row * (this.classes.length + 0.5);
    context.font = `${0.8 * row}px sans-serif`;
    context.fillStyle = "rgba(0, 0, 0, 0.6)";
    context.fillRect(0, top, 11 * row, row * (this.classes.length + 0.5));
    this.classes.forEach(([label, colour], index) => {
      const y = top + row * (index + 0.25);
      context.fillStyle = colour;
      context.fillRect(4.5 * row, y + 0.15 * row, 6 * row * probabilities[index], 0.7 * row);
      context.fillStyle = "#FFFFFF";
      context.fillText(label, 0.3 * row, y + 0.5 * row);
    });
  }

  drawChart(now) {
    const { chart } = this;
    resize(chart, chart.clientWidth, chart.clientHeight);
    const context = chart.getContext("2d");
    context.clearRect(0, 0, chart.width, chart.height);
    context.lineWidth = 1;
    const margin = 14;
    const x = (at) => chart.width * (1 - (now - at) / CHART);
    const y = (share) => margin + (chart.height - 2 * margin) * (1 - share);
    context.fillStyle = context.strokeStyle = getComputedStyle(chart).color;
    context.font = "11px sans-serif";
    context.fillText("100 %", 0, margin - 3);
    context.fillText("30 seconds ago", 0, chart.height - 2);
    context.strokeRect(0, margin, chart.width, chart.height - 2 * margin);
    context.lineWidth = 2;
    this.classes.forEach(([, colour], index) => {
      context.strokeStyle = colour;
      context.beginPath();
      let drawn = false; // a line is broken where there was no face
      for (const { at, probabilities } of this.results) {
        if (drawn && probabilities) context.lineTo(x(at), y(probabilities[index]));
        else if (probabilities) context.moveTo(x(at), y(probabilities[index]));
        drawn = Boolean(probabilities);
      }
      context.stroke();
    });
  }

  /** Download picture and frames as they are seen; it does not leave the browser otherwise. */
  takeSnapshot() {
    const { width, height } = this.overlay;
    const canvas = element("canvas", { width, height });
    const context = canvas.getContext("2d");
    if (this.mirrored) context.setTransform(-1, 0, 0, 1, width, 0);
    context.drawImage(this.video, 0, 0, width, height);
    context.resetTransform();
    context.drawImage(this.overlay, 0, 0);
    canvas.toBlob((blob) => {
      const link = element("a", { href: URL.createObjectURL(blob), download: "expression.png" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
}

function render({ model, el }) {
  const view = new LiveView(model, el);
  return () => view.remove();
}

export default { render };

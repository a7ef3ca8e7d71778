import {
  CAMERA_ENDED,
  CAMERA_MUTED,
  CAMERA_SLOW,
  explainCameraError,
  FRAME_TIMEOUT,
  stopStream,
} from "../live/javascript/camera.js";
import { Chart } from "../live/javascript/chart.js";
import { saveSnapshot } from "../live/javascript/downloads.js";
import { barsSize, drawBars, drawBox } from "../live/javascript/drawing.js";
import { element, setText } from "../live/javascript/elements.js";
import { colorOf, describeFace } from "../live/javascript/faces.js";
import { encodeReduced, MAX_IN_FLIGHT, resize } from "../live/javascript/frames.js";
import { Alert, BUSY, button, GONE, newSender } from "./view.js";

const RESPONSE_TIMEOUT = 5000; // milliseconds after which frames in flight are given up
const OUTDATED = 1000; // milliseconds by which boxes may be older than the frame
const MEASURED = 30000; // milliseconds over which the latency is measured
const RECENT = 2000; // milliseconds over which rates are measured
const TICK = 500; // milliseconds between the checks, and between the texts

const ELSEWHERE =
  "This widget was started in another output or window, so it stopped here. " +
  "Press Start to use it here.";
const VIDEO_ENDED = "The video has ended. Press Start to play it again.";
const SLOW_VIDEO = "Still no frame. This browser may not know the video's format: try WebM.";
const NO_CAMERA =
  " If the stream asks for a microphone, connect one, too. Without a camera, use the sample video " +
  "or the upload panel.";

/** What went wrong when a stream couldn't be opened, and what to do. */
function explain(error, isCamera) {
  if (!isCamera) {
    return `The stream can't be opened (${error.message || error}). Run its cell again.`;
  }
  return explainCameraError(error) + (error.name === "NotFoundError" ? NO_CAMERA : "");
}

class LiveView {
  constructor(model, root) {
    this.model = model;
    this.sender = newSender();
    this.settings = model.get("settings");
    this.session = 0; // counts starts and stops: what an earlier one waited for is ignored
    this.number = 0; // of the next frame
    this.inFlight = new Map(); // frames without a response: when and how each was taken
    this.canvas = document.createElement("canvas"); // the reduced frame
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
    this.buildStage();
    this.label = element("p", { class: "fer-label", role: "status" });
    this.alert = new Alert();
    this.speed = element("p");
    this.chart = new Chart(this.settings, { class: "fer-chart" });
    root.append(
      element(
        "section",
        { class: "fer-widget", "aria-label": "Live view" },
        this.controls(),
        this.stage,
        this.label,
        this.alert.root,
        this.speed,
        this.chart.canvas,
        this.chart.legend({ class: "fer-legend" }),
        element("p", {}, this.whereFramesGo()),
      ),
    );
    this.mirror(false);
  }

  buildStage() {
    this.video = element("video", { playsinline: "", "aria-hidden": "true" });
    this.video.muted = true;
    this.overlay = element("canvas", {
      role: "img",
      "aria-label": "Video with a box around each face",
    });
    this.stage = element("div", { class: "fer-stage" }, this.video, this.overlay);
  }

  controls() {
    this.startButton = button("Start", () => this.startOrPause());
    this.stopButton = button("Stop", () => {
      this.stop();
      this.startButton.focus(); // a disabled button can't keep it
    });
    this.mirrorButton = button("Mirror", () => {
      this.mirrorChosen = true;
      this.mirror(!this.mirrored);
    });
    this.snapshotButton = button("Save snapshot", () =>
      saveSnapshot(this.video, this.overlay, this.mirrored),
    );
    return element(
      "div",
      { role: "group", "aria-label": "Video" },
      this.startButton,
      this.stopButton,
      this.mirrorButton,
      this.snapshotButton,
    );
  }

  whereFramesGo() {
    const host = location.hostname;
    const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(host);
    return isLocal
      ? "Frames go to the kernel through localhost and aren't stored."
      : `The kernel is remote: frames are sent to ${host} and aren't stored.`;
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
    this.alert.show("");
    this.enter("starting");
    try {
      const stream = await this.open();
      if (session !== this.session) {
        stopStream(stream);
        return;
      }
      this.listen(stream, session);
      if (!this.mirrorChosen) this.mirror(this.isCamera); // people know themselves from mirrors
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
    try {
      return await source.captureStream();
    } finally {
      // ipywebrtc keeps a camera's stream, a denied or stopped one too: let it ask each time.
      source.cameraStream = undefined;
    }
  }

  listen(stream, session) {
    const current = (act) => () => session === this.session && act();
    for (const track of stream.getVideoTracks()) {
      track.onended = current(() => this.fail(this.isCamera ? CAMERA_ENDED : VIDEO_ENDED));
      if (this.isCamera) track.onmute = current(() => this.alert.show(CAMERA_MUTED));
    }
  }

  pause() {
    this.video.pause();
    this.inFlight.clear();
    this.enter("paused");
  }

  resume() {
    this.alert.show("");
    this.lastFrame = performance.now();
    this.enter("running");
    const session = this.session;
    this.video.play().catch((error) => {
      if (session === this.session) this.fail(explain(error, this.isCamera));
    });
  }

  /** Stop and release the camera: its light goes out. */
  stop() {
    this.session++;
    stopStream(this.video.srcObject);
    this.video.srcObject = null;
    this.inFlight.clear();
    this.frames = []; // when each was shown
    this.results = []; // {at, total}
    this.chart.clear();
    this.times = []; // of the frames shown since the last message
    this.milliseconds = {};
    this.faces = null; // until Python's first response
    this.enter("stopped");
    this.draw();
  }

  fail(message, traceback) {
    this.stop();
    this.alert.show(message, traceback);
  }

  // ---- frames out, responses in

  /** At every frame of the stream: send it if Python keeps up. */
  watch(session) {
    this.video.requestVideoFrameCallback(() => {
      if (session !== this.session) return;
      if (this.state === "starting") this.enter("running");
      this.alert.clear(CAMERA_MUTED, CAMERA_SLOW, SLOW_VIDEO);
      this.lastFrame = performance.now();
      this.frames.push(this.lastFrame);
      if (this.state === "running" && this.inFlight.size < MAX_IN_FLIGHT && !this.encoding) {
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
      const blob = await encodeReduced(this.canvas, this.video, this.settings.frameSide);
      buffer = await blob.arrayBuffer();
    } catch (error) {
      if (session === this.session) {
        this.fail(`The browser can't read this frame (${error.message}). Try another stream.`);
      }
      return;
    } finally {
      this.encoding = false;
    }
    if (session !== this.session || this.state !== "running") return;
    const scale = this.video.videoWidth / this.canvas.width;
    const number = this.number++;
    this.inFlight.set(number, { taken, scale, encode: performance.now() - taken });
    const { sender, first } = this;
    this.first = false;
    try {
      this.model.send({ sender, number, first, times: this.times }, undefined, [buffer]);
      this.times = [];
    } catch {
      this.fail(GONE); // JupyterLab's comm of a kernel that is no more
    }
  }

  receive(content) {
    if (content.sender !== this.sender) return;
    this.alert.clear(BUSY);
    const sent = this.inFlight.get(content.number);
    this.inFlight.delete(content.number);
    if (content.error) {
      if (this.state === "running") this.pause(); // or the next response would replace the message
      this.alert.show(content.error, content.traceback);
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
    this.results.push({ at, total });
    this.chart.add(at, this.faces[0]?.probabilities);
    if (this.faces.length) this.lastFace = at;
  }

  // ---- twice a second: texts, chart, and what has waited for too long

  tick() {
    const now = performance.now();
    this.frames = this.frames.filter((at) => now - at < RECENT);
    this.results = this.results.filter(({ at }) => now - at < MEASURED);
    this.checkTimeouts(now);
    this.describe();
    this.describeSpeed(now);
    this.draw();
    this.chart.draw(now);
  }

  checkTimeouts(now) {
    if (this.state === "starting" && now - this.since > FRAME_TIMEOUT) {
      this.alert.show(this.isCamera ? CAMERA_SLOW : SLOW_VIDEO);
    }
    // A hidden page gets no frames, and a still image only one.
    const expected = this.state === "running" && this.isCamera && !document.hidden;
    if (expected && now - this.lastFrame > FRAME_TIMEOUT) this.alert.show(CAMERA_MUTED);
    const [oldest] = this.inFlight.values();
    if (oldest && now - oldest.taken > RESPONSE_TIMEOUT) {
      this.inFlight.clear(); // so that more frames are sent and find out when Python is back
      this.alert.show(BUSY);
    }
  }

  /** The state in words, for eyes and screen readers; it changes at most twice a second. */
  describe() {
    const texts = {
      stopped: "Stopped.",
      starting: "Waiting for the first frame. If the browser asks for the camera, allow it.",
      paused: this.isCamera ? "Paused. The camera is still on; Stop turns it off." : "Paused.",
      running: this.describeFaces(),
    };
    setText(this.label, texts[this.state]);
  }

  describeFaces() {
    if (!this.faces || this.alert.shows(BUSY)) return "Waiting for Python.";
    const [largest, ...others] = this.faces;
    if (!largest) {
      const lately = performance.now() - (this.lastFace ?? 0) < 2 * TICK;
      return lately
        ? this.label.textContent
        : "No face found. Look into the camera, come closer, or turn on a light.";
    }
    const many = ` (the largest of ${this.faces.length} faces)`;
    return largest.label + (others.length ? many : "");
  }

  describeSpeed(now) {
    const recent = this.results.filter(({ at }) => now - at < RECENT);
    if (!recent.length) {
      this.speed.textContent = "";
      return;
    }
    const totals = this.results.map(({ total }) => total).sort((a, b) => a - b);
    const quantile = (share) => Math.round(totals[Math.floor(share * (totals.length - 1))]);
    const stages = Object.entries(this.milliseconds).map(([name, x]) => `${name} ${x.toFixed(1)}`);
    const perSecond = ({ length }) => ((1000 * length) / RECENT).toFixed(0);
    this.speed.textContent =
      `${perSecond(this.frames)} frames and ${perSecond(recent)} results per second; ` +
      `latency ${quantile(0.5)} ms (95% within ${quantile(0.95)} ms): ${stages.join(", ")}`;
  }

  // ---- drawing

  draw() {
    const { videoWidth, videoHeight } = this.video;
    resize(this.overlay, videoWidth, videoHeight);
    this.stage.style.aspectRatio = videoWidth ? `${videoWidth} / ${videoHeight}` : "";
    const context = this.overlay.getContext("2d");
    context.clearRect(0, 0, videoWidth, videoHeight);
    if (!this.faces?.length || this.lastFrame - this.facesTaken > OUTDATED) return;
    const size = Math.max(12, Math.round(videoHeight / 26));
    for (const face of this.faces) {
      const [x, y, width, height] = face.box;
      const left = this.mirrored ? videoWidth - x - width : x;
      const title = describeFace(face, this.settings);
      // Longer titles would hide each other in a crowd.
      const options = { size, maxTitleWidth: 2 * width };
      const color = colorOf(face.label, this.settings);
      drawBox(context, [left, y, width, height], title, color, options);
    }
    this.drawLargest(context, videoHeight);
  }

  /** The largest face's probabilities, in the frame's lower left corner. */
  drawLargest(context, height) {
    const row = height / 30;
    const corner = [0, height - barsSize(this.settings, row)[1]];
    drawBars(context, corner, this.faces[0].probabilities, this.settings, row);
  }
}

function render({ model, el }) {
  const view = new LiveView(model, el);
  return () => view.remove();
}

export default { render };

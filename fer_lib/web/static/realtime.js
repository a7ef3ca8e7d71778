// The Real-time page: the engine finds the faces of camera frames, boxes and bars are drawn over the
// video. Every shown result is announced by an event "result" on the document, for measurements.

import {
  CAMERA_ENDED,
  CAMERA_MUTED,
  CAMERA_SLOW,
  explainCameraError,
  FRAME_TIMEOUT,
  openCamera,
  stopStream,
} from "../../live/javascript/camera.js";
import { Chart } from "../../live/javascript/chart.js";
import { FaceTable, saveSnapshot } from "../../live/javascript/downloads.js";
import { barsSize, drawBars, drawBox } from "../../live/javascript/drawing.js";
import { setText } from "../../live/javascript/elements.js";
import { colorOf, countFaces, labelOf } from "../../live/javascript/faces.js";
import { MAX_IN_FLIGHT, resize } from "../../live/javascript/frames.js";
import { ProbabilityTable } from "../../live/javascript/probability_table.js";
import { Tracker } from "../../live/javascript/tracks.js";
import { engine } from "./engine.js";
import { Failure } from "./failure.js";
import { settings } from "./settings.js";

const TICK = 500; // milliseconds between the chart's updates, and between checks
const TEXT_INTERVAL = 1000; // milliseconds; a screen reader must keep up
const CAMERA_OFF = "The camera is off.";
const TITLE_SIZE = 16; // CSS pixels, as the following
const ROW = 15; // height of a label with its bar
const GAP = 6; // between a box and its bars
// The CSV file has the faces of the last ten minutes, ten times a second.
const LOG_INTERVAL = 100;
const MAX_LOGGED = 10 * 60 * 10;

const [video, overlay, stage, start, stop, mirror, snapshot, csv, status, rate, latency, tables] = [
  "video",
  "overlay",
  "stage",
  "start",
  "stop",
  "mirror",
  "snapshot",
  "csv",
  "status",
  "rate",
  "latency",
  "faces",
].map((id) => document.getElementById(id));
const largest = new ProbabilityTable(settings);
const chart = new Chart(settings, { class: "chart" });
const log = new FaceTable(settings, "time");
document.getElementById("history").append(chart.canvas, chart.legend({ class: "legend" }));

let session = 0; // counts starts and stops: what an earlier one waited for is dropped
let stream = null; // null while the camera is off
let tracker,
  inFlight,
  number,
  newest,
  pausedUntil,
  frameAt,
  drawnAt,
  describedAt,
  loggedAt,
  shownAt;

async function startCamera() {
  const mine = ++session;
  start.disabled = true;
  stop.disabled = false;
  stop.focus();
  status.textContent = "Waiting for the camera. If the browser asks for it, allow it.";
  reset();
  try {
    const opened = await openCamera(settings);
    if (mine !== session) return stopStream(opened);
    stream = opened;
    listen(stream.getVideoTracks()[0], mine);
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    if (mine === session) stopCamera(explainCameraError(error));
    return;
  }
  if (mine !== session) return;
  stage.style.aspectRatio = `${video.videoWidth} / ${video.videoHeight}`;
  snapshot.disabled = false;
  status.textContent = "The camera is on. Loading the networks …";
  video.requestVideoFrameCallback((now) => onFrame(now, mine));
}

function reset() {
  tracker = new Tracker(settings);
  chart.clear();
  log.clear();
  csv.disabled = true;
  [inFlight, number, newest, pausedUntil, describedAt, loggedAt] = [0, 0, 0, 0, 0, 0];
  shownAt = [];
  frameAt = drawnAt = performance.now();
}

function listen(track, mine) {
  track.addEventListener("ended", () => mine === session && stopCamera(CAMERA_ENDED));
  track.addEventListener("mute", () => {
    if (mine === session) status.textContent = CAMERA_MUTED;
  });
}

function stopCamera(message) {
  session += 1;
  stopStream(stream);
  stream = null;
  video.srcObject = null;
  overlay.getContext("2d").clearRect(0, 0, overlay.width, overlay.height);
  tables.replaceChildren();
  rate.textContent = latency.textContent = "-";
  const hadFocus = [stop, snapshot].includes(document.activeElement);
  stop.disabled = snapshot.disabled = true;
  start.disabled = false;
  if (hadFocus) start.focus();
  status.textContent = message;
}

function onFrame(now, mine) {
  if (mine !== session) return;
  if (engine.eases) {
    tracker.ease((now - drawnAt) / 1000);
    draw();
  }
  frameAt = drawnAt = now;
  if (inFlight < MAX_IN_FLIGHT && now >= pausedUntil) analyze(mine, ++number, now);
  video.requestVideoFrameCallback((next) => onFrame(next, mine));
}

async function analyze(mine, own, takenAt) {
  inFlight += 1;
  try {
    const { faces, milliseconds } = await engine.analyzeFrame(video);
    // Of two frames in flight, the later one may get its response first.
    if (mine === session && own > newest) {
      newest = own;
      show(faces, takenAt, milliseconds);
    }
  } catch (error) {
    if (mine === session) onError(error);
  } finally {
    if (mine === session) inFlight -= 1;
  }
}

function show(faces, takenAt, milliseconds) {
  tracker.follow(faces, takenAt / 1000);
  if (!engine.eases) {
    tracker.settle();
    draw();
  }
  const now = performance.now();
  shownAt = [...shownAt.filter((moment) => now - moment < 1000), now];
  rate.textContent = shownAt.length;
  latency.textContent = Math.round(now - takenAt);
  chart.add(now, tracker.tracks[0]?.probabilities);
  describe(now);
  record(now);
  const detail = { takenAt, shownAt: now, faces: faces.length, milliseconds };
  document.dispatchEvent(new CustomEvent("result", { detail }));
}

function onError(error) {
  if (!(error instanceof Failure)) throw error;
  tracker.follow([], performance.now() / 1000);
  draw();
  pausedUntil = performance.now() + 1000 * Math.max(error.seconds, 1);
  status.textContent = error.message;
}

function describe(now) {
  if (now - describedAt < TEXT_INTERVAL) return;
  describedAt = now;
  const labels = tracker.tracks.map(labelOfTrack);
  if (labels.length === 0) {
    setText(status, "No face found. Look into the camera, come closer, or turn on a light.");
    tables.replaceChildren();
  } else {
    setText(status, countFaces(labels));
    largest.show(`Largest face: ${labels[0]}`, tracker.tracks[0].probabilities);
    if (!largest.root.isConnected) tables.replaceChildren(largest.root);
  }
}

function labelOfTrack({ probabilities }) {
  return labelOf(probabilities, settings);
}

function record(now) {
  if (now - loggedAt < LOG_INTERVAL) return;
  loggedAt = now;
  const time = new Date(performance.timeOrigin + now).toISOString();
  for (const track of tracker.tracks) {
    log.add(time, track.id, { ...track, label: labelOfTrack(track) });
  }
  log.limit(MAX_LOGGED);
  csv.disabled = log.rows.length === 0;
}

function draw() {
  const density = window.devicePixelRatio;
  const { clientWidth, clientHeight } = overlay;
  resize(overlay, Math.round(clientWidth * density), Math.round(clientHeight * density));
  const context = overlay.getContext("2d");
  context.setTransform(density, 0, 0, density, 0, 0);
  context.clearRect(0, 0, clientWidth, clientHeight);
  const scale = clientWidth / video.videoWidth;
  for (const track of tracker.tracks) drawFace(context, track, scale);
}

function drawFace(context, track, scale) {
  const [x, y, width, height] = onScreen(track.shown.box, scale);
  const label = labelOfTrack(track);
  const options = { size: TITLE_SIZE };
  drawBox(context, [x, y, width, height], label, colorOf(label, settings), options);
  const [barsWidth, barsHeight] = barsSize(settings, ROW);
  const beside = x + width + GAP;
  const fits = beside + barsWidth <= overlay.clientWidth;
  const left = fits ? beside : Math.max(0, x - barsWidth - GAP);
  const top = Math.max(0, Math.min(y, overlay.clientHeight - barsHeight));
  drawBars(context, [left, top], track.shown.probabilities, settings, ROW);
}

function onScreen(box, scale) {
  const [x, y, width, height] = box.map((length) => length * scale);
  return [mirror.checked ? overlay.clientWidth - x - width : x, y, width, height];
}

function setMirror() {
  video.classList.toggle("mirrored", mirror.checked);
  if (stream) draw();
}

/** What changes with time, not with results. */
function tick() {
  const now = performance.now();
  chart.draw(now);
  // A hidden page gets no frames.
  if (stop.disabled || document.hidden || now - frameAt < FRAME_TIMEOUT) return;
  setText(status, stream && number ? CAMERA_MUTED : CAMERA_SLOW);
}

start.addEventListener("click", startCamera);
stop.addEventListener("click", () => stopCamera(CAMERA_OFF));
mirror.addEventListener("change", setMirror);
snapshot.addEventListener("click", () => saveSnapshot(video, overlay, mirror.checked));
csv.addEventListener("click", () => log.save());
window.addEventListener("pagehide", () => stream && stopCamera(CAMERA_OFF));
setMirror();
setInterval(tick, TICK);
engine.load().catch((error) => {
  status.textContent = error.message;
});

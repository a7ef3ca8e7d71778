// The Real-time page: camera frames are sent as JPEG, boxes and bars are drawn over the video.

import {
  CAMERA_ENDED,
  explainCameraError,
  openCamera,
  stopStream,
} from "../../live/javascript/camera.js";
import { barsSize, drawBars, drawBox } from "../../live/javascript/drawing.js";
import { setText } from "../../live/javascript/elements.js";
import { colorOf, countFaces, labelOf } from "../../live/javascript/faces.js";
import { encodeReduced, MAX_IN_FLIGHT } from "../../live/javascript/frames.js";
import { ProbabilityTable } from "../../live/javascript/probability_table.js";
import { easeTracks, matchTracks } from "../../live/javascript/tracks.js";
import { ApiError, predict } from "./api.js";
import { settings } from "./settings.js";

const TEXT_INTERVAL = 1000; // milliseconds; a screen reader must keep up
const CAMERA_OFF = "The camera is off.";
const TITLE_SIZE = 16; // CSS pixels, as the following
const ROW = 15; // height of a label with its bar
const GAP = 6; // between a box and its bars
const [video, overlay, start, stop, mirror, status, rate, latency, tables] = [
  "video",
  "overlay",
  "start",
  "stop",
  "mirror",
  "status",
  "rate",
  "latency",
  "faces",
].map((id) => document.getElementById(id));
const frame = document.createElement("canvas"); // the frame sent last
const largest = new ProbabilityTable(settings);

let stream = null; // null while the camera is off; responses to another stream are dropped
let tracks, inFlight, number, newest, pausedUntil, drawnAt, describedAt, respondedAt;

async function startCamera() {
  start.disabled = true;
  status.textContent = "Waiting for the camera ...";
  try {
    stream = await openCamera(settings);
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    stopCamera(explainCameraError(error));
    return;
  }
  [tracks, inFlight, number, newest, pausedUntil, describedAt] = [[], 0, 0, 0, 0, 0];
  respondedAt = [];
  drawnAt = performance.now();
  stream.getVideoTracks()[0].addEventListener("ended", () => stopCamera(CAMERA_ENDED));
  stop.disabled = false;
  stop.focus();
  status.textContent = "The camera is on.";
  video.requestVideoFrameCallback(onFrame);
}

function stopCamera(message) {
  stopStream(stream);
  stream = null;
  video.srcObject = null;
  overlay.getContext("2d").clearRect(0, 0, overlay.width, overlay.height);
  tables.replaceChildren();
  rate.textContent = latency.textContent = "-";
  const hadFocus = document.activeElement === stop;
  stop.disabled = true;
  start.disabled = false;
  if (hadFocus) start.focus();
  status.textContent = message;
}

function onFrame(now) {
  if (!stream) return;
  tracks = easeTracks(tracks, (now - drawnAt) / 1000, settings);
  drawnAt = now;
  draw();
  if (inFlight < MAX_IN_FLIGHT && now >= pausedUntil) send(stream, ++number);
  video.requestVideoFrameCallback(onFrame);
}

async function send(from, mine) {
  inFlight += 1;
  const sentAt = performance.now();
  try {
    const faces = await predict(await encodeReduced(frame, video, settings.frameSide));
    // Of two frames in flight, the later one may get its response first.
    if (stream === from && mine > newest) {
      newest = mine;
      tracks = matchTracks(tracks, faces, settings);
      measure(sentAt);
      describe();
    }
  } catch (error) {
    if (stream === from) onError(error);
  } finally {
    if (stream === from) inFlight -= 1;
  }
}

function onError(error) {
  if (!(error instanceof ApiError)) throw error;
  tracks = [];
  pausedUntil = performance.now() + 1000 * Math.max(error.seconds, 1);
  status.textContent = error.message;
}

function measure(sentAt) {
  const now = performance.now();
  respondedAt = [...respondedAt.filter((moment) => now - moment < 1000), now];
  rate.textContent = respondedAt.length;
  latency.textContent = Math.round(now - sentAt);
}

function describe() {
  const now = performance.now();
  if (now - describedAt < TEXT_INTERVAL) return;
  describedAt = now;
  const labels = tracks.map(({ probabilities }) => labelOf(probabilities, settings));
  setText(status, labels.length === 0 ? "No face found." : countFaces(labels));
  if (labels.length === 0) {
    tables.replaceChildren();
  } else {
    largest.show(`Largest face: ${labels[0]}`, tracks[0].probabilities);
    tables.replaceChildren(largest.root);
  }
}

function draw() {
  const density = window.devicePixelRatio;
  overlay.width = overlay.clientWidth * density;
  overlay.height = overlay.clientHeight * density;
  const context = overlay.getContext("2d");
  context.scale(density, density);
  const scale = overlay.clientWidth / frame.width;
  for (const { box, probabilities } of tracks) {
    drawFace(context, onScreen(box, scale), probabilities);
  }
}

function onScreen(box, scale) {
  const [x, y, width, height] = box.map((length) => length * scale);
  return [mirror.checked ? overlay.clientWidth - x - width : x, y, width, height];
}

function drawFace(context, box, probabilities) {
  const label = labelOf(probabilities, settings);
  drawBox(context, box, label, colorOf(label, settings), { size: TITLE_SIZE });
  const [x, y, width] = box;
  const [barsWidth] = barsSize(settings, ROW);
  const beside = x + width + GAP;
  const fits = beside + barsWidth <= overlay.clientWidth;
  const left = fits ? beside : Math.max(0, x - barsWidth - GAP);
  drawBars(context, [left, y], probabilities, settings, ROW);
}

function setMirror() {
  video.classList.toggle("mirrored", mirror.checked);
}

start.addEventListener("click", startCamera);
stop.addEventListener("click", () => stopCamera(CAMERA_OFF));
mirror.addEventListener("change", setMirror);
window.addEventListener("pagehide", () => stopCamera(CAMERA_OFF));
setMirror();

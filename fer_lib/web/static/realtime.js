// The Real-time page: the camera's frames go out as JPEG, boxes and bars come over the video.

import { Refusal, bars, colourOf, colours, drawBox, labels, nameOf, predict, shade, summary }
  from "./faces.js";
import { ease, follow } from "./tracks.js";

const longestSide = 640; // pixels of a frame sent
const mostInFlight = 2; // a frame that finds as many on their way is not sent at all
const sentenceEvery = 1000; // milliseconds; a screen reader must be able to follow
const [video, overlay, start, stop, mirror, status, rate, delay, faces] = [
  "video", "overlay", "start", "stop", "mirror", "status", "rate", "delay", "faces",
].map((id) => document.getElementById(id));
const frame = document.createElement("canvas");
const largest = bars();

let stream = null; // null while the camera is off; answers to another stream are dropped
let tracks, inFlight, number, newest, pausedUntil, drawnAt, saidAt, answered;

async function startCamera() {
  start.disabled = true;
  status.textContent = "Waiting for the camera ...";
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "user" }, audio: false,
    });
    video.srcObject = stream;
    await video.play();
  } catch (error) {
    stopCamera(sentenceOf(error));
    return;
  }
  [tracks, inFlight, number, newest, pausedUntil, saidAt, answered] = [[], 0, 0, 0, 0, 0, []];
  drawnAt = performance.now();
  stream.getVideoTracks()[0].addEventListener("ended", () => {
    stopCamera("The camera was disconnected.");
  });
  stop.disabled = false;
  stop.focus();
  status.textContent = "The camera is on.";
  video.requestVideoFrameCallback(onFrame);
}

function sentenceOf(error) {
  if (!window.isSecureContext) {
    return "The browser gives the camera only over HTTPS, or to a website on this computer.";
  }
  const sentences = {
    NotAllowedError: "The camera was not allowed: allow it in the browser, then start again.",
    NotFoundError: "There is no camera: connect one, then start again.",
    NotReadableError: "Another program uses the camera: close it, then start again.",
  };
  return sentences[error.name] ?? `The camera does not start (${error.name}).`;
}

function stopCamera(sentence) {
  if (stream) stream.getTracks().forEach((track) => track.stop());
  stream = null;
  video.srcObject = null;
  overlay.getContext("2d").clearRect(0, 0, overlay.width, overlay.height);
  faces.replaceChildren();
  rate.textContent = delay.textContent = "-";
  const hadFocus = document.activeElement === stop;
  stop.disabled = true;
  start.disabled = false;
  if (hadFocus) start.focus();
  status.textContent = sentence;
}

function onFrame(now) {
  if (!stream) return;
  tracks = ease(tracks, (now - drawnAt) / 1000);
  drawnAt = now;
  draw();
  if (inFlight < mostInFlight && now >= pausedUntil) send(stream, ++number);
  video.requestVideoFrameCallback(onFrame);
}

async function send(from, mine) {
  inFlight += 1;
  const sentAt = performance.now();
  try {
    const answer = await predict(await grab());
    // Of two frames in flight the later may be answered first.
    if (stream === from && mine > newest) {
      newest = mine;
      tracks = follow(tracks, answer.faces);
      measure(sentAt);
      say();
    }
  } catch (error) {
    if (stream === from) onRefusal(error);
  } finally {
    if (stream === from) inFlight -= 1;
  }
}

function onRefusal(error) {
  if (!(error instanceof Refusal)) throw error;
  tracks = [];
  pausedUntil = performance.now() + 1000 * Math.max(error.seconds, 1);
  status.textContent = error.message;
}

function grab() {
  const scale = Math.min(1, longestSide / Math.max(video.videoWidth, video.videoHeight));
  frame.width = Math.round(video.videoWidth * scale);
  frame.height = Math.round(video.videoHeight * scale);
  frame.getContext("2d").drawImage(video, 0, 0, frame.width, frame.height);
  return new Promise((resolve) => { frame.toBlob(resolve, "image/jpeg", 0.8); });
}

function measure(sentAt) {
  const now = performance.now();
  answered = [...answered.filter((moment) => now - moment < 1000), now];
  rate.textContent = answered.length;
  delay.textContent = Math.round(now - sentAt);
}

function say() {
  const now = performance.now();
  if (now - saidAt < sentenceEvery) return;
  saidAt = now;
  const sentence = tracks.length === 0 ? "No face found." : summary(tracks.map(titleOf));
  if (status.textContent !== sentence) status.textContent = sentence;
  if (tracks.length === 0) {
    faces.replaceChildren();
  } else {
    largest.show(`The largest face: ${titleOf(tracks[0])}`, tracks[0].probabilities);
    faces.replaceChildren(largest.table);
  }
}

const titleOf = ({ probabilities }) => nameOf(probabilities);

function draw() {
  const density = window.devicePixelRatio;
  overlay.width = overlay.clientWidth * density;
  overlay.height = overlay.clientHeight * density;
  const context = overlay.getContext("2d");
  context.scale(density, density);
  const scale = overlay.clientWidth / frame.width;
  for (const track of tracks) drawFace(context, onScreen(track.box, scale), track.probabilities);
}

function onScreen(box, scale) {
  const [x, y, width, height] = box.map((side) => side * scale);
  return [mirror.checked ? overlay.clientWidth - x - width : x, y, width, height];
}

function drawFace(context, box, probabilities) {
  const name = nameOf(probabilities);
  drawBox(context, box, name, colourOf(name));
  const [x, y, width] = box;
  const [panelWidth, step] = [120, 16];
  const beside = x + width + 6;
  const left = beside + panelWidth <= overlay.clientWidth ? beside : Math.max(0, x - panelWidth - 6);
  context.fillStyle = shade;
  context.fillRect(left, y, panelWidth, step * labels.length + 6);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  labels.forEach((label, index) => {
    const middle = y + 3 + step * (index + 0.5);
    context.fillStyle = "#fff";
    context.fillText(label, left + 4, middle);
    context.fillStyle = colours[label];
    context.fillRect(left + 58, middle - 5, 58 * probabilities[label], 10);
  });
}

function setMirror() {
  video.classList.toggle("mirrored", mirror.checked);
}

start.addEventListener("click", startCamera);
stop.addEventListener("click", () => stopCamera("The camera is off."));
mirror.addEventListener("change", setMirror);
window.addEventListener("pagehide", () => stopCamera("The camera is off."));
setMirror();

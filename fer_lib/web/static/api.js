// The engine on the server: the website's API.

import { encodeReduced } from "../../live/javascript/frames.js";
import { Failure } from "./failure.js";
import { settings } from "./settings.js";

const frame = document.createElement("canvas"); // the frame sent last

/** The server is ready whenever it responds. */
async function load() {}

/** The faces in a video's present frame, in its own pixels. Throws a Failure. */
async function analyzeFrame(video) {
  const blob = await encodeReduced(frame, video, settings.frameSide);
  const scale = video.videoWidth / frame.width;
  const { faces, milliseconds } = await predict(blob);
  for (const face of faces) face.box = face.box.map((length) => length * scale);
  return { faces, milliseconds };
}

/** The faces in an image, a Blob, in its own pixels; {whole: true} for one that is a face. */
async function analyzeImage(blob, { whole = false } = {}) {
  if (blob.size > settings.maxBytes) {
    const limit = `${settings.maxBytes / 1e6} MB`;
    throw new Failure(`The image is larger than ${limit}. Choose a smaller one.`);
  }
  return predict(blob, whole ? { whole } : { small: true });
}

/** What the API finds in an image; options: {whole: true} or {small: true}, as the API has them. */
async function predict(image, options = {}) {
  const response = await post(image, options);
  const content = await response.json().catch(() => null); // a proxy's own error is not JSON
  if (content === null) {
    throw new Failure(`The server's response is invalid (${response.status}). Try again.`);
  }
  if (!response.ok) {
    throw new Failure(content.error.message, Number(response.headers.get("Retry-After")));
  }
  const faces = content.faces.map(({ box, probabilities }) => ({
    box,
    probabilities: settings.labels.map((label) => probabilities[label]),
  }));
  return { faces, milliseconds: content.milliseconds };
}

async function post(image, options) {
  const type = image.type || "application/octet-stream";
  try {
    return await fetch(`/api/predict?${new URLSearchParams(options)}`, {
      method: "POST",
      body: image,
      headers: { "Content-Type": type },
    });
  } catch {
    throw new Failure("The server doesn't respond. Check that it is running.");
  }
}

// Results are slower than frames, so boxes move smoothly from one to the next.
export const api = { eases: true, load, analyzeFrame, analyzeImage };

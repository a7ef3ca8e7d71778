// The engine in this browser: a worker with both networks (fer_lib/web/browser/worker.js).

import { drawReduced } from "../../live/javascript/frames.js";
import { Failure } from "./failure.js";
import { settings } from "./settings.js";

const canvas = document.createElement("canvas"); // for images and frames that are too large
const waiting = new Map(); // {resolve, reject} by number of the message
let loaded, worker;
let number = 0;

/** Load the networks. Resolves as soon as they run; rejects with a Failure if they can't. */
function load() {
  loaded ??= start();
  return loaded;
}

/** The faces in a video's present frame, in its own pixels. Throws a Failure. */
async function analyzeFrame(video) {
  await load();
  const { image, scale } = await reduced(video, settings.frameSide);
  return scaled(await ask({ image }), scale);
}

/** The faces in an image, a Blob, in its own pixels; {whole: true} for one that is a face. */
async function analyzeImage(blob, { whole = false } = {}) {
  await load();
  const bitmap = await createImageBitmap(blob).catch(() => {
    throw new Failure("This browser can't read the image. Choose a JPEG, PNG, or WebP image.");
  });
  const { image, scale } = await reduced(bitmap, settings.imageSide);
  return scaled(await ask({ image, whole }), scale);
}

async function start() {
  const folder = new URL(settings.networks, document.baseURI).href;
  // From a text instead of an address, the worker has this page's security policy on any host.
  const script = `importScripts(${JSON.stringify(`${folder}worker.js`)});`;
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    worker = new Worker(address);
    worker.onmessage = ({ data }) => settle(data);
    worker.onerror = (event) => fail(event.message || "the worker doesn't start");
    await ask({ settings, folder });
  } catch (error) {
    throw new Failure(
      `The networks can't run in this browser (${error.message}). ` +
        "Reload the page; if that doesn't help, update the browser or use another one.",
    );
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Send a message to the worker. Resolves to its response. */
function ask(message) {
  number += 1;
  const transferred = message.image ? [message.image] : [];
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    worker.postMessage({ number, ...message }, transferred);
  });
}

function settle({ number, error, ...response }) {
  const { resolve, reject } = waiting.get(number);
  waiting.delete(number);
  if (error) reject(new Failure(error));
  else resolve(response);
}

/** Nothing waits any longer for a worker that has stopped; the next image starts another one. */
function fail(error) {
  loaded = undefined;
  for (const { reject } of waiting.values()) reject(new Failure(error));
  waiting.clear();
}

/** A bitmap of a video's frame or of a bitmap, reduced if it is too large, and the factor back. */
async function reduced(source, longestSide) {
  const width = source.videoWidth ?? source.width;
  const height = source.videoHeight ?? source.height;
  if (Math.max(width, height) <= longestSide) {
    return { image: await createImageBitmap(source), scale: 1 };
  }
  drawReduced(canvas, source, longestSide);
  return { image: await createImageBitmap(canvas), scale: width / canvas.width };
}

function scaled({ faces, milliseconds }, scale) {
  const inSource = faces.map(({ box, ...face }) => ({
    ...face,
    box: box.map((length) => length * scale),
  }));
  return { faces: inSource, milliseconds };
}

// Results come as fast as frames, so boxes needn't move smoothly between them.
export const networks = { eases: false, load, analyzeFrame, analyzeImage };

// Both networks on LiteRT, in a thread of its own: frames in, faces out.
//
// A message has a number, which its response repeats. The first one is {number, settings, folder};
// the response, {number}, says that the networks are loaded. Each further one is {number, image,
// whole} with an ImageBitmap; the response is {number, faces, milliseconds}. Any response may be
// {number, error} instead.

import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import {
  blazefaceAnchors,
  blazefaceInput,
  blazefaceSquares,
} from "../../live/javascript/blazeface.js";
import { crop, FACE_SIDE } from "../../live/javascript/crops.js";

let blazeface, anchors, detector, classifier;
let canvas = null;
let last = Promise.resolve(); // the networks take one image at a time

self.onmessage = ({ data }) => {
  last = last.then(async () => {
    try {
      self.postMessage(data.settings ? await load(data) : await analyze(data));
    } catch (error) {
      self.postMessage({ number: data.number, error: error.message || String(error) });
    }
  });
};

/** folder: the address of the folder that holds the networks and LiteRT. */
async function load({ number, settings, folder }) {
  blazeface = settings.blazeface;
  anchors = blazefaceAnchors(blazeface);
  self.Module = { locateFile: (name) => folder + name, printErr };
  await loadLiteRt(`${folder}litert_wasm_compat_internal.js`);
  [detector, classifier] = await Promise.all(
    ["detector.tflite", "classifier.tflite"].map((name) =>
      loadAndCompile(folder + name, { accelerator: "wasm" }),
    ),
  );
  const side = blazeface.inputSide;
  await detect({ data: new Uint8ClampedArray(4 * side * side), width: side, height: side });
  await classify(new Float32Array(FACE_SIDE * FACE_SIDE)); // the first run of each is slow
  return { number };
}

/** LiteRT's notes are no errors. */
function printErr(line) {
  if (/^(INFO|WARNING)/.test(line)) console.debug(line);
  else console.error(line);
}

async function analyze({ number, image, whole }) {
  const frame = pixelsOf(image);
  const started = performance.now();
  const boxes = whole ? [centralSquare(frame)] : await detect(frame);
  const found = performance.now();
  const faces = [];
  for (const box of boxes) faces.push({ box, probabilities: await classify(crop(frame, box)) });
  const milliseconds = { find: found - started, classify: performance.now() - found };
  return { number, faces, milliseconds };
}

/** The image's ImageData; the image is closed. */
function pixelsOf(image) {
  const { width, height } = image;
  if (canvas?.width !== width || canvas.height !== height) {
    canvas = new OffscreenCanvas(width, height);
  }
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  context.fillStyle = "white"; // below transparent pixels
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  image.close();
  return context.getImageData(0, 0, width, height);
}

/** The square in the middle of an image that is a face itself. */
function centralSquare({ width, height }) {
  const side = Math.min(width, height);
  return [Math.floor((width - side) / 2), Math.floor((height - side) / 2), side, side];
}

async function detect(frame) {
  const { input, scale } = blazefaceInput(frame, blazeface);
  const side = blazeface.inputSide;
  const outputs = Object.values(await run(detector, input, [1, side, side, 3]));
  const [values, logits] = outputs.sort((one, other) => other.length - one.length);
  return blazefaceSquares(values, logits, scale, anchors, blazeface);
}

/** What people would say, or what the label says if the network doesn't answer the former. */
async function classify(face) {
  const outputs = await run(classifier, face, [1, FACE_SIDE, FACE_SIDE, 1]);
  return Array.from(outputs.people ?? Object.values(outputs)[0]);
}

/** The outputs of a network with one input, by name, as typed arrays. */
async function run(network, input, shape) {
  const tensor = new Tensor(input, shape);
  const outputs = await network.run({ [network.getInputDetails()[0].name]: tensor });
  tensor.delete(); // LiteRT's memory is not collected
  const values = Object.entries(outputs).map(([name, output]) => {
    const value = output.toTypedArray().slice();
    output.delete();
    return [name, value];
  });
  return Object.fromEntries(values);
}

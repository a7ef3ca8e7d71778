// Images and frames on a canvas: reduced, and encoded in order to be sent.

/** Frames that may be on their way at once: one is processed while the next one is sent. */
export const MAX_IN_FLIGHT = 2;

const QUALITY = 0.85; // of JPEG, 0 to 1

/** Set a canvas's size only if it changes: each time costs new memory and clears the canvas. */
export function resize(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/**
 * Draw a video's current frame or a bitmap on a canvas, which takes its size, reduced so that no
 * side is longer than `longestSide` pixels. Returns the canvas's context.
 */
export function drawReduced(canvas, source, longestSide) {
  const width = source.videoWidth ?? source.width;
  const height = source.videoHeight ?? source.height;
  const scale = Math.min(1, longestSide / Math.max(width, height));
  const pixels = (side) => Math.max(1, Math.round(side * scale));
  resize(canvas, pixels(width), pixels(height));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context;
}

/** Draw as `drawReduced` does, and encode the canvas as JPEG. Resolves to a Blob. */
export async function encodeReduced(canvas, source, longestSide) {
  drawReduced(canvas, source, longestSide);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  if (!blob) throw new Error("it has no pixels");
  return blob;
}

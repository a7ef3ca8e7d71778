// Faces cut out of a frame as fer_lib/live/detection.py does it.

import { enlarge, resizeArea } from "./resize.js";

/** The pixels of a classifier's face, per side. */
export const FACE_SIDE = 48;

/**
 * The face in a box, [x, y, side, side], gray, as FACE_SIDE × FACE_SIDE numbers, 0-255. Beyond the
 * frame, an ImageData, its border is repeated.
 */
export function crop(frame, box) {
  const square = graySquare(frame, box);
  const resized =
    square.width > FACE_SIDE
      ? resizeArea(square, 1, 1, FACE_SIDE, FACE_SIDE)
      : enlarge(square, FACE_SIDE);
  return Float32Array.from(resized.data);
}

function graySquare(frame, [left, top, side]) {
  const data = new Uint8Array(side * side);
  for (let i = 0; i < side; i++) {
    const row = Math.min(Math.max(top + i, 0), frame.height - 1) * frame.width;
    for (let j = 0; j < side; j++) {
      const at = 4 * (row + Math.min(Math.max(left + j, 0), frame.width - 1));
      data[i * side + j] = grayOf(frame.data[at], frame.data[at + 1], frame.data[at + 2]);
    }
  }
  return { data, width: side, height: side };
}

/** As OpenCV converts RGB to gray. */
function grayOf(red, green, blue) {
  return (4899 * red + 9617 * green + 1868 * blue + 8192) >> 14;
}

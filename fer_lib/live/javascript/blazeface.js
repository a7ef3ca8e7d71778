// BlazeFace, around its network: as fer_lib/live/blazeface.py, whose constants it is given.
//
// A found box is {box: [x, y, width, height], score}.

import { resizeArea, roundHalfEven } from "./resize.js";
import { overlap } from "./tracks.js";

/** The network's input for a frame, an ImageData, and the factor back to the frame's pixels. */
export function blazefaceInput(frame, { inputSide }) {
  const scale = Math.max(1, Math.max(frame.width, frame.height) / inputSide);
  const pixels = (side) => Math.max(1, roundHalfEven(side / scale));
  const { data, width, height } = resizeArea(
    frame,
    4,
    3,
    pixels(frame.width),
    pixels(frame.height),
  );
  const input = new Float32Array(inputSide * inputSide * 3).fill(-1);
  for (let y = 0; y < height; y++) {
    const row = data.subarray(3 * y * width, 3 * (y + 1) * width);
    row.forEach((value, x) => {
      input[3 * y * inputSide + x] = value / 127.5 - 1;
    });
  }
  return { input, scale };
}

/** The centers [x, y] of the places that the network looks at, in sides of its input. */
export function blazefaceAnchors({ grids }) {
  return grids.flatMap(([places, repeats]) =>
    Array.from({ length: places * places * repeats }, (_, index) => {
      const place = Math.floor(index / repeats);
      return [((place % places) + 0.5) / places, (Math.floor(place / places) + 0.5) / places];
    }),
  );
}

/**
 * The squares around the faces, largest first, from the network's outputs: 16 values of each
 * place, of which the first four are its box, and the logit of its score.
 */
export function blazefaceSquares(values, logits, scale, anchors, settings) {
  const { inputSide, minScore } = settings;
  const sure = [];
  anchors.forEach(([x, y], place) => {
    const score = 1 / (1 + Math.exp(-logits[place]));
    if (score < minScore) return;
    const [dx, dy, width, height] = values.subarray(16 * place, 16 * place + 4);
    const [left, top] = [x * inputSide + dx - width / 2, y * inputSide + dy - height / 2];
    sure.push({ box: [left, top, width, height].map((length) => length * scale), score });
  });
  const squares = mergeBoxes(sure, settings).map((box) => toSquare(box, settings));
  return squares.sort((one, other) => other[2] - one[2]);
}

/** One box for each face: the average of its boxes, weighted by their scores. */
function mergeBoxes(found, { sameFace }) {
  let left = found.sort((one, other) => other.score - one.score);
  const merged = [];
  while (left.length) {
    const [best] = left;
    const isSame = ({ box }) => overlap(best.box, box) >= sameFace;
    merged.push(average(left.filter(isSame)));
    left = left.filter((each) => !isSame(each));
  }
  return merged;
}

function average(found) {
  const total = found.reduce((sum, { score }) => sum + score, 0);
  return [0, 1, 2, 3].map(
    (index) => found.reduce((sum, { box, score }) => sum + score * box[index], 0) / total,
  );
}

/** The square that FER2013's images were cropped to. */
function toSquare([x, y, width, height], { side, shift }) {
  const length = side * Math.sqrt(width * height);
  const [centerX, centerY] = [x + width / 2, y + height / 2 + shift * length];
  const corner = [centerX - length / 2, centerY - length / 2].map(roundHalfEven);
  return [...corner, roundHalfEven(length), roundHalfEven(length)];
}

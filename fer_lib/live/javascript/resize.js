// Resizing as OpenCV does it, because browsers smooth differently: their crops would change labels.
//
// An image is {data, width, height}: 8-bit values row by row, of each pixel as many as it has
// channels.

/** The integer nearest to a number; of two, the even one, as in Python and OpenCV. */
export function roundHalfEven(number) {
  const rounded = Math.round(number);
  return rounded - number === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/**
 * Reduce an image to the averages of its areas (INTER_AREA). Neither side may grow. Of its channels,
 * the first `kept` are kept.
 */
export function resizeArea(image, channels, kept, width, height) {
  const halved = image.width === 2 * width && image.height === 2 * height;
  const round = halved ? Math.round : roundHalfEven; // there OpenCV adds 2 to the sum of 4
  const data = new Uint8Array(width * height * kept);
  const row = new Float32Array(image.width * channels);
  const across = areas(image.width, width);
  areas(image.height, height).forEach(({ first, weights }, target) => {
    row.fill(0);
    weights.forEach((weight, index) => {
      addRow(row, weight, image.data, (first + index) * row.length);
    });
    averageRow(row, channels, kept, across, round, data, target * width * kept);
  });
  return { data, width, height };
}

function addRow(row, weight, data, start) {
  for (let i = 0; i < row.length; i++) row[i] += weight * data[start + i];
}

/** Average a row, already averaged down, across its areas, into the data. */
function averageRow(row, channels, kept, across, round, data, start) {
  for (let target = 0; target < across.length; target++) {
    const { first, weights } = across[target];
    for (let k = 0; k < kept; k++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * row[(first + i) * channels + k];
      data[start + target * kept + k] = round(sum);
    }
  }
}

/** Along one side, each area's first pixel, and the weights of its pixels. */
function areas(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, target) => {
    const [start, end] = [target * scale, Math.min((target + 1) * scale, from)];
    const share = (pixel) => Math.min(pixel + 1, end) - Math.max(pixel, start);
    let [first, last] = [Math.floor(start), Math.ceil(end) - 1];
    if (share(first) <= 1e-3) first += 1; // as OpenCV does
    if (share(last) <= 1e-3) last -= 1;
    const weights = Float32Array.from({ length: last - first + 1 }, (_, index) => {
      return share(first + index) / (end - start);
    });
    return { first, weights };
  });
}

/** Enlarge a square gray image to another side by linear interpolation (INTER_LINEAR). */
export function enlarge({ data, width }, side) {
  const places = linearPlaces(width, side);
  const enlarged = new Uint8Array(side * side);
  places.forEach(([y, nextY, above, below], i) => {
    places.forEach(([x, nextX, left, right], j) => {
      // In whole numbers, and with their rounding, as OpenCV does it.
      const at = (row) => (left * data[row * width + x] + right * data[row * width + nextX]) >> 4;
      enlarged[i * side + j] = (((above * at(y)) >> 16) + ((below * at(nextY)) >> 16) + 2) >> 2;
    });
  });
  return { data: enlarged, width: side, height: side };
}

/** [pixel, next pixel, and their weights, of 2048] for each pixel of the enlarged side. */
function linearPlaces(from, to) {
  return Array.from({ length: to }, (_, index) => {
    const place = Math.min(Math.max(((index + 0.5) * from) / to - 0.5, 0), from - 1);
    const first = Math.floor(place);
    const next = Math.min(first + 1, from - 1);
    const share = Math.fround(place) - first;
    return [first, next, roundHalfEven(2048 * (1 - share)), roundHalfEven(2048 * share)];
  });
}

// Faces followed from answer to answer, and moved smoothly between them.
//
// A track: {box, probabilities} as shown now, and {target} as the server said last.

const leastOverlap = 0.2; // of two boxes of one face, as in fer_lib/live.py
const boxSeconds = 0.08; // after which a box is 63 % of the way to its target
const expressionSeconds = 0.4; // the same of its probabilities, as in fer_lib/live.py

/** The tracks after an answer: those of its faces, in its order; a new face starts at its target. */
export function follow(tracks, faces) {
  const free = new Set(tracks);
  return faces.map((target) => {
    const former = closest(free, target.box);
    free.delete(former);
    return { ...(former ?? target), target };
  });
}

/** The tracks some seconds later, each nearer to its target. */
export function ease(tracks, seconds) {
  const [moved, changed] = [boxSeconds, expressionSeconds].map((s) => 1 - Math.exp(-seconds / s));
  return tracks.map(({ box, probabilities, target }) => ({
    box: box.map((side, index) => side + moved * (target.box[index] - side)),
    probabilities: Object.fromEntries(Object.entries(probabilities).map(
      ([label, share]) => [label, share + changed * (target.probabilities[label] - share)],
    )),
    target,
  }));
}

function closest(tracks, box) {
  let [best, most] = [undefined, leastOverlap];
  for (const track of tracks) {
    const shared = overlap(track.target.box, box);
    if (shared >= most) [best, most] = [track, shared];
  }
  return best;
}

/** Intersection over union of two boxes, 0 to 1. */
function overlap([x, y, width, height], [x2, y2, width2, height2]) {
  const across = Math.min(x + width, x2 + width2) - Math.max(x, x2);
  const down = Math.min(y + height, y2 + height2) - Math.max(y, y2);
  const shared = Math.max(across, 0) * Math.max(down, 0);
  return shared / (width * height + width2 * height2 - shared);
}

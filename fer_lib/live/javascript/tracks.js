// Faces tracked from response to response, and moved smoothly between them.
//
// A track is {box, probabilities} as shown now, and {target}: the face as last detected.

const BOX_SECONDS = 0.08; // after which a box has moved 63% of the way to its target

/** Continue the tracks with newly detected faces, in their order; a new face is at its target. */
export function matchTracks(tracks, faces, { minOverlap }) {
  const free = new Set(tracks);
  return faces.map((target) => {
    const former = closest(free, target.box, minOverlap);
    free.delete(former);
    return { ...(former ?? target), target };
  });
}

/**
 * Move the tracks towards their targets, as far as they get in some seconds: probabilities have
 * changed by 63% after `settings.smoothing` seconds.
 */
export function easeTracks(tracks, seconds, { smoothing }) {
  const moved = 1 - Math.exp(-seconds / BOX_SECONDS);
  const changed = 1 - Math.exp(-seconds / smoothing);
  const between = (from, to, share) => from.map((value, i) => value + share * (to[i] - value));
  return tracks.map(({ box, probabilities, target }) => ({
    box: between(box, target.box, moved),
    probabilities: between(probabilities, target.probabilities, changed),
    target,
  }));
}

function closest(tracks, box, minOverlap) {
  let best;
  let highest = minOverlap;
  for (const track of tracks) {
    const shared = overlap(track.target.box, box);
    if (shared >= highest) [best, highest] = [track, shared];
  }
  return best;
}

/** The intersection over union of two boxes, 0 to 1. */
function overlap([x, y, width, height], [x2, y2, width2, height2]) {
  const across = Math.min(x + width, x2 + width2) - Math.max(x, x2);
  const down = Math.min(y + height, y2 + height2) - Math.max(y, y2);
  const shared = Math.max(across, 0) * Math.max(down, 0);
  return shared / (width * height + width2 * height2 - shared);
}

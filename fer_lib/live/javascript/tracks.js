// Faces tracked and smoothed over time, as LiveClassifier of fer_lib/live/pipeline.py does it.

const EASING = 0.08; // seconds after which a slow detector's box has moved 63% of the way

/**
 * Tracks the faces of one stream of frames.
 *
 * A track is {id, box, probabilities, seen}: the probabilities are smoothed, `seen` is when it was
 * seen last, in seconds, and `shown` is its {box, probabilities} on the way to the present ones.
 */
export class Tracker {
  constructor(settings) {
    this.settings = settings;
    this.tracks = []; // of the last frame, largest face first
    this.lost = []; // seen lately
    this.count = 0;
  }

  /** Continue the tracks with the faces of the next frame, taken at `at` seconds. */
  follow(faces, at) {
    const { minOverlap, forgetAfter } = this.settings;
    const known = [...this.tracks, ...this.lost].filter(({ seen }) => at - seen <= forgetAfter);
    const former = matchBoxes(faces, known, minOverlap);
    this.lost = known.filter((track) => !former.includes(track));
    this.tracks = faces.map((face, index) => this.continued(former[index], face, at));
    return this.tracks;
  }

  continued(former, { box, probabilities }, at) {
    if (!former) {
      this.count += 1;
      return { id: this.count, box, probabilities, seen: at, shown: { box, probabilities } };
    }
    const changed = 1 - Math.exp(-(at - former.seen) / this.settings.smoothing);
    const smoothed = between(former.probabilities, probabilities, changed);
    return { ...former, box, probabilities: smoothed, seen: at };
  }

  /** Move what is shown of the tracks towards what was found, as far as it gets in some seconds. */
  ease(seconds) {
    const moved = 1 - Math.exp(-seconds / EASING);
    for (const { box, probabilities, shown } of this.tracks) {
      shown.box = between(shown.box, box, moved);
      shown.probabilities = between(shown.probabilities, probabilities, moved);
    }
  }

  /** Show the tracks as they were found. */
  settle() {
    for (const track of this.tracks) {
      track.shown = { box: track.box, probabilities: track.probabilities };
    }
  }
}

function between(from, to, share) {
  return from.map((value, index) => value + share * (to[index] - value));
}

/** For each face the track that it continues, if any; those that overlap most find each other first. */
function matchBoxes(faces, tracks, minOverlap) {
  const pairs = faces
    .flatMap(({ box }, face) =>
      tracks.map((track) => ({ face, track, shared: overlap(box, track.box) })),
    )
    .filter(({ shared }) => shared >= minOverlap)
    .sort((one, other) => other.shared - one.shared);
  const matches = [];
  const taken = new Set();
  for (const { face, track } of pairs) {
    if (matches[face] || taken.has(track)) continue;
    matches[face] = track;
    taken.add(track);
  }
  return matches;
}

/** The intersection over union of two boxes, 0 to 1. */
export function overlap([x, y, width, height], [x2, y2, width2, height2]) {
  const across = Math.min(x + width, x2 + width2) - Math.max(x, x2);
  const down = Math.min(y + height, y2 + height2) - Math.max(y, y2);
  const shared = Math.max(across, 0) * Math.max(down, 0);
  return shared / (width * height + width2 * height2 - shared);
}

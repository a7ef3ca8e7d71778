// Faces in words and colors.
//
// A face is {box: [x, y, width, height], label, probabilities}, with one probability per label in
// the order of `settings.labels`. `settings` is what fer_lib/live/frontend.py gives.

/** The most probable label, or `settings.unsure` if none reaches `settings.minConfidence`. */
export function labelOf(probabilities, { labels, unsure, minConfidence }) {
  const highest = Math.max(...probabilities);
  return highest >= minConfidence ? labels[probabilities.indexOf(highest)] : unsure;
}

/** The color of a label; white for `settings.unsure`. */
export function colorOf(label, { colors }) {
  return colors[label] ?? "#ffffff";
}

/** "82%" */
export function percent(probability) {
  return `${Math.round(100 * probability)}%`;
}

/** "happy 82%", or "unsure". */
export function describeFace({ label, probabilities }, { labels }) {
  const index = labels.indexOf(label);
  return index < 0 ? label : `${label} ${percent(probabilities[index])}`;
}

/** "One face: happy." or "2 faces: happy, sad.", from a description of each face. */
export function countFaces(descriptions) {
  const count = descriptions.length === 1 ? "One face" : `${descriptions.length} faces`;
  return `${count}: ${descriptions.join(", ")}.`;
}

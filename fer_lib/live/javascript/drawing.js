// Faces drawn over an image or a frame. Lengths are in the units of the canvas's context.

const SHADE = "rgb(0 0 0 / 70%)"; // behind white text
const WHITE = "#ffffff";
const FONT = "system-ui, sans-serif";
// In rows of the bars' panel, of which each label has one.
const PADDING = 0.25;
const BAR_LEFT = 4.25; // beyond the longest label
const BAR_LENGTH = 4; // at probability 1
const BAR_HEIGHT = 0.7;

/**
 * Draw a face's box, [x, y, width, height], with a title above it.
 *
 * size: height of the title's letters. A title wider than `maxTitleWidth` is left out.
 */
export function drawBox(context, box, title, color, { size, maxTitleWidth = Infinity }) {
  const [x, y, width, height] = box;
  context.lineWidth = Math.max(2, size / 6);
  context.strokeStyle = color;
  context.strokeRect(x, y, width, height);
  context.font = `600 ${size}px ${FONT}`;
  const titleWidth = context.measureText(title).width;
  if (titleWidth > maxTitleWidth) return;
  const left = Math.max(x, 0);
  const top = Math.max(y - 1.5 * size, 0);
  context.fillStyle = SHADE;
  context.fillRect(left, top, titleWidth + 0.75 * size, 1.5 * size);
  context.fillStyle = WHITE;
  context.textBaseline = "middle";
  context.fillText(title, left + 0.375 * size, top + 0.75 * size);
}

/** The [width, height] of the panel that `drawBars` draws. */
export function barsSize({ labels }, row) {
  return [(BAR_LEFT + BAR_LENGTH + PADDING) * row, (labels.length + 2 * PADDING) * row];
}

/** Draw a panel with a bar per label; row: height of one label with its bar. */
export function drawBars(context, [left, top], probabilities, settings, row) {
  const { labels, colors } = settings;
  context.fillStyle = SHADE;
  context.fillRect(left, top, ...barsSize(settings, row));
  context.font = `${0.8 * row}px ${FONT}`;
  context.textBaseline = "middle";
  labels.forEach((label, index) => {
    const middle = top + row * (index + 0.5 + PADDING);
    const [length, height] = [BAR_LENGTH * row * probabilities[index], BAR_HEIGHT * row];
    context.fillStyle = WHITE;
    context.fillText(label, left + PADDING * row, middle);
    context.fillStyle = colors[label];
    context.fillRect(left + BAR_LEFT * row, middle - height / 2, length, height);
  });
}

// What both pages share: asking the API, bars beside the picture, boxes on it.

const shared = document.getElementById("content").dataset;
const unsure = shared.unsure;
const leastConfidence = Number(shared.leastConfidence);
const largestBytes = Number(shared.largestBytes);
export const colours = JSON.parse(shared.colours);
export const labels = Object.keys(colours);
export const shade = "rgb(0 0 0 / 70%)"; // behind white text on a picture

/** An answer that the page shows as it is; seconds: after which to try again, 0 for never. */
export class Refusal extends Error {
  constructor(code, sentence, seconds = 0) {
    super(sentence);
    this.code = code;
    this.seconds = seconds;
  }
}

/**
 * The API's answer to a picture (a Blob); options: {whole: true} or {small: true}, as the API has them.
 * Throws a Refusal with a sentence for the reader.
 */
export async function predict(picture, options = {}) {
  if (picture.size > largestBytes) {
    throw new Refusal("too_many_bytes", "The picture is larger than 8 MB: choose a smaller one.");
  }
  let response;
  try {
    const type = picture.type || "application/octet-stream";
    response = await fetch(`/api/predict?${new URLSearchParams(options)}`, {
      method: "POST", body: picture, headers: { "Content-Type": type },
    });
  } catch {
    throw new Refusal("no_server", "The server does not answer: is it still running?");
  }
  const answer = await response.json().catch(() => null); // a proxy's own error is no JSON
  if (answer === null) {
    throw new Refusal("no_answer", `The server gave no proper answer (${response.status}).`);
  }
  if (!response.ok) {
    const seconds = Number(response.headers.get("Retry-After"));
    throw new Refusal(answer.error.code, answer.error.sentence, seconds);
  }
  return answer;
}

/** The expression's name, or "unsure" where none is likely enough. */
export function nameOf(probabilities) {
  const best = labels.reduce((a, b) => (probabilities[b] > probabilities[a] ? b : a));
  return probabilities[best] >= leastConfidence ? best : unsure;
}

/** How many faces there are, and what each shows. */
export function summary(names) {
  return `${names.length === 1 ? "One face" : `${names.length} faces`}: ${names.join(", ")}.`;
}

export const percent = (share) => `${Math.round(100 * share)} %`;

/** A table with a bar for each probability; returns {table, show(title, probabilities)}. */
export function bars() {
  const table = document.createElement("table");
  const caption = table.createCaption();
  const rows = labels.map((label) => {
    const row = table.insertRow();
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = label;
    const share = document.createElement("td");
    share.className = "share";
    const [track, bar] = [document.createElement("div"), document.createElement("div")];
    [track.className, bar.className] = ["track", "bar"];
    bar.style.backgroundColor = colours[label];
    track.append(bar);
    row.append(head, share);
    row.insertCell().append(track);
    return { label, share, bar };
  });
  function show(title, probabilities) {
    caption.textContent = title;
    for (const { label, share, bar } of rows) {
      share.textContent = percent(probabilities[label]);
      bar.style.width = percent(probabilities[label]).replace(" ", "");
    }
  }
  return { table, show };
}

/** Draw a face's box and its title above it; box: [x, y, width, height] in the canvas' units. */
export function drawBox(context, [x, y, width, height], title, colour) {
  context.lineWidth = 3;
  context.strokeStyle = colour;
  context.strokeRect(x, y, width, height);
  context.font = "600 16px system-ui, sans-serif";
  const [left, top] = [Math.max(x, 0), Math.max(y - 24, 0)];
  context.fillStyle = shade;
  context.fillRect(left, top, context.measureText(title).width + 12, 24);
  context.fillStyle = "#fff";
  context.textBaseline = "middle";
  context.fillText(title, left + 6, top + 12);
}

export const colourOf = (name) => colours[name] ?? "#ffffff";

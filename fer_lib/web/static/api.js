// Asking the website's API.

import { settings } from "./settings.js";

/** A failure that the page shows; seconds: after which to try again, 0 for never. */
export class ApiError extends Error {
  constructor(message, seconds = 0) {
    super(message);
    this.seconds = seconds;
  }
}

/**
 * The faces that the API finds in an image (a Blob), as ../../live/javascript/faces.js has them.
 *
 * options: {whole: true} or {small: true}, as the API has them. Throws an ApiError.
 */
export async function predict(image, options = {}) {
  if (image.size > settings.maxBytes) {
    const limit = `${settings.maxBytes / 1e6} MB`;
    throw new ApiError(`The image is larger than ${limit}. Choose a smaller one.`);
  }
  const response = await post(image, options);
  const content = await response.json().catch(() => null); // a proxy's own error is not JSON
  if (content === null) {
    throw new ApiError(`The server's response is invalid (${response.status}). Try again.`);
  }
  if (!response.ok) {
    throw new ApiError(content.error.message, Number(response.headers.get("Retry-After")));
  }
  return content.faces.map((face) => ({
    ...face,
    probabilities: settings.labels.map((label) => face.probabilities[label]),
  }));
}

async function post(image, options) {
  const type = image.type || "application/octet-stream";
  try {
    return await fetch(`/api/predict?${new URLSearchParams(options)}`, {
      method: "POST",
      body: image,
      headers: { "Content-Type": type },
    });
  } catch {
    throw new ApiError("The server doesn't respond. Check that it is running.");
  }
}

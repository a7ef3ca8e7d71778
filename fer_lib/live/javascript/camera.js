// The camera, and what to do when there is none.

/** What to show when a running camera ends. */
export const CAMERA_ENDED =
  "The camera was disconnected or turned off. Connect it, then start again.";

/** What to show when a running camera sends no frames. */
export const CAMERA_MUTED =
  "The camera sends no frames: another program may be using it, or its shutter may be closed. " +
  "If frames don't come back, press Stop, then Start.";
/** What to show when a camera that was started gives no frame. */
export const CAMERA_SLOW =
  "Still no frame. Allow the camera if the browser asks for it, and check its shutter and cable.";
/** Milliseconds without a frame after which to say so. */
export const FRAME_TIMEOUT = 8000;

const INSECURE_PAGE =
  "Browsers give cameras to secure pages only. Open this page at localhost or over HTTPS.";
const MESSAGES = {
  NotAllowedError:
    "The browser doesn't allow the camera. Allow it with the icon beside the page's address " +
    "(and in the system's privacy settings), then start again.",
  NotFoundError: "No camera was found. Connect one, then start again.",
  NotReadableError:
    "The camera doesn't start. Close any other program that uses it, then start again.",
  AbortError: "The camera stopped while it was starting. Reconnect it, then start again.",
  SecurityError:
    "The browser's settings or this page's policy forbid cameras. Use another browser.",
  OverconstrainedError: "No camera meets the constraints. Relax them, then start again.",
};

/** Open the camera with `settings.camera`, getUserMedia's constraints. Resolves to a stream. */
export async function openCamera({ camera }) {
  return navigator.mediaDevices.getUserMedia(camera); // undefined on an insecure page
}

/** Stop a stream, if there is one: a camera's light goes out. */
export function stopStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** What went wrong when a camera couldn't be opened, and what to do. */
export function explainCameraError(error) {
  if (!window.isSecureContext) return INSECURE_PAGE;
  const reason = error.message || error.name || error;
  return (
    MESSAGES[error.name] ??
    `The camera can't be opened (${reason}). Start again, or reload the page.`
  );
}

// The camera, and what to do when there is none.

/** What to show when a running camera ends. */
export const CAMERA_ENDED =
  "The camera was disconnected or turned off. Connect it, then start again.";

const INSECURE_PAGE =
  "Browsers give cameras to secure pages only. Open this page at localhost or over HTTPS.";
const MESSAGES = {
  NotAllowedError:
    "The browser doesn't allow the camera. Allow it with the icon beside the page's address " +
    "(and in the system's privacy settings), then start again.",
  NotFoundError: "No camera was found. Connect one, then start again.",
  NotReadableError:
    "The camera doesn't start. Close any other program that uses it, then start again.",
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

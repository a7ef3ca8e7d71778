"""A camera with few frames per second, because each costs computing time that other tests need."""

import cv2

FPS = 10  # of an MJPEG file, Chromium would show 30


def write_y4m(path, frames):
    """Write frames as YUV4MPEG2, which Chromium shows at the rate that the file names.

    Args:
        path: File to write.
        frames: Iterable of RGB frames, `(480, 640, 3)` uint8.

    Returns:
        The path.
    """
    with open(path, "wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F%d:1 Ip A1:1 C420jpeg\n" % FPS)
        for frame in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path

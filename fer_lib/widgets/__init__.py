"""The notebook's widgets: faces and their expressions in a live picture and in uploaded ones.

What is sent between browser and kernel, and when, is said in `answers`.
"""

from fer_lib.widgets.live_view import LiveView
from fer_lib.widgets.upload_panel import UploadPanel

__all__ = ["LiveView", "UploadPanel"]

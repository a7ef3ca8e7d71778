"""The packages of the extra `test` that measurements in a browser need: Playwright and psutil."""

from fer_lib.exceptions import Problem

try:
    import psutil
    from playwright.sync_api import sync_playwright
except ImportError as error:
    raise Problem(
        f"The package {error.name} is missing. "
        "Run `pip install -c constraints.txt -e '.[test]'` and try again."
    ) from error

__all__ = ["psutil", "sync_playwright"]

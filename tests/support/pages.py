"""What browser tests do on several kinds of pages."""

import re

import pytest

from fer_lib.paths import REPOSITORY

AXE = REPOSITORY / "node_modules" / "axe-core" / "axe.min.js"
# Without them axe-core leaves out WCAG 2.2's rule on the size of what is pressed.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """([within, rules]) => axe.run(within, { runOnly: rules }).then(({ violations }) =>
  violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)]))"""


def status(page, text):
    """Wait until the page's status has that text (a regular expression)."""
    page.locator("#status", has_text=re.compile(text)).wait_for()


def start_and_stop_by_keyboard(page):
    """Start and stop the camera twice; the focus goes to the button that is of use next."""
    page.locator("#start").focus()
    for _ in range(2):
        page.keyboard.press("Enter")
        status(page, "One face: ")
        assert page.locator(":focus").get_attribute("id") == "stop"
        page.keyboard.press("Enter")
        status(page, "The camera is off")
        assert page.locator(":focus").get_attribute("id") == "start"


def violations(page, within="html"):
    """What axe-core objects to: a list of rules and the elements that break them.

    Args:
        page: The Playwright `Page`.
        within: A CSS selector of what to test.
    """
    if not AXE.exists():
        pytest.skip("needs axe-core (npm install)")
    page.evaluate(AXE.read_text(encoding="utf-8"))  # a script element would break a page's policy
    return page.evaluate(VIOLATIONS, [within, RULES])

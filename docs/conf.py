"""Settings of the course's website, which `make site` builds with Sphinx."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import fer_lib

HERE = Path(__file__).parent

project = "Reading facial expressions"
author = "The fer_lib authors"
version = release = fer_lib.__version__
project_copyright = f"{author}. Text and figures: CC BY 4.0. Code: MIT"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "mathml",
    "pages",
    "social_card",
]
# The sources are where GitHub and Jupyter show them, so the source folder is the repository.
root_doc = "README"
include_patterns = [
    "*.md",
    "*/README.md",
    "*/*/README.md",
    "teaching/*.md",
    "notebooks/*.ipynb",
    "exercises/release/*/*.ipynb",
    "docs/library.rst",
    "docs/api/*.rst",
]
exclude_patterns = ["build", "course", "node_modules", ".*"]
templates_path = [str(HERE / "templates")]

# Notebooks are shown as they were committed.
nb_execution_mode = "off"
nb_merge_streams = True
# Images in raw HTML are copied only with `html_image`.
myst_enable_extensions = ["dollarmath", "html_image"]
myst_heading_anchors = 3

# Docstrings write code in single backticks, as Markdown does.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
add_module_names = False
napoleon_numpy_docstring = False
# Returns and Attributes as text: a sentence before a colon isn't the name of a class.
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_attr_annotations = False

html_theme = "sphinx_book_theme"
html_title = project
html_permalinks_icon = "#"
html_favicon = "style/favicon.svg"
html_static_path = ["style"]
html_css_files = ["site.css"]
# Where the site is published, for the addresses in its previews; the publishing workflow sets it.
html_baseurl = os.environ.get("SITE_ADDRESS", "")
html_context = {"default_mode": "auto", "html_baseurl": html_baseurl}
html_sidebars = {
    "**": ["site-links", "search-button-field", "sbt-sidebar-nav"],
}
html_math_renderer = "mathml"
html_sourcelink_suffix = ""
html_theme_options = {
    "navbar_persistent": [],  # the search field is in the sidebar already
    "show_toc_level": 2,
    "max_navbar_depth": 1,  # modules are listed on the library's pages
    "collapse_navbar": True,  # the same pages, built a third faster
    "use_fullscreen_button": False,
}

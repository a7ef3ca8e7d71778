# Every target first sets itself up in .venv; see README.md. On Windows use conda (environment.yml).
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --disable-pip-version-check -c constraints.txt
# Written last, so that an interrupted installation starts over.
COURSE := .venv/ready-course
TEST := .venv/ready-test
SITE := .venv/ready-site
# Some systems set this. The tests start hundreds of processes, which share what is compiled once.
unexport PYTHONDONTWRITEBYTECODE
# Three processes, for two cores: tests of pages and servers often wait. A file stays in one of
# them: its tests share fixtures, a notebook's cells a kernel.
# The files go out in the order of testpaths, the notebooks first: they take longest.
PYTEST := $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder
# What comes from npm, where that is there: the demo's parts, reveal.js, JupyterHub's proxy, a linter.
NODE := $(if $(shell command -v npm),node_modules/ready)
BIOME := node_modules/.bin/biome

.PHONY: help course check test lab demo site slides

help:
	@echo "make course   run all notebooks in order and regenerate figures/"
	@echo "make check    lint, and run the fast tests: for every change"
	@echo "make test     run all tests, including browsers and notebooks: before a merge"
	@echo "make lab      open the notebooks in JupyterLab"
	@echo "make demo     build the demo that runs in a browser, in build/demo"
	@echo "make site     build the course as a website, with the demo, in build/site"
	@echo "make slides   make slides from the notebooks, for teachers"

course: $(COURSE)
	$(BIN)/fer course

lab: $(COURSE)
	$(BIN)/jupyter lab

# Node.js from PyPI where the computer has none.
demo: $(COURSE)
	$(if $(shell command -v npm),,$(INSTALL) -e '.[node]')
	$(BIN)/python -m fer_lib.web.browser.build build/demo

site: $(SITE) demo
	rm -rf build/site
	$(BIN)/sphinx-build --quiet --nitpicky --fail-on-warning --fresh-env \
	    --conf-dir docs --doctree-dir build/doctrees . build/site
	cp -r build/demo build/site/demo
	@echo "The website is in build/site. To read it at http://localhost:8000, run:"
	@echo "    $(BIN)/python -m http.server 8000 --directory build/site"

slides: $(COURSE) $(NODE)
	$(BIN)/fer slides

check: $(TEST) $(NODE)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache
	$(if $(NODE),$(BIOME) ci,@echo "No npm, so the JavaScript is not linted.")
	$(PYTEST) tests -m "not browser and not slow"

test: $(TEST) $(SITE) $(NODE)
	$(PYTEST)

$(COURSE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit(\
	    "The course needs Python 3.11, 3.12, or 3.13, and $(PYTHON) is %d.%d. " % sys.version_info[:2] \
	    + "Name another: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv --clear .venv
	$(INSTALL) -e .
	@touch $@

$(TEST): $(COURSE)
	$(INSTALL) -e '.[test,teaching]'
	@touch $@

$(SITE): $(COURSE)
	$(INSTALL) -e '.[site]'
	@touch $@

node_modules/ready: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# Every target first sets itself up in .venv; see README.md. On Windows use conda (environment.yml).
PYTHON ?= python3
BIN := .venv/bin
# Written last, so that an interrupted installation starts again from an empty .venv.
READY := .venv/ready

.PHONY: help course test lab

help:
	@echo "make course   run all notebooks in order and make figures/ again"
	@echo "make test     run all tests, the notebooks' included"
	@echo "make lab      open the notebooks in JupyterLab"

course: $(READY)
	$(BIN)/fer course

test: $(READY)
	$(BIN)/pytest

lab: $(READY)
	$(BIN)/jupyter lab

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; (3, 11) <= sys.version_info[:2] <= (3, 13) or sys.exit(\
	    "The course needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is %d.%d. " % sys.version_info[:2] \
	    + "Name another: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

# make run, make test, make check: on a bare machine with Python 3.11 or newer.

# An IP address or localhost: granian knows no other names.
HOST ?= 127.0.0.1
PORT ?= 8000
# In the address of a page an IPv6 address stands in brackets.
SITE_URL ?= http://$(if $(findstring :,$(HOST)),[$(HOST)],$(HOST)):$(PORT)

# Python does not find itself without it.
export PATH := $(or $(PATH),/usr/local/bin:/usr/bin:/bin)

PYTHON ?= python3
IN_VENV := .venv/bin/python -m
INSTALL := $(IN_VENV) pip install --quiet --disable-pip-version-check --require-hashes
TEST := pytest --dist worksteal -n 2 -q
# Tests of SQL, which run on the second database too.
ON_POSTGRESQL := tests/security tests/psf/history tests/psf/lists tests/psf/impact \
	tests/partners/models tests/projects/models tests/projects/list_index tests/projects/decisions \
	tests/psf/public_changes tests/projects/open_data/test_giving360.py \
	tests/projects/open_data/test_package.py
# Tests of the code that only PostgreSQL runs.
OF_POSTGRESQL := tests/psf/database tests/psf/operations tests/psf/search \
	tests/psf/caching/test_data_version.py tests/psf/caching/test_replica_readers.py \
	tests/psf/staff/test_optimistic_locking.py::TestAddressesAndWords \
	tests/psf/staff/test_optimistic_locking.py::TestWhatOnlyTheDatabaseSees
TEMPLATES = $(shell find templates -name '*.html')
# Jinja templates, which djade does not know.
JINJA = $(shell find templates/public templates/staff -name '*.html')

.PHONY: run test test-measured test-unmeasured test-of-postgresql test-on-postgresql check

run: .venv/installed
	@SITE_URL=$(SITE_URL) .venv/bin/python manage.py prepare \
		&& echo "Starting the server at $(SITE_URL), for this machine." \
		&& echo "A public address needs a proxy: slow senders stop sign-ins, slow downloads stop the site." \
		&& SITE_URL=$(SITE_URL) exec $(IN_VENV) granian psf.wsgi:application --interface wsgi \
		--host $(HOST:localhost=127.0.0.1) --port $(PORT) --workers 2 --blocking-threads 16 \
		--http 1 --http1-header-read-timeout 5000 --no-ws \
		--respawn-failed-workers --workers-kill-timeout 5

# Workers and runs share the compiled tests, even where the environment forbids to write them.
test check: export PYTHONDONTWRITEBYTECODE :=
test: .venv/installed-dev
	$(IN_VENV) coverage erase
	$(MAKE) test-measured
	$(MAKE) --jobs=2 test-unmeasured test-of-postgresql test-on-postgresql
	$(IN_VENV) coverage combine --quiet
	$(IN_VENV) coverage report

# Alone, because more processes than processors slow each other down.
test-measured:
	$(IN_VENV) coverage run -m $(TEST) -m "not unmeasured and not hypothesis and not sweep"

# Beside PostgreSQL, because these tests often wait for browsers and programs.
test-unmeasured:
	$(IN_VENV) $(TEST) -m "(unmeasured or hypothesis) and not sweep"

# Each has a server and a process of its own. Some tests fail beside transactions of another process.
# Only the code of PostgreSQL is measured here.
test-of-postgresql:
	PSF_TEST_DATABASE=postgresql $(IN_VENV) coverage run -m pytest -q $(OF_POSTGRESQL)

test-on-postgresql:
	PSF_TEST_DATABASE=postgresql $(IN_VENV) pytest -q $(ON_POSTGRESQL)

# Prints the names of the steps, and the output of a step that fails.
quietly = @echo "$(1)"; $(2) >.venv/check.log 2>&1 || { cat .venv/check.log; exit 1; }

check: .venv/installed-dev
	$(call quietly,formatting,$(IN_VENV) ruff format --check .)
	$(call quietly,lint,$(IN_VENV) ruff check .)
	$(call quietly,types,$(IN_VENV) mypy)
	$(call quietly,imports between rooms,.venv/bin/lint-imports --no-cache --no-logo)
	$(call quietly,templates of Django,.venv/bin/djade --target-version 5.2 --check $(filter-out $(JINJA),$(TEMPLATES)))
	$(call quietly,templates,$(IN_VENV) djhtml --tabwidth 2 --check $(TEMPLATES))
	$(call quietly,migrations,.venv/bin/python manage.py makemigrations --check --dry-run)
	$(call quietly,settings of a public site,SITE_URL=https://psf.example.org \
		SECRET_KEY=$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))') \
		.venv/bin/python manage.py check --deploy --fail-level WARNING)

# Stamps: a lock is installed again only after it has changed.
.venv/installed: requirements.txt | .venv/bin/pip
	@echo "Installing $$(grep -c == $<) packages ..."
	@$(INSTALL) -r $<
	@touch $@

# Tests import less than half of the modules, and compile those.
.venv/installed-dev: requirements-dev.txt | .venv/bin/pip
	@echo "Installing $$(grep -c == $<) packages for tests and checks ..."
	@$(INSTALL) --no-compile -r $<
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name one with PYTHON=python3.13, for example." >&2; \
		exit 1; }
	@echo "Creating the virtual environment in .venv ..."
	@$(PYTHON) -m venv .venv || { \
		echo "The venv module of Python is missing; on Debian: apt install python3-venv." >&2; \
		exit 1; }

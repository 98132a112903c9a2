# `make demo` and `make test` set themselves up; everything else stands on what they install.

PORT ?= 8000
BANKS_PORT ?= $(shell expr $(PORT) + 1)
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
BANKS := http://127.0.0.1:$(BANKS_PORT)
GOST_PORT ?= $(shell expr $(BANKS_PORT) + 1)
VAR_DIR ?= $(CURDIR)/var

# The demo's whole environment: published secrets, the bundled banks and their gateway instead of the real ones.
DEMO_ENV = DEMO=1 WEB_PORT=$(PORT) BANKS_PORT=$(BANKS_PORT) GOST_PORT=$(GOST_PORT) VAR_DIR='$(VAR_DIR)' \
	VBANK_BASE_URL=$(BANKS)/vbank ABANK_BASE_URL=$(BANKS)/abank SBANK_BASE_URL=$(BANKS)/sbank \
	RATES_URL=$(BANKS)/rates/XML_daily.asp RATES_SOURCE=bundled \
	BANKINGAPI_BASE_URL='$(BANKS)/{bank}' \
	BANKINGAPI_TOKEN_URL=$(BANKS)/auth/realms/kubernetes/protocol/openid-connect/token \
	BANKINGAPI_CLIENT_HEADER=X-Mdm-Id BANKINGAPI_CONSENT_HEADER=X-Consent-Id \
	GOST_ENABLED=1 GOST_BASE_URL='https://localhost:$(GOST_PORT)/{bank}' GOST_CA_FILE='$(VAR_DIR)/gost/ca.pem'

.PHONY: demo test check messages screens bench clean

demo: $(VENV)/installed
	@$(DEMO_ENV) $(BIN)/python manage.py migrate --verbosity 0
	@$(DEMO_ENV) $(BIN)/python manage.py collectstatic --no-input --verbosity 0
	@printf '\nFinanceHub: http://localhost:$(PORT)/   (Ctrl-C stops it)\n\nLogins:\n'
	@$(DEMO_ENV) $(BIN)/python manage.py demo_people
	@printf '\n'
	@conf=$$($(BIN)/python -m banking.clients.gost.conf '$(VAR_DIR)/gost/openssl.cnf'); \
	if [ -n "$$conf" ]; then export OPENSSL_CONF="$$conf"; \
	else echo 'GOST: no engine for OpenSSL here (apt-get install libengine-gost-openssl); all else works.'; fi; \
	exec env $(DEMO_ENV) PATH="$(abspath $(BIN)):$$PATH" $(BIN)/honcho --env /dev/null start

test: $(VENV)/installed-dev
	$(BIN)/pytest -q -n 2

check: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files -z 'templates/*.html' | xargs -0 $(BIN)/djade --check --target-version 5.2
	$(BIN)/mypy .
	$(BIN)/lint-imports

# Collect the texts of the interface and compile them; needs gettext. What is compiled is kept in git, so
# that the demo does not need it.
messages: $(VENV)/installed
	DEMO=1 $(BIN)/python manage.py makemessages --all --no-obsolete --add-location file --ignore tests --ignore bench --ignore sandbox --ignore var
	DEMO=1 $(BIN)/python manage.py compilemessages --verbosity 0

screens: $(VENV)/installed-dev
	$(BIN)/python -m bench.screens http://127.0.0.1:$(PORT)

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench

clean:
	rm -rf var

$(VENV)/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'FinanceHub needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@echo 'Installing what FinanceHub runs on (once) …'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	@echo 'Installing what the tests need (once) …'
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -r requirements-dev.txt
	@touch $@

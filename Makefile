# Portico's commands. `make run` needs rustup, a C compiler and Node.js 20; nothing else.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup site release run dev test bench e2e shots lighthouse

# Everything built goes here: .ci/run points it outside the checkout.
export CARGO_TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
export PORTICO_BIN := $(CARGO_TARGET_DIR)/release/portico
release run e2e shots lighthouse: export PORTICO_SITE_DIR := $(CARGO_TARGET_DIR)/site
node_modules := end2end/node_modules/.package-lock.json

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(node_modules) ## install the build tools (wasm target, wasm-bindgen, npm packages)
	@.ci/tools.sh

$(node_modules): end2end/package.json end2end/package-lock.json
	@echo "==> npm packages for building and testing the site"
	@cd end2end && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

site: setup ## build the web site into target/site
	@echo "==> Site: wasm, style and public files"
	@node end2end/build/site.mjs

release: site ## build the site and the release binary
	@echo "==> Server: release build (the first takes some minutes)"
	@cargo build --release -p server --bin portico

run: release ## build everything and start a demo on http://localhost:3000
	@echo "==> Demo"
	@$(PORTICO_BIN) demo

dev: setup ## debug build of the demo, rebuilt and restarted at every change
	@node end2end/build/dev.mjs

test: ## every check: format, clippy, tests on SQLite and PostgreSQL, browser, sizes
	@.ci/test.sh

bench: ## how fast it is, against axum, rusqlite and pgbench doing the same; target/bench/report.json
	@.ci/bench.sh $(ARGS)

e2e: $(node_modules) ## the browser tests alone, against the last release build
	@cd end2end && node_modules/.bin/tsc --noEmit && node_modules/.bin/playwright test $(ARGS)

shots: $(node_modules) ## pictures of every page into end2end/shots
	@node end2end/shoot.mjs $(ARGS)

lighthouse: $(node_modules) ## Lighthouse's scores of the booking pages, as a phone on a slow line sees them
	@node end2end/lighthouse.mjs $(ARGS)

# The one front door: `make help` lists what can be asked for.
.DEFAULT_GOAL := help
.PHONY: help deps build run examples pictures web test bench bench-web bench-data fmt lint fuzz soak soak-service test-asan test-tsan test-journeys wasm wasm-size debug clean
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
FUZZ_SECONDS ?= 60
SOAK_MINUTES ?= 10

# The first configuration of a build folder; later ninja itself asks CMake again when needed.
configure = test -f build/$(1)/build.ninja || cmake --preset $(1) > build/$(1).configure.log 2>&1 || { cat build/$(1).configure.log; exit 1; }

help: ## Shows this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

deps:
	@mkdir -p build
	@tools/bootstrap

build: deps ## Builds the optimised binary, build/bin/weir
	@echo "build: the optimised binary, build/bin/weir"
	@$(call configure,release)
	@tools/build release weir

run: build ## Starts the service with the examples loaded and runs one over real data (PORT=8080)
	@echo "run: the service, with the examples"
	@tools/run-service

examples: build ## Runs every example over real data found on this machine
	@echo "examples: every example over real data"
	@tools/run-main-job

pictures: build ## Draws the pictures of the studio in docs/images anew, in Chromium
	@echo "pictures: the studio with a flow that runs, in both themes"
	@node web/studio/scripts/pictures.mjs

web: deps ## Serves the demo page, the engine in a tab, on http://127.0.0.1:8080 (PORT=…)
	@echo "web: the engine for WebAssembly, then the demo page"
	@$(call configure,wasm)
	@tools/build wasm weir_wasm
	@node web/demo/scripts/serve.mjs $(or $(PORT),8080)

test: deps ## Builds for both targets and runs every test; the last line counts the cases
	@echo "test: builds natively and for wasm, then runs every test"
	@$(call configure,release)
	@$(call configure,wasm)
	@$(call configure,asan)
	@$(call configure,tsan)
	@python3 tools/run_tests/main.py

bench: build ## Measures ours and peers in one run (about half an hour)
	@echo "bench: ours and peers, medians of five"
	@tools/bootstrap --bench
	@if test -x bench/run; then bench/run; else echo "bench: bench/run is missing"; exit 1; fi

bench-web: build ## Measures the engine in Chromium, the editor's pages too, beside peers (half an hour; QUICK=1: two minutes)
	@echo "bench-web: ours and peers in one page of Chromium, medians of five"
	@$(call configure,wasm)
	@tools/build wasm weir_wasm
	@$(if $(QUICK),,bench/peers/build)
	@node web/bench/scripts/run.mjs $(if $(QUICK),--quick)

bench-data: deps ## Makes the benchmarks' input in build/bench-data, about 4 GB
	@echo "bench-data: CSV, logs and NDJSON in build/bench-data"
	@$(call configure,release)
	@tools/build release make-data
	@build/release/make-data --out build/bench-data

fmt: deps ## Formats C++ and flow documents
	@echo "fmt: formats C++ and flow documents"
	@tools/fmt

lint: deps ## Checks format, clang-tidy and the rules of the house; ALL=1 checks unchanged files too
	@echo "lint: clang-format, clang-tidy, tools/tidy"
	@$(call configure,release)
	@tools/lint

fuzz: deps ## Feeds every parser garbage for FUZZ_SECONDS (60) each, under sanitizers
	@echo "fuzz: every parser for $(FUZZ_SECONDS) s under address and undefined-behaviour sanitizers"
	@$(call configure,fuzz)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) python3 tools/fuzz.py

soak: build ## Runs a live flow for SOAK_MINUTES (10): memory and open files stay flat; then kills a durable one 1,000 times
	@echo "soak: a live flow for $(SOAK_MINUTES) minutes"
	@python3 tests/soak/memory.py $(SOAK_MINUTES)
	@echo "soak: 1,000 kills of a flow with durable edges"
	@WEIR_KILLS=1000 python3 tests/end-to-end/durable.test.py Killed

soak-service: SOAK_MINUTES = 30
soak-service: build ## People and probers on a server for SOAK_MINUTES (30): times, lost edits, availability
	@echo "soak-service: a hundred people, then kills, upgrades and certificates, $(SOAK_MINUTES) minutes each"
	@WEIR_SOAK_MINUTES=$(SOAK_MINUTES) python3 tests/end-to-end/load.test.py
	@echo "soak-service: 1,000 kills of a server and its engines that take webhooks"
	@WEIR_KILLS=1000 python3 tests/end-to-end/serve-kills.test.py

test-journeys: build ## Runs the studio's long journeys and holds its pages against the pictures that are kept
	@echo "test-journeys: long journeys through the studio, and pictures of its pages"
	@$(call configure,wasm)
	@tools/build wasm weir_wasm
	@python3 tools/run_tests/main.py --only journeys

test-asan: deps ## Runs every test under address and undefined-behaviour sanitizers
	@echo "test-asan: every test under address and undefined-behaviour sanitizers"
	@$(call configure,asan)
	@python3 tools/run_tests/main.py --only asan

test-tsan: deps ## Runs every test under the thread sanitizer
	@echo "test-tsan: every test under the thread sanitizer"
	@$(call configure,tsan)
	@python3 tools/run_tests/main.py --only tsan

wasm: deps ## Builds engine and nodes for WebAssembly: build/wasm/weir-cases.wasm
	@echo "wasm: engine and nodes for WebAssembly"
	@$(call configure,wasm)
	@tools/build wasm all

wasm-size: deps ## Says what each part takes in weir.wasm; fails above 1.52 MB gzipped
	@echo "wasm-size: docs/reference/wasm-size.md"
	@$(call configure,wasm)
	@tools/build wasm weir_wasm
	@python3 tools/wasm-size/main.py --docs docs/reference/wasm-size.md

debug: deps ## Builds everything for a debugger, with extensive hardening, in build/debug
	@echo "debug: build/debug"
	@$(call configure,debug)
	@tools/build debug all

clean: ## Deletes everything that was built
	@echo "clean: deletes build/"
	@rm -rf build

# The two commands: `make run` goes from nothing to a prediction, `make test` tests. `make help` lists the rest.

BUILD := build
JOBS ?= $(shell nproc)
CMAKE_FLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup configure build run up test test-unit test-e2e bench lint format asan tsan fuzz docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## packages by apt-get and npm, when missing
	@tools/setup.sh build

configure: setup
	@test -e $(BUILD)/build.ninja || { echo "configure: $(BUILD)"; cmake --preset release $(CMAKE_FLAGS) >/dev/null; }

build: configure ## the executables, into build/bin
	@cmake --build $(BUILD) -j $(JOBS) -- --quiet

run: build ## from nothing to a prediction, in seconds
	@$(BUILD)/bin/beer run

up: build ## the engine with the schedule live, until Ctrl-C
	@$(BUILD)/bin/beer up

test: build ## everything that ctest knows: units and real clients
	@tools/setup.sh test
	@cmake --build $(BUILD) -j $(JOBS) --target tests -- --quiet
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) $(CTEST_FLAGS)

test-unit: build ## the unit tests alone
	@cmake --build $(BUILD) -j $(JOBS) --target tests -- --quiet
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) -LE e2e

test-e2e: build ## the tests with real clients alone
	@tools/setup.sh test
	@ctest --test-dir $(BUILD) --output-on-failure -L e2e

bench: build ## every benchmark, each printing one table
	@cmake --build $(BUILD) -j $(JOBS) --target benchmarks -- --quiet
	@tools/bench.sh $(BUILD)

lint: build ## clang-tidy and the rules of the tree
	@tools/setup.sh lint
	@tools/lint.sh $(BUILD)

format: ## clang-format over our sources
	@tools/setup.sh lint
	@git ls-files 'src/*.cc' 'src/*.h' 'tools/*.cc' 'tests/*.cc' 'bench/*.cc' | xargs clang-format -i

asan: setup ## the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/sanitize.sh asan $(JOBS)

tsan: setup ## the unit tests under ThreadSanitizer
	@tools/sanitize.sh tsan $(JOBS)

clean: ## removes what was built
	@rm -rf $(BUILD)

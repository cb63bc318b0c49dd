# The two commands: `make run` goes from nothing to a prediction, `make test` tests. `make help` lists the rest.

BUILD := build
JOBS ?= $(shell nproc)
TARGET ?= aws

.DEFAULT_GOAL := help
.PHONY: help setup build run up package image terraform-init terraform-validate terraform-plan terraform-apply terraform-destroy terraform-cost test test-unit test-e2e test-faults test-terraform test-notebooks test-browser bench-browser bench bench-serving model-report lint lint-ci format asan asan-ci tsan fuzz clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z0-9-]*:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## packages by apt-get and npm, when missing
	@tools/setup.sh build

build: setup ## the executables, into build/bin
	@tools/build.sh $(BUILD) $(JOBS)

run: build ## from nothing to a prediction, in seconds
	@$(BUILD)/bin/beer run

up: build ## the engine with the schedule live, until Ctrl-C; DEPLOY=no: empty, for Terraform
	@$(BUILD)/bin/beer up $(if $(filter no,$(DEPLOY)),--no-deploy --brewery-port 8091)

package: build ## the functions' zips and the pipeline's definition for Terraform, into build/package
	@$(BUILD)/bin/beer package --output $(BUILD)/package

image: build ## the container image of beer-pipeline as an OCI tar, without a Docker engine
	@src/pipelines/container/image.sh $(BUILD) $(BUILD)/package/beer-pipeline.tar

terraform-init: ## Terraform's provider; TARGET=local aims this and the others at the engine, aws is the default
	@tools/terraform.sh init $(TARGET) $(BUILD)

terraform-validate: package ## the configuration's form and sense
	@tools/terraform.sh validate $(TARGET) $(BUILD)

terraform-plan: package ## what an apply would do
	@tools/terraform.sh plan $(TARGET) $(BUILD)

terraform-apply: package ## makes the system, without asking
	@tools/terraform.sh apply $(TARGET) $(BUILD)

terraform-destroy: package ## removes the system and its data, without asking
	@tools/terraform.sh destroy $(TARGET) $(BUILD)

terraform-cost: build ## what the system costs a month on AWS, at list prices
	@$(BUILD)/bin/beer cost

test: build ## units and real clients
	@tools/setup.sh test
	@tools/build.sh $(BUILD) $(JOBS) tests
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) -LE 'terraform|faults|notebooks' $(CTEST_FLAGS)

test-unit: build ## the unit tests alone
	@tools/build.sh $(BUILD) $(JOBS) tests
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS) -LE 'e2e|terraform|faults|notebooks'

test-e2e: build ## the tests with real clients alone
	@tools/setup.sh test
	@ctest --test-dir $(BUILD) --output-on-failure -L e2e

test-faults: build ## kill -9, power cuts and failing disks under the engine, again and again: nothing lost, nothing doubled
	@tools/setup.sh test
	@tools/build.sh $(BUILD) $(JOBS) disk
	@ctest --test-dir $(BUILD) --output-on-failure -V -L faults

test-terraform: build ## Terraform against the engine: the life of the system, ten copies of it, the same as beer deploy
	@tools/setup.sh test
	@ctest --test-dir $(BUILD) --output-on-failure -V -L terraform

test-notebooks: build ## the notebooks, executed against a live engine
	@tools/setup.sh test notebooks
	@ctest --test-dir $(BUILD) --output-on-failure -L notebooks

test-browser: build ## the console in a headless Chromium: every view, in light and dark, wide and narrow
	@tools/setup.sh browser
	@tests/browser/run.sh $(BUILD)

bench-browser: build ## how long each view of the console takes to open, with a million beers and 200 executions
	@tools/setup.sh browser
	@tests/browser/run.sh $(BUILD) speed

bench: build ## every benchmark, and one table of them all
	@tools/build.sh $(BUILD) $(JOBS) benchmarks
	@tools/bench.sh $(BUILD)

bench-serving: build ## what a prediction takes: in process beside XGBoost bare, over HTTP, through the engine
	@tools/build.sh $(BUILD) $(JOBS) serving_bench
	@tools/bench.sh $(BUILD) serving_bench

model-report: build ## whether the model is worth registering, bar by bar, on the real catalogue; SCALE=1: a million beers too
	@tools/build.sh $(BUILD) $(JOBS) beer_bench $(if $(SCALE),scale_bench)
	@tools/model_report.sh $(BUILD) $(SCALE)

lint: build ## clang-tidy and the rules of the tree
	@tools/setup.sh lint
	@tools/lint.sh $(BUILD)

lint-ci: build # what CI has the time for: the parts that read strangers' bytes and keep them
	@tools/setup.sh lint
	@tools/lint.sh $(BUILD) $$(git ls-files 'src/lib/*.cc' 'src/engine/gateway/*.cc' 'src/engine/protocol/*.cc' \
	  'src/engine/storage/*.cc' | grep -vE '_(test|bench|fuzz)\.cc$$')

format: ## clang-format over our sources
	@tools/setup.sh lint
	@git ls-files 'src/*.cc' 'src/*.h' 'tools/*.cc' 'tests/*.cc' 'bench/*.cc' | xargs clang-format -i

asan: setup ## the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/sanitize.sh asan $(JOBS)

tsan: setup ## the unit tests under ThreadSanitizer
	@tools/sanitize.sh tsan $(JOBS)

asan-ci: setup # what CI has the time for: the parts that read strangers' bytes and keep them
	@tools/sanitize.sh asan $(JOBS) base_test io_test storage_test protocol_test gateway_test aws_test

FUZZ_SECONDS ?= 60
FUZZ ?=
fuzz: setup ## strangers' bytes, made up: each fuzz target for FUZZ_SECONDS (60); FUZZ='jq_fuzz …': those alone
	@tools/setup.sh fuzz
	@tools/fuzz.sh $(JOBS) $(FUZZ_SECONDS) $(FUZZ)

clean: ## removes what was built
	@rm -rf $(BUILD)

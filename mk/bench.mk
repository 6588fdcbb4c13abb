# Benchmarks: figures that are kept in git, and their budgets (docs/DESIGN.md).
.PHONY: bench bench-lifecycle
## make bench         measure what checks, updates and power cuts cost; fails over budget
bench: setup
	@$(MAKE) --no-print-directory bench-lifecycle

bench-lifecycle: $(BUILD)/lcm
	@$(MAKE) --no-print-directory firmware LCM_FIRMWARE_VERSION=1.0.0
	@bench/lifecycle.sh

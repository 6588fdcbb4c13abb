# Lines and branches of core and boot that tests reach: unit tests, life cycles against real servers,
# and the short form of the power cuts.
COVERAGE := build/cov
COVERAGE_SYSTEM := $(patsubst tests/system/%.c,$(COVERAGE)/tests/system/%.run,$(wildcard tests/system/test_lifecycle*.c))

.PHONY: coverage
## make coverage      lines and branches of core and boot that tests reach
coverage:
	@$(MAKE) --no-print-directory -j2 VARIANT=cov unit
	@$(MAKE) --no-print-directory -j2 VARIANT=cov $(COVERAGE_SYSTEM)
	@$(MAKE) --no-print-directory VARIANT=cov $(COVERAGE)/power/power
	@$(COVERAGE)/power/power short >$(COVERAGE)/power.log || { cat $(COVERAGE)/power.log; exit 1; }
	@gcovr --root . --filter 'core/' --filter 'boot/' --exclude-throw-branches --print-summary --branches \
		--object-directory $(COVERAGE) --txt $(COVERAGE)/branches.txt --json-summary $(COVERAGE)/coverage.json \
		--json $(COVERAGE)/lines.json $(COVERAGE)/obj

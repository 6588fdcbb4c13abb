# Lines and branches of core and boot that the unit tests reach.
COVERAGE := build/cov

.PHONY: coverage
## make coverage      lines and branches of core and boot that the unit tests reach
coverage:
	@$(MAKE) --no-print-directory -j2 VARIANT=cov unit
	@gcovr --root . --filter 'core/' --filter 'boot/' --exclude-throw-branches --print-summary --branches \
		--object-directory $(COVERAGE) --txt $(COVERAGE)/branches.txt --json-summary $(COVERAGE)/coverage.json $(COVERAGE)/obj

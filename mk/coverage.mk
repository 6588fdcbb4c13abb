# Lines and branches of core and boot that tests reach: unit tests, life cycles of the Linux device
# against real servers, power cuts and failing flash. What they do not reach is explained in
# tests/coverage/explained.txt.
COVERAGE := build/cov
COVERAGE_SYSTEM := $(addprefix $(COVERAGE)/tests/,$(addsuffix .run,hostile/test_hostile \
	$(addprefix system/test_,lifecycle lifecycle_hostile lifecycle_resume lifecycle_self lifecycle_tools lifecycle_trust \
	messages modes rules rules_network unsigned setup_command)))

.PHONY: coverage
## make coverage      lines and branches of core and boot that tests reach
coverage:
	@$(MAKE) --no-print-directory -j2 VARIANT=cov unit
	@$(MAKE) --no-print-directory -j2 VARIANT=cov $(COVERAGE_SYSTEM)
	@$(MAKE) --no-print-directory VARIANT=cov $(COVERAGE)/power/power
	@for effort in quick faults; do \
		$(COVERAGE)/power/power $$effort >$(COVERAGE)/power.log || { cat $(COVERAGE)/power.log; exit 1; }; done
	@gcovr --root . --filter 'core/' --filter 'boot/' --exclude-throw-branches --print-summary --branches \
		--object-directory $(COVERAGE) --txt $(COVERAGE)/branches.txt --json-summary $(COVERAGE)/coverage.json \
		$(COVERAGE)/obj
	@awk -f tests/coverage/check.awk tests/coverage/explained.txt $(COVERAGE)/branches.txt

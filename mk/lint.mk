# Checks of the source itself. Every one fails the build; together they take about a minute.
LINT_C := $(shell scripts/lint/sources.sh '*.c')
LINT_H := $(shell scripts/lint/sources.sh '*.h')
# What the host compiler can read: not the code that exists for the chip alone.
LINT_HOST_C := $(filter-out port/lx106/% port/lwip/% port/emulator/guest/% device/lx106/% boot/lx106/% examples/% rom/% tests/chip/% bench/chip/%,$(LINT_C)) \
	port/lwip/dhcp_packet.c port/lwip/dhcp_leases.c port/lwip/dns_packet.c
LINT_CPPFLAGS := -I. -Iinclude -isystem /usr/include/bearssl -DLCM_VERSION='"$(VERSION)"' -D_GNU_SOURCE
LINT_ANALYZED := $(patsubst %.c,build/lint/%.analyzed,$(filter core/% boot/% portal/%,$(LINT_HOST_C)))

.PHONY: lint lint-format lint-rules lint-cppcheck lint-tidy lint-analyzer lint-core
## make lint          format, house rules, static analysis
lint: setup-lint
	@$(MAKE) --no-print-directory lint-format lint-rules lint-core lint-cppcheck lint-tidy lint-analyzer
	@echo "lint: ok"

lint-format:
	@clang-format-14 --dry-run -Werror $(LINT_C) $(LINT_H)

lint-rules:
	@scripts/lint/rules.sh

lint-core: $(LX)/libcore.a
	@scripts/lint/core-symbols.sh $<

# varFuncNullUB: NULL is a pointer on every machine these tests run on. uninitStructMember does not see that "err != LCM_OK || item.size" reads nothing after a failure.
lint-cppcheck:
	@cppcheck -q -j2 --std=c11 --enable=warning,portability --error-exitcode=1 --inline-suppr \
		--suppress=missingIncludeSystem --suppress=uninitStructMember --suppress=varFuncNullUB -I. -Iinclude \
		-DLCM_VERSION='"$(VERSION)"' $(LINT_HOST_C)

lint-tidy: build/lint/compile_flags.txt
	@printf '%s\n' $(LINT_HOST_C) | xargs -P2 -n16 clang-tidy-14 --quiet -p build/lint 2>/dev/null

# clang-tidy reads one flag a line; relative paths would count from the folder of the list.
build/lint/compile_flags.txt: mk/lint.mk VERSION
	@mkdir -p $(@D)
	@printf '%s\n' -std=c11 -D_GNU_SOURCE '-DLCM_VERSION="$(VERSION)"' -I$(CURDIR) -I$(CURDIR)/include \
		-isystem /usr/include/bearssl -isystem /usr/include/postgresql >$@

# The analyzer of gcc 12 takes results by out-parameter for unset in host code; in portable code it is
# right. It keeps a mark for each file that passed, so that a second run is quick.
build/lint/%.analyzed: %.c
	@mkdir -p $(@D)
	@$(CC) $(LINT_CPPFLAGS) -std=c11 -O2 -fanalyzer -Werror -MMD -MP -MF $@.d -MT $@ -c $< -o /dev/null
	@touch $@

lint-analyzer: $(LINT_ANALYZED)

-include $(LINT_ANALYZED:=.d)

# Tests: every test_*.c in tests/unit, tests/system and tests/hostile is one cmocka program.
TEST_LIB_SRC := $(wildcard tests/lib/*.c)
TEST_LIB_OBJ := $(TEST_LIB_SRC:%.c=$(BUILD)/obj/%.o)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
SYSTEM_SRC := $(wildcard tests/system/test_*.c) $(wildcard tests/hostile/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)
SYSTEM_BIN := $(SYSTEM_SRC:%.c=$(BUILD)/%)
UNIT_RUN := $(UNIT_BIN:%=%.run)
SYSTEM_RUN := $(SYSTEM_BIN:%=%.run)
SYSTEM_PKI := $(BUILD)/tests-pki

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(TEST_LIB_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $^ -lcmocka $(HOST_LIBS) -o $@

# Programs that tests run.
TEST_TOOLS := $(BUILD)/tests/tools/air_bridge $(BUILD)/tests/tools/clock_shift.so
$(BUILD)/tests/tools/%.so: tests/tools/%.c
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -D_GNU_SOURCE -fPIC -shared $< -o $@
$(BUILD)/tests/tools/%: $(BUILD)/obj/tests/tools/%.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $^ $(HOST_LIBS) -o $@
$(SYSTEM_RUN): | $(TEST_TOOLS)

# A test program prints its story only when it fails; its last lines count for all of them.
.PHONY: $(UNIT_RUN) $(SYSTEM_RUN)
$(UNIT_RUN) $(SYSTEM_RUN): %.run: %
	@if LCM=$(BUILD)/lcm $* >$*.log 2>&1; then echo "== $*: $$(sed -n 's/.*PASSED[^0-9]*//p' $*.log | tail -n 1)"; \
		else echo "== $* FAILED"; cat $*.log; exit 1; fi

# Each system test has servers and devices of its own, so they may run side by side;
# the first one makes the certificate authorities that the others take over.
$(SYSTEM_RUN): $(BUILD)/lcm | $(SYSTEM_PKI)
$(SYSTEM_PKI): $(BUILD)/lcm $(BUILD)/tests/system/test_lifecycle
	@test -d $@ || LCM=$(BUILD)/lcm LCM_TEST=none $(BUILD)/tests/system/test_lifecycle >/dev/null 2>&1

# The life cycle on the emulated chip runs what devices run: both versions of the updater, both of the app.
LIFE_RUN := $(addprefix $(BUILD)/tests/system/test_emu_,lifecycle.run trouble.run cuts.run)
LIFE_UPDATERS := $(foreach version,1.0.0 1.1.0,build/lx106/$(version)/otaboot.bin build/lx106/$(version)/otamain.bin)
LIFE_APPS := build/lx106/blink/1.0.0/main.bin build/lx106/blink/1.1.0/main.bin
$(LIFE_RUN): | $(LIFE_UPDATERS) $(LIFE_APPS)
$(BUILD)/tests/system/test_portal_detection.run: | build/lx106/1.0.0/otaboot.bin build/lx106/rom.elf build/lx106/boot.bin

.PHONY: unit system test test-run test-count hostile-list
## make unit          unit tests (VARIANT=asan: with address and UB sanitizers)
unit: $(UNIT_RUN)

## make system        system tests against real servers
system: $(SYSTEM_RUN)

## make test          all tests: unit tests with sanitizers, system tests, the page in a browser
test: setup
	@$(MAKE) --no-print-directory -j2 VARIANT=asan unit
	@$(MAKE) --no-print-directory -j3 system
	@$(MAKE) --no-print-directory page-test browser-test browser-collector
	@$(MAKE) --no-print-directory power-short fuzz-short model hostile-list
	@$(MAKE) --no-print-directory test-count

# The checklist of docs/TESTING.md names tests that exist.
hostile-list:
	@tests/hostile/check-list.sh docs/TESTING.md

# One closing line over all programs.
test-count:
	@cat build/asan/tests/unit/*.log build/host/tests/system/*.log build/host/tests/hostile/*.log $(PAGE)/*.log | awk ' \
		/\[  PASSED  \]/ { passed += $$4 } /\[  FAILED  \] [0-9]+ test/ { failed += $$4 } \
		/^# pass [0-9]+$$/ { passed += $$3 } /^# (fail|cancelled) [0-9]+$$/ { failed += $$3 } \
		END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }'

-include $(TEST_LIB_OBJ:.o=.d) $(UNIT_SRC:%.c=$(BUILD)/obj/%.d) $(SYSTEM_SRC:%.c=$(BUILD)/obj/%.d)

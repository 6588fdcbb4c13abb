# Tests: every tests/unit/test_*.c and tests/system/test_*.c is one cmocka program.
TEST_LIB_SRC := $(wildcard tests/lib/*.c)
TEST_LIB_OBJ := $(TEST_LIB_SRC:%.c=$(BUILD)/obj/%.o)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
SYSTEM_SRC := $(wildcard tests/system/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)
SYSTEM_BIN := $(SYSTEM_SRC:tests/system/%.c=$(BUILD)/tests/system/%)
UNIT_RUN := $(UNIT_BIN:%=%.run)
SYSTEM_RUN := $(SYSTEM_BIN:%=%.run)
SYSTEM_PKI := $(BUILD)/tests-pki

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(TEST_LIB_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $^ -lcmocka $(HOST_LIBS) -o $@

# Programs that tests run.
TEST_TOOLS := $(BUILD)/tests/tools/air_bridge
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
LIFE_RUN := $(BUILD)/tests/system/test_emu_lifecycle.run $(BUILD)/tests/system/test_emu_trouble.run
LIFE_UPDATERS := $(foreach version,1.0.0 1.1.0,build/lx106/$(version)/otaboot.bin build/lx106/$(version)/otamain.bin)
LIFE_APPS := build/lx106/blink/1.0.0/main.bin build/lx106/blink/1.1.0/main.bin
$(LIFE_RUN): | $(LIFE_UPDATERS) $(LIFE_APPS)

.PHONY: unit system test test-run test-count
## make unit          unit tests (VARIANT=asan: with address and UB sanitizers)
unit: $(UNIT_RUN)

## make system        system tests against real servers
system: $(SYSTEM_RUN)

## make test          all tests: unit tests with sanitizers, system tests, the page in a browser
test: setup
	@$(MAKE) --no-print-directory -j2 VARIANT=asan unit
	@$(MAKE) --no-print-directory -j3 system
	@$(MAKE) --no-print-directory page-test browser-test
	@$(MAKE) --no-print-directory test-count

# One closing line over all programs.
test-count:
	@cat build/asan/tests/unit/*.log build/host/tests/system/*.log $(PAGE)/*.log | awk ' \
		/\[  PASSED  \]/ { passed += $$4 } /\[  FAILED  \] [0-9]+ test/ { failed += $$4 } \
		/^# pass [0-9]+$$/ { passed += $$3 } /^# (fail|cancelled) [0-9]+$$/ { failed += $$3 } \
		END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }'

-include $(TEST_LIB_OBJ:.o=.d) $(UNIT_SRC:%.c=$(BUILD)/obj/%.d) $(SYSTEM_SRC:%.c=$(BUILD)/obj/%.d)

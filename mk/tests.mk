# Tests: every tests/unit/test_*.c and tests/system/test_*.c is one cmocka program.
TEST_LIB_SRC := $(wildcard tests/lib/*.c)
TEST_LIB_OBJ := $(TEST_LIB_SRC:%.c=$(BUILD)/obj/%.o)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
SYSTEM_SRC := $(wildcard tests/system/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/unit/%)
SYSTEM_BIN := $(SYSTEM_SRC:tests/system/%.c=$(BUILD)/tests/system/%)

$(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(TEST_LIB_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $^ -lcmocka $(HOST_LIBS) -o $@

.PHONY: unit system
## make unit          unit tests
unit: $(UNIT_BIN)
	@set -e; for t in $(UNIT_BIN); do echo "== $$t"; $$t; done

# Each system test has servers and devices of its own, so they may run side by side (make -j2);
# the first one makes the certificate authorities that the others take over.
SYSTEM_RUN := $(SYSTEM_BIN:%=%.run)
SYSTEM_PKI := $(BUILD)/tests-pki
.PHONY: $(SYSTEM_RUN)

$(SYSTEM_PKI): $(BUILD)/lcm $(BUILD)/tests/system/test_lifecycle
	@test -d $@ || LCM=$(BUILD)/lcm LCM_TEST=none $(BUILD)/tests/system/test_lifecycle >/dev/null 2>&1

$(SYSTEM_RUN): %.run: % $(BUILD)/lcm | $(SYSTEM_PKI)
	@if LCM=$(BUILD)/lcm $* >$*.log 2>&1; then echo "== $*"; cat $*.log; \
		else echo "== $* FAILED"; cat $*.log; exit 1; fi

## make system        system tests against real servers (make -j2 system: two at a time)
system: $(SYSTEM_RUN)

-include $(TEST_LIB_OBJ:.o=.d) $(UNIT_SRC:%.c=$(BUILD)/obj/%.d) $(SYSTEM_SRC:%.c=$(BUILD)/obj/%.d)

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

## make system        system tests against real servers
system: $(BUILD)/lcm $(SYSTEM_BIN)
	@set -e; for t in $(SYSTEM_BIN); do echo "== $$t"; LCM=$(BUILD)/lcm $$t; done

-include $(TEST_LIB_OBJ:.o=.d) $(UNIT_SRC:%.c=$(BUILD)/obj/%.d) $(SYSTEM_SRC:%.c=$(BUILD)/obj/%.d)

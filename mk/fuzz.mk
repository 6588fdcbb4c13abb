# Fuzzing: every tests/fuzz/fuzz_NAME.c is a libFuzzer target; its corpus is tests/fuzz/corpus/NAME.
# MINUTES is the time for all targets together.
FUZZ := build/fuzz
FUZZ_CC := clang-14
MINUTES ?= 10
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(FUZZ)/%)
# What a stranger can reach, compiled for coverage: the device's code, the collector's parsers, and what the
# portal is fuzzed on.
FUZZ_LIB_SRC := $(wildcard core/*/*.c) $(wildcard boot/*.c) $(wildcard portal/*.c) $(PAGE_DATA) \
	$(addprefix port/lwip/,dhcp_packet.c dhcp_leases.c dns_packet.c) $(wildcard collector/*.c) $(wildcard host/*.c) \
	$(addprefix tests/lib/,sample_image.c fake_portal.c fake_device.c ram_flash.c)
FUZZ_LIB_OBJ := $(FUZZ_LIB_SRC:%.c=$(FUZZ)/obj/%.o)
FUZZ_FLAGS := -std=c11 -O1 -g -Wall -Wextra -Wno-missing-field-initializers -Werror -fno-omit-frame-pointer -fno-sanitize-recover=all

$(FUZZ)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) '  FUZZ $<'
	$(Q)$(FUZZ_CC) $(CPPFLAGS) $(HOST_POSIX) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c $< -o $@

$(FUZZ)/libfuzzed.a: $(FUZZ_LIB_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(FUZZ)/fuzz_%: $(FUZZ)/obj/tests/fuzz/fuzz_%.o $(FUZZ)/libfuzzed.a $(COLLECTOR_PAGE_OBJ)
	$(SAY) '  LD   $@'
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined $^ -lcmocka $(HOST_LIBS) -o $@

.PHONY: fuzz fuzz-short
## make fuzz          fuzz all parsers for MINUTES=10 in all; new inputs stay in build/fuzz/found
fuzz: $(FUZZ_BIN)
	@tests/fuzz/run.sh $(FUZZ) $$(( $(MINUTES) * 60 )) $(FUZZ_BIN)

# The corpus again: what make test runs must not depend on chance.
fuzz-short: $(FUZZ_BIN)
	@rm -rf $(FUZZ)/found
	@tests/fuzz/run.sh $(FUZZ) 0 $(FUZZ_BIN)

-include $(FUZZ_LIB_OBJ:.o=.d) $(FUZZ_SRC:%.c=$(FUZZ)/obj/%.d)

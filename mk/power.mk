# Power cuts by the million: tests/power runs the real core and boot decision at full speed.
# TLS is passed through, verdicts on signatures are kept, SHA-256 is fast: see plain_tls.c, kept_verdicts.c, fast_hash.c.
POWER := $(if $(filter cov,$(VARIANT)),build/cov,build)/power
POWER_SRC := $(wildcard tests/power/*.c)
POWER_OBJ := $(POWER_SRC:%.c=$(BUILD)/obj/%.o)
POWER_HELP := $(addprefix $(BUILD)/obj/tests/lib/,trust_fixture.o update_fixture.o sample_image.o stock_sysparam.o ram_flash.o)
POWER_LIB := $(POWER)/liblcm.a
POWER_LINK := $(CC) $(LDFLAGS) -Wl,--wrap=lcm_verify_finish,--wrap=br_sha224_update
POWER_PATHS_MIN := 2700000
POWER_PATHS_SHORT_MIN := 240000

# Everything but TLS, which plain_tls.c stands for.
$(POWER_LIB): $(filter-out $(BUILD)/obj/core/fetch/tls.o,$(LIB_OBJ))
	@mkdir -p $(@D)
	@rm -f $@
	$(SAY) '  AR   $@'
	$(Q)$(AR) rcs $@ $^

$(POWER)/power: $(POWER_OBJ) $(POWER_HELP) $(POWER_LIB)
	$(SAY) '  LD   $@'
	$(Q)$(POWER_LINK) $^ $(HOST_LIBS) -o $@

.PHONY: power power-short power-controls
## make power         a million power cuts, REPLAY=NAME repeats one path and tells its story
power: $(POWER)/power
ifneq ($(origin REPLAY),undefined)
	@$(POWER)/power --replay '$(REPLAY)'
else
	@$(POWER)/power full --paths-min $(POWER_PATHS_MIN) --json $(POWER)/paths.json
	@$(MAKE) --no-print-directory power-controls
endif

power-short: $(POWER)/power
	@$(POWER)/power short --paths-min $(POWER_PATHS_SHORT_MIN) --json $(POWER)/paths-short.json
	@$(MAKE) --no-print-directory power-controls

# Broken variants of the code: each must be found out.
power-controls: $(POWER_OBJ) $(POWER_HELP) $(POWER_LIB)
	@LIBS='$(HOST_LIBS)' tests/power/check-broken.sh $(POWER) $(POWER_LIB) \
		"$(CC) $(CPPFLAGS) -std=c11 -O2" "$(POWER_LINK) $(POWER_OBJ) $(POWER_HELP)"

# Some hundred more with the real binaries on the emulated chip. A chip waits more than it works: more
# parts than cores.
CHIP_PATHS := 300
CHIP_PARTS := 1 2 3 4 5 6
CHIP_TEST := $(BUILD)/tests/system/test_emu_cuts
CHIP_RUN := $(CHIP_PARTS:%=power-chip-%)

.PHONY: power-chip $(CHIP_RUN)
## make power-chip    CHIP_PATHS=300 paths with power cuts on the emulated chip
power-chip: $(CHIP_TEST) $(BUILD)/lcm emu | $(SYSTEM_PKI) $(LIFE_UPDATERS) $(LIFE_APPS)
	@mkdir -p $(POWER)
	@$(MAKE) --no-print-directory -j$(words $(CHIP_PARTS)) $(CHIP_RUN)
	@cat $(CHIP_RUN:power-chip-%=$(POWER)/chip-%.log) | tests/power/chip-table.sh $(POWER)/chip.json $(CHIP_PATHS)

$(CHIP_RUN): power-chip-%:
	@LCM=$(BUILD)/lcm LCM_EMU_CUTS=$(CHIP_PATHS) LCM_EMU_CUTS_PART=$*/$(words $(CHIP_PARTS)) $(CHIP_TEST) \
		>$(POWER)/chip-$*.log || { cat $(POWER)/chip-$*.log; exit 1; }

-include $(POWER_OBJ:.o=.d)

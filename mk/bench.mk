# Benchmarks: figures that are kept in git, and their budgets (docs/DESIGN.md).
.PHONY: bench bench-lifecycle bench-lx106 bench-portal bench-reliability
## make bench         measure checks, updates, power cuts, set-up, the emulated chip and the collector; fails over budget
bench: setup
	@$(MAKE) --no-print-directory bench-lifecycle
	@$(MAKE) --no-print-directory bench-lx106
	@$(MAKE) --no-print-directory bench-portal
	@$(MAKE) --no-print-directory bench-reliability
	@$(MAKE) --no-print-directory bench-collector

bench-lifecycle: $(BUILD)/lcm
	@$(MAKE) --no-print-directory firmware LCM_FIRMWARE_VERSION=1.0.0
	@bench/lifecycle.sh

bench-reliability:
	@$(MAKE) --no-print-directory power power-chip model hostile-list
	@$(MAKE) --no-print-directory fuzz MINUTES=2
	@bench/reliability.sh

bench-lx106: $(BUILD)/lcm $(BUILD)/bench/loads.so
	@$(MAKE) --no-print-directory firmware $(LX)/bench/sha256.bin LCM_FIRMWARE_VERSION=1.0.0
	@LCM_LOADS_PLUGIN=$(CURDIR)/$(BUILD)/bench/loads.so bench/lx106.sh

bench-portal: $(BUILD)/lcm $(BUILD)/bench/loads.so $(LX)/rom.elf $(LX)/boot.bin $(LX)/bench/spake2.bin page
	@$(MAKE) --no-print-directory firmware LCM_FIRMWARE_VERSION=1.0.0
	@LCM_LOADS_PLUGIN=$(CURDIR)/$(BUILD)/bench/loads.so bench/portal.sh

# QEMU provides what the plugin calls.
$(BUILD)/bench/loads.so: bench/qemu/loads.c
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -D_GNU_SOURCE -fPIC -shared $< -o $@

$(LX)/bench/sha256.elf: $(LX)/obj/bench/chip/sha256.o $(LX_CHIP_OBJ) $(LX)/libcore.a $(LX)/libbearssl.a $(LX_LD) $(LX_CHECK)
	@mkdir -p $(@D)
	$(call lx_link,slot0.ld)

$(LX)/bench/spake2.elf: LX_LIBS := $(LX)/libportal.a $(LX_LIBS)
$(LX)/bench/spake2.elf: $(LX)/obj/bench/chip/spake2.o $(LX_CHIP_OBJ) $(LX)/libportal.a $(LX)/libcore.a $(LX)/libbearssl.a $(LX_LD) $(LX_CHECK)
	@mkdir -p $(@D)
	$(call lx_link,slot0.ld)

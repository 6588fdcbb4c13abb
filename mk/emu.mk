# The chip itself: its mask-ROM program for the emulator and the boot program of sector 0.
#
#   build/lx106/rom.elf    runs in QEMU (lcm emu)
#   build/lx106/boot.bin   v1 image for flash sector 0

ROM_CFLAGS := -std=c11 -g $(WARNINGS) -Os -ffunction-sections -fdata-sections -fno-common -fno-builtin \
	-fno-tree-loop-distribute-patterns -mtext-section-literals -ffile-prefix-map=$(CURDIR)=. \
	-isystem /usr/lib/xtensa-lx106-elf/include -I. -Iinclude
ROM_SRC := $(wildcard rom/*.c)
ROM_OBJ := $(ROM_SRC:%.c=$(LX)/obj/%.o) $(LX)/obj/rom/entry.o

$(LX)/obj/rom/%.o: rom/%.c mk/emu.mk
	@mkdir -p $(@D)
	$(SAY) '  CC   $@'
	$(Q)$(LX_CC) $(ROM_CFLAGS) -MMD -MP -c $< -o $@
$(LX)/obj/rom/%.o: rom/%.S rom/functions.h
	@mkdir -p $(@D)
	$(SAY) '  AS   $@'
	$(Q)$(LX_CC) -mtext-section-literals -I. -c $< -o $@
$(LX)/rom.ld: rom/rom.ld.in rom/functions.h
	@mkdir -p $(@D)
	$(Q)$(LX_CC) -E -P -x c -I. $< -o $@
$(LX)/rom.elf: $(ROM_OBJ) $(LX)/rom.ld rom/check-rom.sh
	$(SAY) '  LD   $@'
	$(Q)$(LX_CC) -nostdlib -nostartfiles -Wl,--build-id=none -Wl,--gc-sections -Wl,--fatal-warnings \
		-Wl,--no-warn-rwx-segments -Wl,-Map=$(@:.elf=.map) -T $(LX)/rom.ld $(ROM_OBJ) -lgcc -o $@
	@rom/check-rom.sh $@ rom/functions.h

-include $(ROM_OBJ:.o=.d)

# The boot program must fit one sector: optimised as a whole, everything near, jumps of its own into the ROM.
BOOT_LX := $(LX)/obj/boot
BOOT_SIZE_MAX := 4080
BOOT_CFLAGS := -std=c11 -g $(WARNINGS) -Os -flto -frandom-seed=boot -fno-inline-small-functions -mno-longcalls -mtext-section-literals -ffunction-sections -fdata-sections \
	-fno-common -ffile-prefix-map=$(CURDIR)=. -isystem /usr/lib/xtensa-lx106-elf/include -I. -Iinclude
BOOT_LX_SRC := boot/select.c $(wildcard boot/lx106/*.c) $(filter-out core/store/settings% core/store/state% core/store/setup%,\
	$(wildcard core/store/*.c)) core/image/image.c core/base/bytes.c core/base/crc32.c core/base/region.c
BOOT_LX_OBJ := $(BOOT_LX_SRC:%.c=$(BOOT_LX)/%.o) $(BOOT_LX)/boot/lx106/start.o

$(BOOT_LX)/%.o: %.c mk/emu.mk
	@mkdir -p $(@D)
	$(SAY) '  CC   $@'
	$(Q)$(LX_CC) $(BOOT_CFLAGS) -MMD -MP -c $< -o $@
$(BOOT_LX)/%.o: %.S
	@mkdir -p $(@D)
	$(SAY) '  AS   $@'
	$(Q)$(LX_CC) -mtext-section-literals -I. -c $< -o $@
$(LX)/boot.elf: $(BOOT_LX_OBJ) boot/lx106/boot.ld
	$(SAY) '  LD   $@'
	$(Q)$(LX_CC) $(BOOT_CFLAGS) -nostdlib -nostartfiles -Wl,--build-id=none -Wl,--gc-sections \
		-Wl,--fatal-warnings -Wl,--no-warn-rwx-segments -Wl,-Map=$(@:.elf=.map) -T boot/lx106/boot.ld $(BOOT_LX_OBJ) -lgcc -o $@
# From where it runs to where the ROM loads it.
$(LX)/boot-load.elf: $(LX)/boot.elf
	$(Q)$(LX_PREFIX)objcopy --change-section-address .text=0x40100000 \
		--set-start $$((0x$$($(LX_PREFIX)nm $< | awk '$$3 == "boot_start" { print $$1 }') - 0xF000)) $< $@
$(LX)/boot.bin: $(LX)/boot-load.elf $(BUILD)/lcm
	$(Q)$(BUILD)/lcm image build $< -o $@.new --format v1
	@size=$$(wc -c <$@.new); test $$size -le $(BOOT_SIZE_MAX) || \
		{ echo "boot.bin: $$size bytes, at most $(BOOT_SIZE_MAX) fit sector 0" >&2; exit 1; }
	@mv $@.new $@

firmware: $(LX)/rom.elf $(LX)/boot.bin

-include $(BOOT_LX_OBJ:.o=.d)

# Programs of the system tests (tests/system/test_emu_*.c): slot0, slot1, an asking app, a v1 image.
CHIP := $(LX)/chip
CHIP_BIN := $(CHIP)/slot0.bin $(CHIP)/slot1.bin $(CHIP)/asks.bin $(CHIP)/rom.bin $(CHIP)/ram.bin
CHIP_COMMON_OBJ := $(LX)/obj/port/lx106/startup.o $(LX)/obj/tests/chip/no_trap.o
CHIP_LD = slot0.ld
CHIP_FORMAT = v2
CHIP_DEFINES = -DPROGRAM_SLOT=0 -DPROGRAM_ASKS=0
$(CHIP)/slot1.o: CHIP_DEFINES = -DPROGRAM_SLOT=1 -DPROGRAM_ASKS=0
$(CHIP)/asks.o: CHIP_DEFINES = -DPROGRAM_SLOT=0 -DPROGRAM_ASKS=1
$(CHIP)/slot1.bin: CHIP_LD = slot1.ld
$(CHIP)/ram.bin: CHIP_LD = ram.ld
$(CHIP)/ram.bin: CHIP_FORMAT = v1

$(CHIP)/rom.o: tests/chip/rom.c
$(CHIP)/slot0.o $(CHIP)/slot1.o $(CHIP)/asks.o $(CHIP)/ram.o: tests/chip/report.c
$(CHIP)/%.o: include/lcm/lcm_app.h port/lx106/rom.h mk/emu.mk
	@mkdir -p $(@D)
	$(SAY) '  CC   $@'
	$(Q)$(LX_CC) $(LX_CPPFLAGS) $(LX_CFLAGS) $(CHIP_DEFINES) -c $(filter %.c,$^) -o $@
$(CHIP_BIN): $(CHIP)/%.bin: $(CHIP)/%.o $(CHIP_COMMON_OBJ) $(LX_LD) tests/chip/ram.ld $(BUILD)/lcm
	$(SAY) '  LD   $@'
	$(Q)$(LX_CC) $(LX_LDFLAGS) -L tests/chip -Wl,--defsym=uart_tx_one_char=0x40003B30 -T $(CHIP_LD) $(filter %.o,$^) -lc -lgcc -o $(@:.bin=.elf)
	$(Q)$(BUILD)/lcm image build $(@:.bin=.elf) -o $@ --format $(CHIP_FORMAT)

# The access point's test programs have the whole board.
CHIP_BOARD_ELF := $(CHIP)/ap.elf $(CHIP)/visitors.elf
$(CHIP)/ap.o: tests/chip/ap.c $(wildcard port/*/*.h port/emulator/guest/*.h)
$(CHIP)/visitors.o: tests/chip/visitors.c $(wildcard port/*/*.h port/emulator/guest/*.h include/lcm/*.h)
$(CHIP_BOARD_ELF): %.elf: %.o $(LX_CHIP_OBJ) $(LX_BOARD_OBJ) $(LX_LD) $(LX)/libcore.a $(LX)/liblwip.a $(LX_CHECK)
	$(SAY) '  LD   $@'
	$(Q)$(LX_CC) $(LX_LDFLAGS) -T slot0.ld -Wl,-Map=$(@:.elf=.map) $(filter %.o,$^) $(LX)/libcore.a $(LX)/liblwip.a \
		-lc -lgcc -o $@
	@$(LX_CHECK) $@
$(BUILD)/tests/system/test_emu_ap.run $(BUILD)/tests/system/test_emu_any_address.run: | $(CHIP)/ap.bin
$(patsubst %,$(BUILD)/tests/system/test_emu_%.run,portal portal_net serial visitors visitors_rude): | $(CHIP)/visitors.bin

.PHONY: emu
## make emu           ROM program of the emulated chip, boot program, programs of their tests
emu: $(LX)/rom.elf $(LX)/boot.bin $(CHIP_BIN) $(LX)/conformance.bin
$(filter $(BUILD)/tests/system/test_emu_%,$(SYSTEM_BIN:%=%.run)): | emu

# The example app is what the radio is tested with.
$(BUILD)/tests/system/test_emu_radio.run: | $(LX)/blink/1.0.0/main.bin

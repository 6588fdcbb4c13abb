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
BOOT_CFLAGS := -std=c11 -g $(WARNINGS) -Os -flto -frandom-seed=boot -fno-inline-small-functions -mno-longcalls -mtext-section-literals -ffunction-sections -fdata-sections \
	-fno-common -ffile-prefix-map=$(CURDIR)=. -isystem /usr/lib/xtensa-lx106-elf/include -I. -Iinclude
BOOT_LX_SRC := boot/select.c $(wildcard boot/lx106/*.c) $(filter-out core/store/settings% core/store/state%,\
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
	$(Q)$(BUILD)/lcm image build $< -o $@ --format v1

-include $(BOOT_LX_OBJ:.o=.d)

# Cross-build for the ESP8266 (lx106): updater images for both slots, the example app, their sizes.
#
#   build/lx106/VERSION/otaboot.elf   the updater, linked for slot 0
#   build/lx106/VERSION/otamain.elf   the updater, linked for slot 1
#   build/lx106/blink/VERSION/main.elf   the example app, slot 0
#   ... and .bin beside each: the image for the flash
#
# The updater images are the core with BearSSL, lwIP and the ports of the emulated chip.
LCM_FIRMWARE_VERSION ?= $(VERSION)
LCM_FIRMWARE_REPOSITORY ?= lifecycle-manager/lifecycle-manager
BLINK_REPOSITORY ?= lifecycle-manager/blink
BLINK_VERSIONS := 1.0.0 1.1.0 1.2.0-beta.1 1.2.0

LX := build/lx106
LX_PREFIX := xtensa-lx106-elf-
LX_CC := $(LX_PREFIX)gcc
LX_AR := $(LX_PREFIX)ar
LX_SIZE := $(LX_PREFIX)size
BEARSSL := build/deps/bearssl
LWIP := build/deps/lwip

# -Os beats -O2 here: the scheduler of -O2 spills the 16 registers. -mlongcalls reaches the mask ROM
# and IRAM; the linker turns what is near back into plain calls.
LX_COMMON := -Os -mlongcalls -ffunction-sections -fdata-sections -fno-common \
	-ffile-prefix-map=$(CURDIR)=. -isystem /usr/lib/xtensa-lx106-elf/include
LX_CPPFLAGS := -I. -Iinclude -Iport/lwip -isystem $(BEARSSL)/inc -isystem $(LWIP)/src/include -DLCM_VERSION='"$(VERSION)"'
LX_CFLAGS := -std=c11 -g $(WARNINGS) $(LX_COMMON) -fstack-usage
LX_LDFLAGS := -nostdlib -nostartfiles -L port/lx106 -L /usr/lib/xtensa-lx106-elf/lib \
	-Wl,--gc-sections -Wl,--build-id=none -Wl,--fatal-warnings -Wl,--no-warn-rwx-segments

LX_CORE_SRC := $(wildcard core/*/*.c)
LX_CORE_OBJ := $(LX_CORE_SRC:%.c=$(LX)/obj/%.o)
LX_PORTAL_SRC := $(wildcard portal/*.c) $(PAGE_DATA)
LX_PORTAL_OBJ := $(LX_PORTAL_SRC:%.c=$(LX)/obj/%.o)
LX_CHIP_SRC := $(wildcard port/lx106/*.c) boot/lx106/led.c
LX_CHIP_OBJ := $(LX_CHIP_SRC:%.c=$(LX)/obj/%.o)
LX_BOARD_SRC := $(wildcard port/lwip/*.c port/emulator/guest/*.c)
LX_BOARD_OBJ := $(LX_BOARD_SRC:%.c=$(LX)/obj/%.o)
LX_UPDATER_SRC := $(filter-out device/lx106/identity.c device/lx106/conformance.c,$(wildcard device/lx106/*.c))
LX_UPDATER_OBJ := $(LX_UPDATER_SRC:%.c=$(LX)/obj/%.o) $(LX_CHIP_OBJ) $(LX_BOARD_OBJ)
LX_LD := $(wildcard port/lx106/*.ld)
LX_LIBS := -Wl,--start-group $(LX)/libcore.a $(LX)/libbearssl.a $(LX)/liblwip.a -lc -lgcc -Wl,--end-group
LX_CHECK := scripts/check-lx106-elf.sh

$(BEARSSL)/.version: deps.lock
	@scripts/fetch-sources.sh
	@touch $@

# Multiplications in loops gain from -O2, if it does not schedule: 16 registers are not enough for that.
LX_FAST := ec/ec_p256_m15 ec/ec_c25519_m15 int/i15_montmul int/i15_mulacc symcipher/chacha20_ct

# BearSSL is somebody else's code: its own makefile, without our warnings. The C library has headers of
# a clock that the chip does not have.
$(LX)/libbearssl.a: $(BEARSSL)/.version mk/lx106.mk
	@mkdir -p $(LX)/bearssl
	$(SAY) '  MAKE $@'
	$(Q)$(MAKE) --no-print-directory -s -C $(BEARSSL) lib CONF=Unix BUILD=$(CURDIR)/$(LX)/bearssl \
		CC=$(LX_CC) AR=$(LX_AR) ARFLAGS=-rcsD CFLAGS='-W -Wall -DBR_USE_UNIX_TIME=0 $(LX_COMMON)' >/dev/null
	@cp $(LX)/bearssl/libbearssl.a $@
	@for file in $(LX_FAST); do $(LX_CC) -DBR_USE_UNIX_TIME=0 $(LX_COMMON) -O2 -fno-schedule-insns \
		-I$(BEARSSL)/inc -I$(BEARSSL)/src -c $(BEARSSL)/src/$$file.c -o $(LX)/bearssl/fast-$${file##*/}.o && \
		cp $(LX)/bearssl/fast-$${file##*/}.o $(LX)/bearssl/$${file##*/}.o && \
		$(LX_AR) -rcsD $@ $(LX)/bearssl/$${file##*/}.o || exit 1; done

# lwIP is somebody else's code as well: the files this port needs, without our warnings.
LWIP_FILES := core/init core/def core/dns core/inet_chksum core/ip core/mem core/memp core/netif core/pbuf core/stats \
	core/tcp core/tcp_in core/tcp_out core/timeouts core/udp core/ipv4/dhcp core/ipv4/etharp \
	core/ipv4/icmp core/ipv4/ip4 core/ipv4/ip4_addr netif/ethernet
LWIP_OBJ := $(LWIP_FILES:%=$(LX)/lwip/%.o)
$(LWIP)/.version: $(BEARSSL)/.version
$(LX)/lwip/%.o: $(LWIP)/.version port/lwip/lwipopts.h port/lwip/hooks.h port/lwip/arch/cc.h mk/lx106.mk
	@mkdir -p $(@D)
	$(SAY) '  CC   $@'
	$(Q)$(LX_CC) -std=c11 -g -w $(LX_COMMON) -Iport/lwip -I$(LWIP)/src/include -c $(LWIP)/src/$*.c -o $@
$(LX)/liblwip.a: $(LWIP_OBJ)
	@rm -f $@
	$(SAY) '  AR   $@'
	$(Q)$(LX_AR) rcsD $@ $^

$(LX)/obj/%.o: %.c | $(BEARSSL)/.version $(LWIP)/.version
	@mkdir -p $(@D)
	$(SAY) '  CC   $@'
	$(Q)$(LX_CC) $(LX_CPPFLAGS) $(LX_CFLAGS) -MMD -MP -c $< -o $@

$(LX)/libcore.a: $(LX_CORE_OBJ)
	@rm -f $@
	$(SAY) '  AR   $@'
	$(Q)$(LX_AR) rcsD $@ $^

$(LX)/libportal.a: $(LX_PORTAL_OBJ)
	@rm -f $@
	$(SAY) '  AR   $@'
	$(Q)$(LX_AR) rcsD $@ $^

# Images say which repository they belong to: another name is another image.
LX_NAMES := $(LX)/names
.PHONY: lx-names
$(LX_NAMES): lx-names
	@mkdir -p $(@D)
	@echo '$(LCM_FIRMWARE_REPOSITORY) $(BLINK_REPOSITORY)' >$@.new
	@if cmp -s $@ $@.new; then rm $@.new; else mv $@.new $@; fi

# identity.c is compiled for each version and image: otaboot runs in slot 0, otamain in slot 1.
define lx_identity
	@mkdir -p $(@D)
	$(SAY) '  CC   $@'
	$(Q)$(LX_CC) $(LX_CPPFLAGS) $(LX_CFLAGS) -DIDENTITY_REPOSITORY='"$(LCM_FIRMWARE_REPOSITORY)"' \
		-DIDENTITY_FILE='"$(basename $(@F)).bin"' -DIDENTITY_VERSION='"$*"' \
		-DIDENTITY_SLOT=$(1) -c $< -o $@
endef

LX_IDENTITY_DEPS := device/lx106/identity.c device/lx106/identity.h include/lcm/lcm_app.h $(LX_NAMES)
$(LX)/%/otaboot.o: $(LX_IDENTITY_DEPS)
	$(call lx_identity,0)
$(LX)/%/otamain.o: $(LX_IDENTITY_DEPS)
	$(call lx_identity,1)

define lx_link
	$(SAY) '  LD   $@'
	$(Q)$(LX_CC) $(LX_LDFLAGS) -T $(1) -Wl,-Map=$(@:.elf=.map) $(filter %.o,$^) $(filter %/libportal.a,$^) $(LX_LIBS) -o $@
	@$(LX_CHECK) $@
endef

LX_UPDATER_DEPS := $(LX_UPDATER_OBJ) $(LX)/libportal.a $(LX)/libcore.a $(LX)/libbearssl.a $(LX)/liblwip.a $(LX_LD) $(LX_CHECK)
$(LX)/%/otaboot.elf: $(LX)/%/otaboot.o $(LX_UPDATER_DEPS)
	$(call lx_link,slot0.ld)
$(LX)/%/otamain.elf: $(LX)/%/otamain.o $(LX_UPDATER_DEPS)
	$(call lx_link,slot1.ld)

# The example app. Version 1.1.0 adds a second scene to the light show; later ones differ in name only.
LX_BLINK := $(LX)/blink
BLINK_SCENES := 2
$(LX_BLINK)/1.0.0/show.c: BLINK_SCENES := 1
$(LX_BLINK)/%/show.c: examples/blink/show.awk
	@mkdir -p $(@D)
	$(Q)awk -v scenes=$(BLINK_SCENES) -f $< >$@.new
	@mv $@.new $@
$(LX_BLINK)/%/show.o: $(LX_BLINK)/%/show.c
	$(SAY) '  CC   $@'
	$(Q)$(LX_CC) $(LX_CPPFLAGS) $(LX_CFLAGS) -c $< -o $@
$(LX_BLINK)/%/blink.o: examples/blink/blink.c $(wildcard examples/blink/*.h) include/lcm/lcm_app.h $(LX_NAMES) $(wildcard port/*/*.h port/emulator/guest/*.h)
	@mkdir -p $(@D)
	$(SAY) '  CC   $@'
	$(Q)$(LX_CC) $(LX_CPPFLAGS) $(LX_CFLAGS) -DBLINK_VERSION='"$*"' \
		-DBLINK_REPOSITORY='"$(BLINK_REPOSITORY)"' -c $< -o $@
LX_BLINK_OBJ := $(LX)/obj/examples/blink/page.o $(LX)/obj/examples/blink/heartbeat.o $(LX_CHIP_OBJ) $(LX_BOARD_OBJ)
$(LX_BLINK)/%/main.elf: $(LX_BLINK)/%/blink.o $(LX_BLINK)/%/show.o $(LX_BLINK_OBJ) $(LX_LD) $(LX)/libcore.a $(LX)/liblwip.a $(LX_CHECK)
	$(SAY) '  LD   $@'
	$(Q)$(LX_CC) $(LX_LDFLAGS) -T slot0.ld -Wl,--defsym=irom_words_alignment=4096 -Wl,-Map=$(@:.elf=.map) \
		$(filter %.o,$^) $(LX)/libcore.a $(LX)/liblwip.a -lc -lgcc -o $@
	@$(LX_CHECK) $@

# Your own app, on the same start code and drivers as the example; those it does not use are left out.
$(LX)/app/main.elf: lx-names $(APP) $(LX_CHIP_OBJ) $(LX_BOARD_OBJ) $(LX_LD) $(LX)/libcore.a $(LX)/liblwip.a $(LX_CHECK)
	@test -n '$(APP)' || { echo 'make app: name the source: make app APP=app.c' >&2; exit 2; }
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(LX_CC) $(LX_CPPFLAGS) $(LX_CFLAGS) $(LX_LDFLAGS) -T slot0.ld $(filter %.c %.o,$^) \
		$(LX)/libcore.a $(LX)/liblwip.a -lc -lgcc -o $@
	@$(LX_CHECK) $@

.PHONY: app
## make app           build/lx106/app/main.bin from C files of yours (APP="app.c ...")
app: $(LX)/app/main.bin

# The conformance checks as a program: a port that passes them keeps the contracts of include/lcm.
LX_CONFORMANCE_SRC := device/lx106/conformance.c $(wildcard port/conformance/*.c)
LX_CONFORMANCE_OBJ := $(LX_CONFORMANCE_SRC:%.c=$(LX)/obj/%.o) $(LX_CHIP_OBJ) $(LX_BOARD_OBJ)
$(LX)/conformance.elf: $(LX_CONFORMANCE_OBJ) $(LX)/libcore.a $(LX)/libbearssl.a $(LX)/liblwip.a $(LX_LD) $(LX_CHECK)
	$(call lx_link,slot0.ld)

$(LX)/%.bin: $(LX)/%.elf $(BUILD)/lcm
	$(Q)$(BUILD)/lcm image build $< -o $@

LX_APPS := $(BLINK_VERSIONS:%=$(LX_BLINK)/%/main)
LX_UPDATERS := $(LX)/$(LCM_FIRMWARE_VERSION)/otaboot $(LX)/$(LCM_FIRMWARE_VERSION)/otamain

.PHONY: firmware firmware-elf firmware-size
.SECONDARY:
## make firmware      lx106 images: updater (LCM_FIRMWARE_VERSION=x.y.z) and example apps
firmware: $(LX_UPDATERS:=.bin) $(LX_APPS:=.bin)
	@$(MAKE) --no-print-directory firmware-size

firmware-elf: $(LX_UPDATERS:=.elf) $(LX_APPS:=.elf)

## make firmware-size  what the lx106 images and the app hook occupy
firmware-size: firmware-elf $(LX)/obj/examples/hook.o
	@$(LX_SIZE) $(LX_UPDATERS:=.elf) $(LX_APPS:=.elf)
	@scripts/check-hook-size.sh $(LX)/obj/examples/hook.o

-include $(LX_CORE_OBJ:.o=.d) $(LX_PORTAL_OBJ:.o=.d) $(LX_UPDATER_OBJ:.o=.d) $(LX_BLINK_OBJ:.o=.d) $(LX_CONFORMANCE_OBJ:.o=.d)

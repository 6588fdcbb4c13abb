# Set-up on real devices: Chromium in front of the Linux device and of the emulated chip, a release host
# on this machine (tests/browser/system). The world they start from is made once.
PAGE_WORLD := $(BUILD)/tests-world
PAGE_SYSTEM_RUN := $(patsubst $(PAGE_TESTS)/system/%.test.js,page-system-%,$(wildcard $(PAGE_TESTS)/system/*.test.js))
PAGE_SYSTEM_FILES := $(LX)/rom.elf $(LX)/boot.bin $(LX)/1.0.0/otaboot.bin $(LX)/1.0.0/otamain.bin $(LX)/blink/1.0.0/main.bin

$(PAGE_WORLD)/ready: $(BUILD)/lcm $(PAGE_SYSTEM_FILES) $(PAGE_TESTS)/lib/make_world.sh scripts/demo/world.sh
	$(SAY) '  MAKE $(@D)'
	$(Q)$(PAGE_TESTS)/lib/make_world.sh $(@D)

.PHONY: page-system $(PAGE_SYSTEM_RUN)
## make page-system   set-up in Chromium on real devices: the Linux device and the emulated chip
page-system: $(PAGE_SYSTEM_RUN)

$(PAGE_SYSTEM_RUN): page-system-%: $(PAGE_TESTS)/system/%.test.js $(PAGE_PACKAGES) $(PAGE_WORLD)/ready $(TEST_TOOLS)
	@command -v ethtool >/dev/null && { test -n "$$CHROMIUM" || command -v chromium >/dev/null; } || \
		scripts/setup-debian.sh browser
	$(call page_run,system-$*,$<)

.PHONY: pictures
## make pictures      the pictures of docs/SETUP.md, taken anew on a real device
pictures: $(PAGE_PACKAGES) $(PAGE_WORLD)/ready
	@test -n "$$CHROMIUM" || command -v chromium >/dev/null || scripts/setup-debian.sh browser
	$(Q)node $(PAGE_TESTS)/pictures.js docs/images

# The demo: the whole life of a device, on real build products.
DEVICE ?= emu
.PHONY: demo
## make demo          the whole life of a device, on the emulated chip (DEVICE=host: a Linux process)
demo: setup
	@$(MAKE) --no-print-directory demo-run

.PHONY: demo-run
demo-run: $(BUILD)/lcm
	@$(MAKE) --no-print-directory firmware LCM_FIRMWARE_VERSION=1.0.0
	@$(MAKE) --no-print-directory firmware LCM_FIRMWARE_VERSION=1.1.0
	@DEVICE=$(DEVICE) scripts/demo/demo.sh

.PHONY: demo-setup demo-setup-run
## make demo-setup    a new device on the emulated chip: set it up by hand in your browser
demo-setup: setup
	@$(MAKE) --no-print-directory demo-setup-run

demo-setup-run: $(BUILD)/lcm
	@$(MAKE) --no-print-directory firmware emu LCM_FIRMWARE_VERSION=1.0.0
	@scripts/demo/setup.sh

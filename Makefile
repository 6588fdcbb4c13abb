# LifeCycle Manager: the only entry point. Targets are listed by `make help`.
.DEFAULT_GOAL := all
include mk/flags.mk
include mk/setup.mk
include mk/page.mk
include mk/host.mk
include mk/tests.mk
include mk/power.mk
include mk/fuzz.mk
include mk/model.mk
include mk/coverage.mk
-include mk/lx106.mk
-include mk/emu.mk
-include mk/page-system.mk
-include mk/lint.mk
-include mk/bench.mk
-include mk/demo.mk
-include mk/fleet.mk

.PHONY: all clean help
all: $(BUILD)/lcm

clean:
	rm -rf build

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

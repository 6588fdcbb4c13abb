# What is made around the collector: its bench, demo and browser tests.
$(BUILD)/bench/load: $(BUILD)/obj/bench/collector/load.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $^ $(HOST_LIBS) -o $@

# The chip that reports into a collector runs what devices run.
$(BUILD)/tests/system/test_emu_collect.run: | $(LIFE_UPDATERS) $(LIFE_APPS)

.PHONY: demo-fleet
## make demo-fleet    fifty virtual devices with different fates, and the collector's page to watch them
demo-fleet: setup
	@$(MAKE) --no-print-directory $(BUILD)/lcm
	@$(MAKE) --no-print-directory firmware LCM_FIRMWARE_VERSION=1.0.0
	@scripts/demo/fleet.sh

# The collector's page in Chromium. LCM_SCREENSHOTS=docs/images keeps pictures.
BROWSER_COLLECTOR := tests/browser-collector
COLLECTOR_PACKAGES := $(BROWSER_COLLECTOR)/node_modules/.package-lock.json
$(COLLECTOR_PACKAGES): $(BROWSER_COLLECTOR)/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || scripts/setup-debian.sh page
	@echo "  NPM  $(BROWSER_COLLECTOR)"
	$(Q)cd $(BROWSER_COLLECTOR) && npm ci --no-audit --no-fund >/dev/null
	@touch $@

.PHONY: browser-collector
## make browser-collector  the collector's page in Chromium
browser-collector: export LCM := $(CURDIR)/$(BUILD)/lcm
browser-collector: export LCM_SCREENSHOTS := $(abspath $(LCM_SCREENSHOTS))
browser-collector: $(BUILD)/lcm $(COLLECTOR_PACKAGES)
	@mkdir -p $(PAGE)
	@test -n "$$CHROMIUM" || command -v chromium >/dev/null || scripts/setup-debian.sh browser
	$(call page_run,collector,$(BROWSER_COLLECTOR)/collector.test.mjs)

.PHONY: bench-collector
## make bench-collector  messages a second beside rsyslog, page calls on a large store, memory
bench-collector: $(BUILD)/lcm $(BUILD)/bench/load
	@bench/collector.sh

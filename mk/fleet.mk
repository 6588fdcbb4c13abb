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

# The page in Chromium. LCM_SCREENSHOTS=docs/images keeps pictures.
BROWSER_COLLECTOR := tests/browser-collector
.PHONY: browser-collector
## make browser-collector  the collector's page in Chromium
browser-collector: $(BUILD)/lcm $(BROWSER_COLLECTOR)/node_modules/.package-lock.json
	@cd $(BROWSER_COLLECTOR) && LCM=$(CURDIR)/$(BUILD)/lcm LCM_SCREENSHOTS=$(abspath $(LCM_SCREENSHOTS)) node --test --test-reporter=spec collector.test.mjs

$(BROWSER_COLLECTOR)/node_modules/.package-lock.json: $(BROWSER_COLLECTOR)/package-lock.json
	@cd $(BROWSER_COLLECTOR) && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: test-collector-page
test: test-collector-page
test-collector-page: setup
	@scripts/setup-debian.sh browser
	@$(MAKE) --no-print-directory browser-collector >$(BUILD)/browser-collector.log 2>&1 && \
		echo "== $(BROWSER_COLLECTOR): $$(sed -n 's/.* pass //p' $(BUILD)/browser-collector.log | tail -n 1) test(s)." || \
		{ cat $(BUILD)/browser-collector.log; exit 1; }

.PHONY: bench-collector
bench: bench-collector
## make bench-collector  messages a second beside rsyslog, page calls on a large store, memory
bench-collector: $(BUILD)/lcm $(BUILD)/bench/load
	@bench/collector.sh

# What is made around the collector: its bench, demo and browser tests.
$(BUILD)/bench/load: $(BUILD)/obj/bench/collector/load.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $^ $(HOST_LIBS) -o $@

# The chip that reports into a collector runs what devices run.
$(BUILD)/tests/system/test_emu_collect.run: | $(LIFE_UPDATERS) $(LIFE_APPS)

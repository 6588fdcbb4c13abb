# What is made around the collector: its bench, demo and browser tests.
$(BUILD)/bench/load: $(BUILD)/obj/bench/collector/load.o $(LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $^ $(HOST_LIBS) -o $@

# Power cuts by the million: tests/power runs the real core and boot decision at full speed.
# TLS is passed through and verdicts on signatures are kept, see tests/power/plain_tls.c and kept_verdicts.c.
POWER := build/power
POWER_SRC := $(wildcard tests/power/*.c)
POWER_OBJ := $(POWER_SRC:%.c=build/host/obj/%.o)
POWER_HELP := $(addprefix build/host/obj/tests/lib/,trust_fixture.o update_fixture.o sample_image.o stock_sysparam.o ram_flash.o)
POWER_LIB := build/host/liblcm-power.a
POWER_LINK := -Wl,--wrap=lcm_verify_finish

# Everything but TLS, which plain_tls.c stands for.
$(POWER_LIB): $(filter-out build/host/obj/core/fetch/tls.o,$(LIB_OBJ))
	@rm -f $@
	$(SAY) '  AR   $@'
	$(Q)$(AR) rcs $@ $^

$(POWER)/power: $(POWER_OBJ) $(POWER_HELP) $(POWER_LIB)
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $(POWER_LINK) $^ $(HOST_LIBS) -o $@

-include $(POWER_OBJ:.o=.d)

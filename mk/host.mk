# The host build: one archive per folder, one binary `lcm`.
CORE_SRC := $(wildcard core/*/*.c)
BOOT_SRC := $(wildcard boot/*.c)
PORTAL_SRC := $(wildcard portal/*.c)
DEVICE_SRC := $(wildcard device/host/*.c)
PORT_HOST_SRC := $(wildcard port/host/*.c) $(wildcard port/conformance/*.c) $(wildcard port/emulator/*.c) \
	port/lwip/dhcp_packet.c port/lwip/dhcp_leases.c port/lwip/dns_packet.c
HOST_SRC := $(wildcard host/*.c)
SERVER_SRC := $(wildcard server/*.c)
TOOLS_SRC := $(filter-out tools/main.c,$(wildcard tools/*.c))

HOST_POSIX := -D_GNU_SOURCE
HOST_LIBS := -lgnutls -lcurl -lssl -lcrypto -lcjson -lbearssl -lslirp -lqrencode -lpng -lm -lpthread

LIB_SRC := $(CORE_SRC) $(BOOT_SRC) $(PORTAL_SRC) $(PAGE_DATA) $(DEVICE_SRC) $(PORT_HOST_SRC) $(HOST_SRC) $(SERVER_SRC) $(TOOLS_SRC)
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
LIB := $(BUILD)/liblcm.a
include mk/collector.mk

# Core and portal are freestanding C11: they get no POSIX names.
$(BUILD)/obj/core/%.o: core/%.c
	@mkdir -p $(@D)
	$(SAY) '  CC   $<'
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/obj/portal/%.o: portal/%.c
	@mkdir -p $(@D)
	$(SAY) '  CC   $<'
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) '  CC   $<'
	$(Q)$(CC) $(CPPFLAGS) $(HOST_POSIX) $(CFLAGS) -MMD -MP -c $< -o $@

# From an archive the linker takes the first definition of a name without a word about a second one.
$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(SAY) '  AR   $@'
	$(Q)$(AR) rcs $@ $^
	@nm -g --defined-only $@ | awk '$$2 ~ /[TDBR]/ { print $$3 }' | sort | uniq -d | \
		awk '{ print "two definitions of " $$1; twice = 1 } END { exit twice }' >&2 || { rm -f $@; exit 1; }

$(BUILD)/lcm: $(BUILD)/obj/tools/main.o $(LIB)
	$(SAY) '  LD   $@'
	$(Q)$(CC) $(LDFLAGS) $^ $(HOST_LIBS) -o $@

-include $(LIB_OBJ:.o=.d)

# The collector (lcm collect): its sources join the archive of mk/host.mk, which includes this file;
# the files of its page go into the program as they are.
COLLECTOR_SRC := $(wildcard collector/*.c)
COLLECTOR_PAGE := $(addprefix web/collector/,index.html app.js chart.js views.js app.css icon.svg openapi.json)
COLLECTOR_PAGE_OBJ := $(BUILD)/obj/web/collector.o
LIB_OBJ += $(COLLECTOR_SRC:%.c=$(BUILD)/obj/%.o) $(COLLECTOR_PAGE_OBJ)
HOST_LIBS += -lmicrohttpd -lsqlite3 -lpq -lmosquitto
CPPFLAGS += -isystem /usr/include/postgresql

$(COLLECTOR_PAGE_OBJ): $(COLLECTOR_PAGE) mk/collector.mk
	@mkdir -p $(@D)
	$(SAY) '  LD   $@'
	$(Q)$(LD) -r -z noexecstack -b binary $(COLLECTOR_PAGE) -o $@

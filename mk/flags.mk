# Compiler flags. VARIANT=asan builds everything with address and UB sanitizers
# into build/asan, VARIANT=cov counts lines in build/cov; the default goes to build/host.
VARIANT ?= host
BUILD := build/$(VARIANT)

VERSION := $(shell cat VERSION)

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wundef -Wcast-qual -Wswitch-enum -Wformat=2 -Werror
CPPFLAGS := -I. -Iinclude -isystem /usr/include/bearssl -DLCM_VERSION='"$(VERSION)"'
CFLAGS_host := -O2 -g
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_cov := -O0 -g --coverage -fprofile-update=atomic
CFLAGS := -std=c11 $(WARNINGS) $(CFLAGS_$(VARIANT))
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_cov := --coverage
LDFLAGS := $(LDFLAGS_$(VARIANT))

# make V=1 shows the commands.
ifeq ($(V),1)
Q :=
SAY := @true
else
Q := @
SAY := @echo
endif

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Check that every entry of the ROM program is at its address.
#
# usage: rom/check-rom.sh rom.elf functions.h
set -eu

xtensa-lx106-elf-nm "$1" | awk '
    NR == FNR { address[$3] = toupper($1); next }
    /^X\(/ {
        split($0, field, /[(, )]+/)
        wanted = toupper(substr(field[2], 3))
        if (address[field[3]] != wanted) {
            printf("%s: %s is at %s, not at %s\n", FILENAME, field[3], address[field[3]], wanted)
            failed = 1
        }
        count++
    }
    END {
        if (count < 50)
            failed = 1
        if (address["_ResetVector"] != "40000080" || address["rom_first"] != "50000000")
            failed = 1
        exit failed
    }' - "$2" || {
    echo "$1: entries are not where the chip has them" >&2
    exit 1
}

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Check the layout of an lx106 program before it becomes an image.
#
# usage: scripts/check-lx106-elf.sh ELF
#
# The entry is in IRAM; the flash segment starts at a slot with the identity block; nothing that
# needs byte loads is in flash; no name is undefined; everything ends inside its memory.
set -eu

elf=$1
tool=xtensa-lx106-elf-

die() {
    echo "$elf: $*" >&2
    exit 1
}

section() { # NAME: "address size"
    "${tool}objdump" -h "$elf" | awk -v name="$1" '$2 == name { print "0x" $4, "0x" $3 }'
}

within() { # NAME LOW HIGH
    set -- "$1" "$2" "$3" $(section "$1")
    [ $# = 5 ] || return 0
    [ $(($5)) = 0 ] || { [ $(($4)) -ge $(($2)) ] && [ $(($4 + $5)) -le $(($3)) ]; } ||
        die "$1 at $4, size $5, is outside $2 .. $3"
}

set -- $(section .irom)
case "$1" in
0x40202010) irom_end=0x4028C000 ;;
0x4028d010) irom_end=0x402F5000 ;;
*) die "the flash segment is at $1: no slot" ;;
esac
within .irom "$1" "$irom_end"
within .iram 0x40100000 0x40108000
for name in .data .rodata .bss; do
    within "$name" 0x3FFE8000 0x3FFFC000
done

entry=$("${tool}readelf" -h "$elf" | awk '/Entry point/ { print $4 }')
[ $((entry)) -ge $((0x40100000)) ] && [ $((entry)) -lt $((0x40108000)) ] ||
    die "the entry $entry is not in IRAM"

"${tool}objdump" -s -j .irom --stop-address=$(($1 + 8)) "$elf" | grep -q 'LCM-ID1' ||
    die "the flash segment does not start with the identity block"

unknown=$("${tool}nm" -u "$elf")
[ -z "$unknown" ] || die "undefined: $unknown"

loaded=$("${tool}objdump" -h "$elf" | awk '
    $1 ~ /^[0-9]+$/ { name = $2 }
    /ALLOC/ && name !~ /^\.(irom|iram|data|rodata|bss)$/ { print name }')
[ -z "$loaded" ] || die "sections without a place: $loaded"

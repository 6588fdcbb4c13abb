# SPDX-License-Identifier: Apache-2.0
# Who reads flash or IRAM by bytes and half-words, from the counters of bench/qemu/loads.c.
#
# usage: od -An -v -tu4 -w4 COUNTERS | awk -f loads.awk SYMBOLS -
#   SYMBOLS  nm -n of the program in slot 1
#
# Prints "KIND COUNT FUNCTION", most first within a kind. Code in slot 0 has no names.

BEGIN {
    KINDS = split("narrow-load narrow-store unaligned", kind, " ")
    BASE = 1074790400 # 0x40100000
    RANGE = 2097152
    IRAM_SIZE = 32768
    SLOT1 = 1076416512 - BASE # 0x4028D000
}

function hex(text, i, value) {
    for (i = 1; i <= length(text); i++)
        value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return value
}

FILENAME != "-" {
    if (tolower($2) == "t") {
        start[++symbols] = hex($1) - BASE
        name[symbols] = $3
    }
    next
}

$1 == 0 { next }
{
    which = int((FNR - 1) / RANGE)
    offset = (FNR - 1) % RANGE
    if (offset >= IRAM_SIZE && offset < SLOT1) {
        count[kind[which + 1] " slot0"] += $1
        next
    }
    low = 1
    high = symbols
    while (low < high) {
        middle = int((low + high + 1) / 2)
        if (start[middle] <= offset)
            low = middle
        else
            high = middle - 1
    }
    count[kind[which + 1] " " name[low]] += $1
}

END {
    for (key in count) {
        split(key, part, " ")
        print part[1], count[key], part[2] | "sort -k1,1 -k2,2nr"
    }
}

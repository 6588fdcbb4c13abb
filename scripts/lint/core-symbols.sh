#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The core stands alone: what it needs from outside is on a short list, and it keeps no variables.
#
# usage: scripts/lint/core-symbols.sh ARCHIVE      core compiled for lx106
#
# BearSSL, ten functions of string.h, and the compiler's whole-number helpers. A helper for floats,
# a call of the heap or of stdio, or a global variable fails.
set -eu
nm=xtensa-lx106-elf-nm

"$nm" -g "$1" | awk '
    BEGIN {
        count = split("memcpy memmove memset memcmp memchr strlen strcmp strncmp", name, " ")
        count += split("__divsi3 __modsi3 __udivsi3 __umodsi3 __divdi3 __moddi3 __udivdi3 " \
                       "__umoddi3 __muldi3 __mulsi3 __umulsidi3 __ashldi3 __ashrdi3 __lshrdi3 " \
                       "__clzsi2 __ctzsi2 __bswapsi2 __bswapdi2 __popcountsi2", helper, " ")
        for (i in name)
            allowed[name[i]] = 1
        for (i in helper)
            allowed[helper[i]] = 1
    }
    /:$/ { object = $0; next }
    $1 == "U" { needed[$2] = object; next }
    NF == 3 { defined[$3] = 1 }
    END {
        for (symbol in needed)
            if (!(symbol in defined) && !(symbol in allowed) && symbol !~ /^br_/) {
                print "core needs " symbol " (" needed[symbol] ")"
                failed = 1
            }
        exit failed
    }'

"$nm" "$1" | awk '
    /:$/ { object = $0 }
    $2 ~ /^[DdBbCcSsGg]$/ {
        print "core keeps a variable: " $3 " (" object ")"
        failed = 1
    }
    END { exit failed }'

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Print what the app hook costs and fail when it breaks its promise: < 1,024 bytes of flash, no RAM.
#
# usage: scripts/check-hook-size.sh OBJECT
set -eu
xtensa-lx106-elf-size -A "$1" | awk '
    $1 ~ /^\.(text|literal)/ { flash += $2 }
    $1 ~ /^\.(data|bss|rodata)/ { ram += $2 }
    END {
        printf("app hook: %d bytes of flash, %d bytes of RAM\n", flash, ram)
        exit !(flash > 0 && flash < 1024 && ram == 0)
    }'

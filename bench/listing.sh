#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Disassemble an lx106 program in step with its code.
#
# usage: bench/listing.sh ELF COPY
#
# The linker leaves up to three bytes between a jump or return and what follows it, and a
# disassembler that goes straight on reads wrong instructions from there. What follows such a gap of
# zeros gets a symbol in a copy of the program, until there are no more gaps. The listing comes on
# standard output; bench/stack.awk checks that it is in step.
set -euo pipefail

ROUNDS_MAX=20
tool=xtensa-lx106-elf
elf=$1
copy=$2

# Instructions the listing has not seen as such, as options of objcopy.
missed() {
    "$tool-objdump" -h "$elf" | awk '
        $1 ~ /^[0-9]+$/ { print "section", $2, $3, $4 }' |
        cat - "$copy.listing" | awk '
        function hex(text, i, value) {
            for (i = 1; i <= length(text); i++)
                value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
            return value
        }
        $1 == "section" { base[$2] = hex($4); next }
        /^Disassembly of section/ { section = substr($4, 1, length($4) - 1) }
        $2 ~ />:$/ { is_after_jump = 0 }
        $1 !~ /^[0-9a-f]+:$/ { next }
        {
            at = hex(substr($1, 1, length($1) - 1))
            seen[at] = 1
            if (is_after_jump && match($2, /(00)+$/) && RSTART > 1)
                zeros[at] = at + RLENGTH / 2
            is_after_jump = $3 ~ /^(j|jx|ret|ret\.n)$/
            section_of[at] = section
        }
        $3 ~ /^(b|j$)/ && match($0, /[0-9a-f]+ <[^>]*>$/) {
            target = hex(substr($0, RSTART, index(substr($0, RSTART), " ") - 1))
            targets[target] = 1
        }
        END {
            for (at in zeros)
                if (!(at in targets) && !(zeros[at] in seen))
                    missing[zeros[at]] = section_of[at]
            for (target in missing)
                printf "--add-symbol step_%d=%s:%d,local,function\n", target, missing[target],
                    target - base[missing[target]]
        }'
}

cp "$elf" "$copy"
for _ in $(seq $ROUNDS_MAX); do
    "$tool-objdump" -d "$copy" >"$copy.listing"
    missed >"$copy.missed"
    if [ ! -s "$copy.missed" ]; then break; fi
    tr '\n' ' ' <"$copy.missed" | xargs "$tool-objcopy" "$copy"
done
cat "$copy.listing"
rm -f "$copy" "$copy.listing" "$copy.missed"

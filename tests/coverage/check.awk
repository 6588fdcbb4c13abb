# SPDX-License-Identifier: Apache-2.0
# Is every branch that no test reaches explained?
#
# usage: awk -f tests/coverage/check.awk tests/coverage/explained.txt build/cov/branches.txt
#
# explained.txt: "= reason", then the lines it is the reason for: "FILE FUNCTION: source line".
# branches.txt: gcovr's text report, whose last column names the lines with branches not taken.
# Fails on a branch that is not explained, and on an explanation whose line is no longer there.

# Each line of a source file with its function; "" when it was read before.
function read_source(file,    text, name, number) {
    if (file in is_read)
        return
    is_read[file] = 1
    while ((getline text <file) > 0) {
        number++
        if (text ~ /^[a-z].*\(/ && text !~ /;$/) {
            name = text
            sub(/\(.*/, "", name)
            sub(/.*[ *]/, "", name)
        }
        sub(/^[ \t]+/, "", text)
        source[file, number] = text
        place[file, number] = file " " name ": " text
        exists[place[file, number]] = 1
    }
    close(file)
}

FNR == 1 { part++ }
part == 1 && /^(#|$)/ { next }
part == 1 && /^= / { reason = substr($0, 3); next }
part == 1 {
    if (reason == "") {
        print "explained.txt: no reason before: " $0
        failed = 1
    }
    read_source($1)
    if (!($0 in exists)) {
        print "explained.txt: no such line any more: " $0
        failed = 1
    }
    explanation[$0] = reason
    next
}
part == 2 && $1 ~ /^(core|boot)\/.*\.c$/ {
    branches += $2
    missing += $2 - $3
    count = split($5, list, ",")
    read_source($1)
    for (i = 1; i <= count; i++) {
        if (place[$1, list[i]] in explanation) {
            explained++
        } else {
            print $1 ":" list[i] ": a branch no test takes, and no explanation: " source[$1, list[i]]
            if (wants_template)
                print place[$1, list[i]] >"/dev/stderr"
            failed = 1
        }
    }
}
END {
    printf "core and boot: %d branches, %d not taken in %d lines that are explained\n", branches,
           missing, explained
    exit failed || branches == 0
}

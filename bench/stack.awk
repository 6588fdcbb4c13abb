# SPDX-License-Identifier: Apache-2.0
# The deepest stack a linked lx106 program can need, from its machine code.
#
# usage: awk -f stack.awk CALLS SYMBOLS LISTING
#   CALLS    who is called through pointers (bench/stack-calls.txt)
#   SYMBOLS  nm -S of the program and of the ROM
#   LISTING  bench/listing.sh of both
#
# Prints the bytes from the entry down, an exception at the deepest point included, then the
# functions on the way there with their frames. A call through a pointer that CALLS does not know,
# and a recursion it does not rule out, end it with an error: the figure is a bound, not a guess.

BEGIN { EXCEPTION_FRAME = 80 } # port/lx106/trap.c

function hex(text, i, value) {
    sub(/^0x/, "", text)
    for (i = 1; i <= length(text); i++)
        value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return value
}

function number(text) { return text ~ /^0x/ ? hex(text) : text + 0 }

function die(text) {
    print "stack.awk: " text > "/dev/stderr"
    failed = 1
    exit 1
}

function is_division(text) { return text ~ /^__(u?div|u?mod)[sd]i3$/ }

# A call from the function at `from` to the one at address `to`.
function call(from, to) { callees[from] = callees[from] " " to }

FNR == 1 { file++ }

# CALLS: "SET = function..."; "function... : function..."; "never caller callee": that way is not
# taken. A set, or a prefix and a star, stands for several functions.
file == 1 {
    sub(/#.*/, "")
    if (NF == 0)
        next
    if ($1 == "never") {
        never[$2, $3] = 1
    } else if ($2 == "=") {
        set[$1] = substr($0, index($0, "=") + 1)
    } else {
        callers = split(substr($0, 1, index($0, ":") - 1), caller, " ")
        for (i = 1; i <= callers; i++)
            listed[caller[i]] = listed[caller[i]] substr($0, index($0, ":") + 1)
    }
    next
}

# SYMBOLS: address size type name. Absolute symbols and data have no code.
file == 2 {
    if (NF == 4 && tolower($3) == "t") {
        address = hex($1)
        end[address] = address + hex($2)
        name[address] = $4
        places[$4] = places[$4] " " address
    } else if (NF == 3 && tolower($2) == "t" && !(hex($1) in name)) {
        name[hex($1)] = $3
        places[$3] = places[$3] " " hex($1)
    }
    next
}

/^[0-9a-f]+ <.*>:$/ {
    address = hex($1)
    if (address in name) {
        current = address
        split("", constant)
        split("", target)
    } else if (current in end && address >= end[current]) {
        current = ""
    }
    next
}

current == "" || $1 !~ /^[0-9a-f]+:$/ { next }
current in end && hex(substr($1, 1, length($1) - 1)) >= end[current] { next }

# Behind its trap for a division by 0, libgcc has text.
$3 == "ill" && is_division(name[current]) { current = ""; next }

{
    operation = $3
    starts[hex(substr($1, 1, length($1) - 1))] = 1
    if (operation ~ /^(b|j$)/ && match($0, /[0-9a-f]+ <[^>]*>$/))
        jumps[current] = jumps[current] " " hex(substr($0, RSTART, index(substr($0, RSTART), " ") - 1))
    register = $4
    sub(/,$/, "", register)
    value = $NF
}

operation == "addi" && register == "a1" && $5 == "a1," && value < 0 { frame[current] -= value; next }
operation == "sub" && register == "a1" {
    if (!(value in constant))
        die(name[current] " takes a stack frame of unknown size")
    frame[current] += constant[value]
    next
}
operation ~ /^movi/ { constant[register] = number(value); delete target[register]; next }
(operation == "slli" || operation == "addmi") && substr($5, 1, length($5) - 1) in constant {
    source = substr($5, 1, length($5) - 1)
    constant[register] = operation == "slli" ? constant[source] * 2 ^ value : constant[source] + number(value)
    delete target[register]
    next
}
operation == "l32r" {
    delete target[register]
    delete constant[register]
    if (match($0, /\([0-9a-f]+/)) {
        target[register] = hex(substr($0, RSTART + 1, RLENGTH - 1))
        constant[register] = target[register]
    }
    next
}
operation == "call0" { call(current, hex($4)); next }
operation == "callx0" {
    if (register in target)
        call(current, target[register])
    else
        pointer[current] = 1
    next
}
operation == "j" && (hex($4) in name) && hex($4) != current { call(current, hex($4)); next }
operation !~ /^(s32i|s16i|s8i|b|ret|j|nop|wsr)/ { delete target[register]; delete constant[register] }

function check_listing(address, parts, count, i) {
    count = is_division(name[address]) ? 0 : split(jumps[address], parts, " ")
    for (i = 1; i <= count; i++)
        if (!(parts[i] in starts))
            die("the listing of " name[address] " is out of step with the code")
}

function depth(address, parts, count, i, below, deepest) {
    if (address in known)
        return known[address]
    check_listing(address)
    busy[address] = 1
    if (pointer[address]) {
        if (!(name[address] in listed))
            die(name[address] " calls through a pointer: add it to the list of calls")
        add_listed(address)
    }
    count = split(callees[address], parts, " ")
    for (i = 1; i <= count; i++) {
        if ((name[address], name[parts[i]]) in never)
            continue
        if (parts[i] in busy && pointer[address] && name[parts[i]] == name[address])
            continue # one of several functions of that name: none calls itself
        if (parts[i] in busy)
            die("recursion: " name[address] " calls " name[parts[i]])
        below = depth(parts[i])
        if (below > deepest || !(address in next_of)) {
            deepest = below
            next_of[address] = parts[i]
        }
    }
    delete busy[address]
    return known[address] = frame[address] + deepest
}

function add_listed(address, parts, count, i) {
    count = split(listed[name[address]], parts, " ")
    for (i = 1; i <= count; i++)
        add_named(address, parts[i])
}

function add_named(address, text, parts, count, i, symbol) {
    if (text in set) {
        count = split(set[text], parts, " ")
        for (i = 1; i <= count; i++)
            add_named(address, parts[i])
    } else if (text ~ /\*$/) {
        for (symbol in places)
            if (index(symbol, substr(text, 1, length(text) - 1)) == 1)
                callees[address] = callees[address] places[symbol]
    } else if (text in places) {
        callees[address] = callees[address] places[text]
    } else {
        die("the list of calls names " text ", which is not in the program")
    }
}

function only(text, parts) {
    if (split(places[text], parts, " ") != 1)
        die("there is not one " text " in the program")
    return parts[1]
}

END {
    if (failed)
        exit 1
    print depth(only("lx106_start")) + EXCEPTION_FRAME + depth(only("lx106_trap"))
    for (address = only("lx106_start"); address != ""; address = next_of[address])
        printf "%6d %s\n", frame[address], name[address]
}

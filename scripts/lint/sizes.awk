# SPDX-License-Identifier: Apache-2.0
# Files of at most 500 lines; functions of at most 70 lines and 6 parameters.
# Relies on the project's format: a function's braces stand alone in the first column.

function report(line, text) {
    printf("%s:%d: %s\n", FILENAME, line, text)
    failed = 1
}

function parameter_count(signature, i, c, depth, count) {
    sub(/__attribute__[ ]*\(\([^()]*(\([^()]*\))*[^()]*\)\)/, "", signature)
    count = 1
    for (i = index(signature, "("); i > 0 && i <= length(signature); i++) {
        c = substr(signature, i, 1)
        if (c == "(")
            depth++
        else if (c == ")" && --depth == 0)
            break
        else if (c == "," && depth == 1)
            count++
    }
    return count
}

function end_file() {
    if (lines > 500)
        printf("%s:%d: file has more than 500 lines\n", file, lines)
    if (lines > 500)
        failed = 1
}

FNR == 1 {
    end_file()
    file = FILENAME
    signature = ""
    opened = 0
}

{ lines = FNR }

# A callback of a library has the parameters that the library gives it.
/^\/\* Its type is [A-Za-z]+.s\. \*\/$/ { is_foreign = 1 }

/^\{$/ && signature ~ /\)[ ]*$/ {
    opened = FNR
    if (parameter_count(signature) > 6 && !is_foreign)
        report(FNR, "function has more than 6 parameters")
    is_foreign = 0
    next
}

/^\}/ {
    if (opened && FNR - opened - 1 > 70)
        report(opened, "function has " FNR - opened - 1 " lines, more than 70")
    opened = 0
    signature = ""
    next
}

!opened {
    if ($0 ~ /^[ \t]*$/ || $0 ~ /[;\/]$/ || $0 ~ /^[#\/]/ || $0 ~ /^ \*/)
        signature = ""
    else
        signature = signature " " $0
}

END {
    end_file()
    exit failed
}

# SPDX-License-Identifier: Apache-2.0
# Calls and words the code does without. Comments and strings do not count.

function report(text) {
    printf("%s:%d: %s\n", FILENAME, FNR, text)
    failed = 1
}

function code_of(line) {
    gsub(/\\"/, "", line)
    gsub(/"[^"]*"/, "\"\"", line)
    sub(/\/\/.*/, "", line)
    gsub(/\/\*[^*]*\*\//, "", line)
    return line
}

function calls(line, names) {
    return line ~ ("(^|[^A-Za-z0-9_])(" names ")[ ]*\\(")
}

FNR == 1 { comment = 0 }

{
    line = code_of($0)
    if (comment) {
        if (!sub(/.*\*\//, "", line))
            next
        comment = 0
    }
    if (sub(/\/\*.*/, "", line))
        comment = 1

    if (FILENAME !~ /^tests\// &&
        calls(line, "strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atof|strtok|alloca|tmpnam"))
        report("unbounded or unchecked call")
    if (line ~ /typedef[ ]+(struct|union|enum)/)
        report("no typedef of struct, union or enum")
    if (FILENAME ~ /^(core|boot|portal)\// && FILENAME !~ /^boot\/lx106\//) {
        if (calls(line, "malloc|calloc|realloc|free|strdup|[a-z]*printf|time|rand|abort|exit"))
            report("portable code must not call this")
        if (line ~ /(^|[^A-Za-z0-9_])(float|double)[^A-Za-z0-9_]/)
            report("no floating point in portable code")
        if (line ~ /^[ ]*#[ ]*(if|ifdef|elif)([^n]|$)/ && line !~ /ifndef/)
            report("conditional compilation belongs into port/")
    }
}

END { exit failed }

# SPDX-License-Identifier: Apache-2.0
# The page with style and script in their places, and numbers for the names of texts:
#
#   awk -v keys=FILE -v style=FILE -v script=FILE -f html.awk index.html
#
# The lines of the source are joined, comments stand on lines of their own. Attributes lose the
# quotes they do not need, and elements of lists the end tags that HTML does without. The script is
# the last thing of the page.

function copy(file, line, separator) {
    while ((getline line <file) > 0) {
        printf("%s%s", separator, line)
        separator = "\n"
    }
    if (separator == "")
        fail(file ": empty")
}

function fail(text) {
    print "html.awk: " text >"/dev/stderr"
    failed = 1
}

# data-t="name" becomes data-t="12".
function put_texts(line, name) {
    while (match(line, /data-t="[a-zA-Z]+"/)) {
        name = substr(line, RSTART + 8, RLENGTH - 9)
        if (!(name in text_number))
            fail("no text " name)
        sub(/data-t="[a-zA-Z]+"/, "data-t=" text_number[name], line)
    }
    return line
}

function drop_quotes(line) {
    while (match(line, /="[A-Za-z0-9._-]+"/))
        line = substr(line, 1, RSTART) substr(line, RSTART + 2, RLENGTH - 3) \
            substr(line, RSTART + RLENGTH)
    return line
}

BEGIN {
    while ((getline pair <keys) > 0) {
        split(pair, field, " ")
        text_number[field[1]] = field[2]
    }
}

/^<!-- style -->$/ {
    printf("<style>")
    copy(style)
    printf("</style>")
    next
}

/^<!-- script -->$/ {
    printf("<script>")
    copy(script)
    printf("</script>")
    next
}

/^<!-- .* -->$/ { next }

{
    line = drop_quotes(put_texts($0))
    gsub(/<\/(dd|dt|li|option)>/, "", line)
    printf("%s", line)
}

END {
    print ""
    exit failed
}

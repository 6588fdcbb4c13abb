# SPDX-License-Identifier: Apache-2.0
# Join the page's modules into one script: awk -v keys=FILE -f script.awk MODULE.js...
#
# The modules come in the order of their use and share one scope. Left out are comments, imports,
# the word export, and white space. Numbers take the place of constants that are numbers, and of
# TEXT.name (FILE lists names and numbers). Words of our own (not properties, not what the browser
# provides) get short names: those the modules share begin with a capital letter, those of one
# function with a small one, so that they never meet and no scopes need to be told apart.
#
# Every statement must end in a semicolon or brace. Refused: /* in code, templates inside templates,
# objects that name a property by a variable ({ a, b }), and words of the browser that are not in
# the list below, where a capital letter tells. The tests of the page run the result.

BEGIN {
    word_count = split("await async break case catch const continue default delete do else export " \
        "false finally for from function if import in instanceof let new null of return switch " \
        "this throw true try typeof undefined void while yield as arguments static eval " \
        "AbortController Array BigInt DataView Date JSON Number Option Promise RangeError String " \
        "TextDecoder TextEncoder Uint32Array Uint8Array addEventListener clearTimeout crypto " \
        "document fetch history location navigator parseInt scrollTo setTimeout TEXT TEXTS",
        words, " ")
    for (i = 1; i <= word_count; i++)
        is_kept[words[i]] = 1
    while ((getline line <keys) > 0) {
        split(line, words, " ")
        text_number[words[1]] = words[2]
    }
}

function refuse(text) {
    print "script.awk: " text >"/dev/stderr"
    failed = 1
}

# kind: w word, n number, s string, p punctuation, x a pattern or text of a template, v the brackets
# of a value in a template
function add(kind_, text_) {
    kind[++tokens] = kind_
    token[tokens] = text_
}

function take(pattern, kind_) {
    if (!match(line, pattern))
        return 0
    add(kind_, substr(line, 1, RLENGTH))
    line = substr(line, RLENGTH + 1)
    return 1
}

# A / begins a pattern where no value stands before it.
function is_pattern_next() {
    return (kind[tokens] == "p" && token[tokens] !~ /^[])}]$/) || token[tokens] == "return"
}

# Text of a template up to its end, to a value in it, or to the end of the line.
function take_template() {
    if (take("^([^`\\\\$]|\\\\.)+", "x")) {
        if (line == "")
            token[tokens] = token[tokens] "\n"
    } else if (take("^`", "x"))
        in_template = 0
    else if (take("^[$][{]", "v")) {
        in_template = 0
        in_value = 1
    } else if (!take("^[$]", "x"))
        take_nothing()
}

function take_nothing() {
    refuse(FILENAME ":" FNR ": not understood: " line)
    line = ""
}

# in_value counts the braces that are open in a value of a template.
function take_brace() {
    if (line ~ /^[{]/ && in_value)
        in_value++
    else if (line ~ /^}/ && in_value && --in_value == 0) {
        in_template = 1
        return take("^}", "v")
    }
    return take("^[{}]", "p")
}

function take_token() {
    if (line ~ /^\/\//)
        line = ""
    else if (line ~ /^[ \t]/)
        sub(/^[ \t]+/, "", line)
    else if (line ~ /^\/\*/ || (line ~ /^`/ && in_value))
        take_nothing()
    else if (take("^`", "x"))
        in_template = 1
    else if (!take_brace() &&
        !take("^'([^'\\\\]|\\\\.)*'", "s") && !take("^\"([^\"\\\\]|\\\\.)*\"", "s") &&
        !take("^[A-Za-z_$][A-Za-z0-9_$]*", "w") &&
        !take("^(0x[0-9A-Fa-f]+|[0-9]*[.]?[0-9]+)n?", "n") &&
        !(is_pattern_next() && take("^/([^/\\\\[]|\\\\.|\\[([^]\\\\]|\\\\.)*\\])+/[a-z]*", "x")) &&
        !take("^([.][.][.]|=>|[+][+]|--)", "p") && !take("^[][()<>=!&|^~?:;,.%*/+-]", "p"))
        take_nothing()
}

/^import / { in_import = 1 }

!in_import {
    line = $0
    sub(/^export /, "", line)
    while (line != "")
        if (in_template)
            take_template()
        else
            take_token()
}

in_import && /;$/ { in_import = 0 }

function is_named(i) {
    return kind[i] == "w" && !(token[i] in is_kept) && token[i - 1] != "." &&
        !(token[i + 1] == ":" && token[i - 1] ~ /^[{,]$/)
}

# TEXT . name becomes a number.
function put_texts(i) {
    for (i = 1; i <= tokens; i++)
        if (token[i] == "TEXT" && kind[i] == "w") {
            if (!(token[i + 2] in text_number))
                refuse("no text " token[i + 2])
            kind[i] = "n"
            token[i] = text_number[token[i + 2]]
            kind[i + 1] = kind[i + 2] = token[i + 1] = token[i + 2] = ""
        }
}

# A statement on the outermost level that gives one of our words its meaning.
function declare(i, j) {
    if (kind[i + 1] != "w")
        refuse("one name for each " token[i] " on the outermost level")
    is_shared[token[i + 1]] = 1
    if (token[i] == "const" && kind[i + 3] == "n" && token[i + 3] !~ /n$/ && token[i + 4] == ";") {
        number_of[token[i + 1]] = token[i + 3]
        for (j = i; j < i + 5; j++)
            kind[j] = token[j] = ""
    }
}

# A region is a statement on the outermost level.
function find_regions(i, depth, number, is_list) {
    for (i = 1; i <= tokens; i++) {
        region[i] = number
        if (kind[i] ~ /^[pv]$/ && token[i] ~ /^([[({]|[$][{])$/)
            depth++
        else if (kind[i] ~ /^[pv]$/ && token[i] ~ /^[])}]$/)
            depth--
        if (depth)
            continue
        if (token[i] ~ /^(const|let)$/)
            is_list = 1
        if (is_list && token[i] == ",")
            refuse("one name for each const or let on the outermost level")
        if (kind[i] == "p" && token[i] ~ /^[;}]$/) {
            number++
            is_list = 0
        }
        if (token[i] ~ /^(const|let|function)$/)
            declare(i)
    }
}

function put_numbers(i) {
    for (i = 1; i <= tokens; i++)
        if (is_named(i) && token[i] in number_of) {
            kind[i] = "n"
            token[i] = number_of[token[i]]
        }
}

# { a }, { a, b: c }, { b: c, a }: the name is both a word of ours and a property.
function refuse_shorthands(i) {
    for (i = 1; i <= tokens; i++)
        if (is_named(i) && ((token[i - 1] == "{" && token[i + 1] ~ /^[,}]$/) ||
            (token[i - 1] == "," && token[i + 1] == "}")))
            refuse("a property named by a variable: write " token[i] ": " token[i])
}

function short_name(number, first, more) {
    more = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    if (number <= length(first))
        return substr(first, number, 1)
    number -= length(first) + 1
    return substr(first, int(number / length(more)) + 1, 1) \
        substr(more, number % length(more) + 1, 1)
}

function choose(key, alphabet, counter, name) {
    do
        name = short_name(++used[counter], alphabet)
    while (name in is_kept)
    short[key] = name
}

# The words that stand there most often come first.
function choose_shared(i, j, count, best) {
    for (i = 1; i <= tokens; i++)
        if (is_named(i) && token[i] in is_shared && !times[token[i]]++)
            list[++count] = token[i]
    for (i = 1; i <= count; i++) {
        best = 0
        for (j = 1; j <= count; j++)
            if (!(list[j] in short) && (!best || times[list[j]] > times[list[best]]))
                best = j
        choose(list[best], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_$", "shared")
    }
}

function rename(i, key) {
    for (i = 1; i <= tokens; i++) {
        if (!is_named(i))
            continue
        if (token[i] ~ /^[A-Z][a-z]/ && !(token[i] in is_shared))
            refuse("neither ours nor in the list of the browser's words: " token[i])
        key = token[i] in is_shared ? token[i] : region[i] " " token[i]
        if (!(key in short))
            choose(key, "abcdefghijklmnopqrstuvwxyz", region[i])
        renamed[i] = short[key]
    }
}

# 0x2f as 47, unless it is long or a big number.
function short_number(text, i, value) {
    if (text !~ /^0x[0-9a-f][0-9a-f]?$/)
        return text
    for (i = 3; i <= length(text); i++)
        value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
    return value
}

# A comma before the end of a list does nothing.
function is_idle(i) {
    return token[i] == "," && token[i + 1] ~ /^[]})]$/ && token[i - 1] !~ /^[[,]$/
}

function needs_space(last, text) {
    return (last ~ /[A-Za-z0-9_$]$/ && text ~ /^[A-Za-z0-9_$]/) ||
        (last ~ /[+-]$/ && substr(text, 1, 1) == substr(last, length(last)))
}

END {
    put_texts()
    refuse_shorthands()
    find_regions()
    put_numbers()
    choose_shared()
    rename()
    for (i = 1; i <= tokens; i++) {
        if (is_idle(i))
            continue
        text = i in renamed ? renamed[i] : token[i] == "const" ? "let" : token[i]
        if (kind[i] == "n")
            text = short_number(text)
        if (kind[i] !~ /^[xv]$/ && needs_space(last, text))
            printf(" ")
        printf("%s", text)
        if (text != "")
            last = text
    }
    print ""
    exit failed
}

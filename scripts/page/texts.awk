# SPDX-License-Identifier: Apache-2.0
# The page's texts as a script: awk -v keys=OUT -f texts.awk en.txt de.txt ... >texts.js
#
# Writes the texts of each language into one string, a line each, in the order of the first file,
# and that order (NAME NUMBER, from 0) into the file keys. A file that lacks a name, has one more,
# or has one twice is refused.

function refuse(text) {
    printf("%s: %s\n", FILENAME == "" ? "texts" : FILENAME, text) >"/dev/stderr"
    failed = 1
}

FNR == 1 {
    language = FILENAME
    sub(/.*\//, "", language)
    sub(/\.txt$/, "", language)
    languages[++language_count] = language
}

/^#/ { next }

{
    name = $1
    text = substr($0, length(name) + 2)
    if (text == "" || text ~ /[`\\$]/)
        refuse(name ": no text, or one of ` \\ $ in it")
    if ((language, name) in texts)
        refuse(name ": twice")
    if (language_count == 1)
        names[++name_count] = name
    else if (!((languages[1], name) in texts))
        refuse(name ": not in " languages[1])
    texts[language, name] = text
}

END {
    separator = "const TEXTS={"
    for (i = 1; i <= language_count; i++) {
        printf("%s%s:`", separator, languages[i])
        separator = "`,\n"
        for (j = 1; j <= name_count; j++) {
            if (!((languages[i], names[j]) in texts)) {
                FILENAME = languages[i]
                refuse(names[j] ": missing")
            }
            printf("%s%s", j > 1 ? "\n" : "", texts[languages[i], names[j]])
        }
    }
    print "`};"
    for (j = 1; j <= name_count; j++)
        print names[j], j - 1 >keys
    exit failed
}

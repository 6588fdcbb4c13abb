# SPDX-License-Identifier: Apache-2.0
# A style sheet without comments and the white space between its rules: awk -f style.awk style.css
#
# Comments stand on lines of their own; strings hold no ": ", " {" or ", ".

/^[ \t]*\/\*.*\*\/$/ { next }

{
    sub(/^[ \t]+/, "")
    gsub(/: /, ":")
    gsub(/ [{]/, "{")
    gsub(/, /, ",")
    sheet = sheet $0
}

END {
    gsub(/;}/, "}", sheet)
    print sheet
}

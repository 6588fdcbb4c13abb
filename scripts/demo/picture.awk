# SPDX-License-Identifier: Apache-2.0
# Lines of text on standard input to a picture of a terminal (SVG). Colours follow what
# a line begins with, as the device prints it on a real terminal.
#
# usage: awk -f scripts/demo/picture.awk <demo.txt >docs/images/demo.svg

function escape(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    return text
}

function colour(text) {
    if (text ~ /^[0-9]+\. |^What happened|^The flash/) return "#f2f4f8"
    if (text ~ /^ *UPDATE/ && text !~ /refused/) return "#7ee787"
    if (text ~ /^ *(CERTINVALID|CHECK.*(CERTIFICATE|not trusted))/) return "#e3b341"
    if (text ~ /refused|SIGINVALID/) return "#ff7b72"
    if (text ~ /^ *(BOOT|CHECK)/) return "#79c0ff"
    if (text ~ /^(boot:|blink)/) return "#d2a8ff"
    return "#a9b1ba"
}

{ line[NR] = $0 }

END {
    height = 17
    width = 900
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" role=\"img\">\n", width, NR * height + 30
    print "<title>A run of make demo</title>"
    printf "<rect width=\"100%%\" height=\"100%%\" rx=\"8\" fill=\"#161b22\"/>\n"
    print "<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"13\" xml:space=\"preserve\">"
    for (i = 1; i <= NR; i++)
        printf "<text x=\"16\" y=\"%d\" fill=\"%s\">%s</text>\n", i * height + 10, colour(line[i]), escape(line[i])
    print "</g>"
    print "</svg>"
}

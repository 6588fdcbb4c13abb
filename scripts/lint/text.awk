# SPDX-License-Identifier: Apache-2.0
# Every text file: no trailing white space, no path or package host of somebody's machine; code
# starts with its licence.

function report(text) {
    printf("%s:%d: %s\n", FILENAME, FNR, text)
    failed = 1
}

BEGIN {
    # Written in pieces, so that this file passes its own check.
    machine = "/" "work/|/" "root/|/" "home/[a-z]"
    hosts = "deb[.]" "debian[.]org|registry[.]" "npmjs|pypi[.]" "org|files[.]" "pythonhosted"
}

FNR == 1 { licensed = 0 }
FNR <= 2 && /SPDX-License-Identifier: Apache-2[.]0/ { licensed = 1 }
FNR == 2 && !licensed && FILENAME ~ /[.](c|h|S|sh|awk|ld|js|css|html)$/ {
    report("no SPDX-License-Identifier in the first two lines")
}

/[ \t]$/ { report("trailing white space") }
$0 ~ machine { report("path of one machine") }
$0 ~ hosts { report("name of a package host") }

END { exit failed }

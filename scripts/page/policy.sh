#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Content-Security-Policy of a page: nothing but its own script and style, by hash, and requests
# to the host it came from.
#
# usage: scripts/page/policy.sh PAGE.html
set -eu

# The bytes between <TAG> and </TAG>; each is there once, and the page is UTF-8 without NUL.
hash_of() { # TAG
    LC_ALL=C awk -v tag="$1" -v RS='\001' '
        {
            start = index($0, "<" tag ">") + length(tag) + 2
            rest = substr($0, start)
            printf("%s", substr(rest, 1, index(rest, "</" tag ">") - 1))
        }' "$page" | openssl dgst -sha256 -binary | openssl base64 -A
}

page=$1
printf "default-src 'none'; script-src 'sha256-%s'; style-src 'sha256-%s'; connect-src 'self'; " \
    "$(hash_of script)" "$(hash_of style)"
printf "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\n"

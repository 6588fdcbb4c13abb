#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetch the pinned source packages of deps.lock and unpack them under build/deps.
#
# usage: scripts/fetch-sources.sh
#
# Needs no root and changes nothing outside build/deps. The archives come from the Debian mirror
# this machine already uses; when it has no deb-src entry, one is derived from its own entries and
# kept in a private apt state. Every archive must have the SHA-256 of deps.lock. Archives put into
# build/deps/archives by hand are taken as they are, so it works without a network as well.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
lock=$root/deps.lock
deps=$root/build/deps
archives=$deps/archives
private=$deps/apt

die() {
    echo "fetch-sources: $*" >&2
    exit 1
}

field() { # KIND NAME COLUMN
    awk -v kind="$1" -v name="$2" -v column="$3" '$1 == kind && $2 == name { print $column }' "$lock"
}

have_archives() { # NAME
    awk -v name="$1" '$1 == "file" && $2 == name { print $3 "  " $4 }' "$lock" |
        (cd "$archives" && sha256sum --check --status - 2>/dev/null)
}

# The machine's own apt entries for the main archive of its release, as deb-src entries.
derive_entries() { # CODENAME
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [ -f "$file" ] || continue
        awk -v codename="$1" '
            $1 == "deb" {
                release = 0
                for (i = 2; i <= NF; i++) {
                    if ($i == codename)
                        release = 1
                    if (release && $i == "main") {
                        sub(/^deb/, "deb-src")
                        print
                        next
                    }
                }
            }' "$file"
    done >"$private/entries.list"
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        awk -v codename="$1" '
            function flush() {
                if (types ~ /(^| )deb( |$)/ && suites ~ ("(^| )" codename "( |$)") &&
                    components ~ /(^| )main( |$)/ && enabled !~ /no|false/)
                    print "Types: deb-src\n" stanza
                types = suites = components = enabled = stanza = ""
            }
            /^[ \t]*$/ { flush(); next }
            /^#/ { next }
            { value = $0; sub(/^[^:]*:[ \t]*/, "", value) }
            tolower($0) ~ /^types:/ { types = value; next }
            tolower($0) ~ /^suites:/ { suites = value }
            tolower($0) ~ /^components:/ { components = value }
            tolower($0) ~ /^enabled:/ { enabled = tolower(value) }
            { stanza = stanza $0 "\n" }
            END { flush() }' "$file"
    done >"$private/entries.sources"
    [ -s "$private/entries.list" ] || [ -s "$private/entries.sources" ]
}

private_apt() { # COMMAND ARGUMENTS...
    command=$1
    shift
    "$command" -q -o APT::Sandbox::User=root -o Acquire::Retries=3 -o Acquire::Languages=none \
        -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$private" \
        -o Dir::State::Lists="$private/lists" -o Dir::Cache="$private/cache" "$@"
}

download() { # NAME VERSION
    if LC_ALL=C apt-cache showsrc --only-source "$1" 2>/dev/null | grep -qxF "Version: $2"; then
        (cd "$archives" && apt-get -q -o APT::Sandbox::User=root -o Acquire::Retries=3 source --download-only "$1=$2") && return
    fi
    mkdir -p "$private/lists/partial" "$private/cache/archives/partial"
    # shellcheck source=/dev/null
    derive_entries "$(. /etc/os-release && echo "${VERSION_CODENAME:-none}")" ||
        die "no apt entry for this Debian release found; put the files into $archives by hand"
    private_apt apt-get update
    (cd "$archives" && private_apt apt-get source --download-only "$1=$2")
}

fetch() { # NAME
    version=$(field source "$1" 3)
    mkdir -p "$archives"
    if ! have_archives "$1"; then
        echo "fetch-sources: $1 $version"
        download "$1" "$version" || die "$1 $version: download failed; see deps.lock for the files wanted in $archives"
        have_archives "$1" || die "$1: an archive does not have the SHA-256 of deps.lock"
    fi
    rm -rf "$deps/$1" "$deps/$1.new" "$private"
    mkdir -p "$deps/$1.new"
    tar -xJf "$archives/$(field tree "$1" 3)" -C "$deps/$1.new" --strip-components=1 --no-same-owner
    echo "$version" >"$deps/$1.new/.version"
    mv "$deps/$1.new" "$deps/$1"
}

for name in $(awk '$1 == "source" { print $2 }' "$lock"); do
    if [ "$(cat "$deps/$name/.version" 2>/dev/null)" != "$(field source "$name" 3)" ]; then
        fetch "$name"
    fi
done

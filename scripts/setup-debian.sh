#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install the Debian packages the project is built and tested with.
#
# usage: scripts/setup-debian.sh [GROUP...]      groups of deps.lock; default: build
#
# Installs what deps.lock lists and nothing beside it, removes nothing, starts no service.
# Does nothing, quickly, when all of it is there. Uses sudo when not root.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
lock=$root/deps.lock
groups=${*:-build}
policy=/usr/sbin/policy-rc.d

die() {
    echo "setup: $*" >&2
    exit 1
}

# One line per wanted package: NAME or NAME|ALTERNATIVE.
wanted() {
    awk -v groups=" $groups " '$1 == "package" && index(groups, " " $2 " ") { print $3 }' "$lock"
}

# The wanted packages of which no alternative is installed.
missing() {
    names=$(wanted | tr '|' ' ')
    # shellcheck disable=SC2086 # a list of words
    dpkg-query -W -f '${Package} ${db:Status-Status}\n' $names 2>/dev/null |
        awk -v wanted="$(wanted | tr '\n' ' ')" '
            $2 == "installed" { installed[$1] = 1 }
            END {
                count = split(wanted, line, " ")
                for (i = 1; i <= count; i++) {
                    found = 0
                    alternatives = split(line[i], name, "|")
                    for (j = 1; j <= alternatives; j++)
                        if (name[j] in installed)
                            found = 1
                    if (!found)
                        print name[1]
                }
            }' || true
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 \
        -o DPkg::Lock::Timeout=300 "$@"
}

# The package lists are missing when apt cannot name a version to install.
has_candidates() {
    for name in "$@"; do
        LC_ALL=C apt-cache policy "$name" | grep -q '^  Candidate: [0-9]' || return 1
    done
}

# A machine that gets nginx from us must not find a web server running, now or after a restart.
# While packages are installed, a policy file tells Debian's scripts not to start services.
hold_services() {
    [ -e "$policy" ] && return
    trap 'release_services' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\n# LifeCycle Manager set-up: no service starts\nexit 101\n' |
        as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

release_services() {
    if grep -q 'LifeCycle Manager set-up' "$policy" 2>/dev/null; then
        as_root rm -f "$policy"
    fi
}

install_packages() {
    hold_services
    apt_get install --no-install-recommends --no-remove "$@"
    case " $* " in
    *" nginx-light "*) as_root update-rc.d nginx disable >/dev/null 2>&1 || true ;;
    esac
}

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    die "this is not Debian: install what $lock lists by hand"

packages=$(missing)
[ -n "$packages" ] || exit 0
# shellcheck disable=SC2086
set -- $packages
echo "setup: installing $*"
[ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "not root and no sudo: as root, run: apt-get install --no-install-recommends $*"

has_candidates "$@" || apt_get update
# Package lists may be older than the archive: ask once more with fresh ones.
if ! install_packages "$@"; then
    apt_get update
    install_packages "$@"
fi
[ -z "$(missing)" ] || die "still missing after the installation: $(missing | tr '\n' ' ')"

# SPDX-License-Identifier: Apache-2.0
# Dependencies go one way: tools -> host -> core, device -> port, portal -> core, boot -> core.

function allow(folder, prefixes) {
    folders[++folder_count] = folder
    allowed[folder] = prefixes
}

function allowed_prefixes(path, i) {
    for (i = 1; i <= folder_count; i++)
        if (index(path, folders[i]) == 1)
            return allowed[folders[i]]
    return "*"
}

function is_allowed(name, prefixes, i, count, prefix) {
    if (prefixes == "*")
        return 1
    count = split(prefixes, prefix, " ")
    for (i = 1; i <= count; i++)
        if (index(name, prefix[i]) == 1)
            return 1
    return 0
}

BEGIN {
    allow("include/lcm/", "lcm/")
    allow("core/base/", "core/base/ lcm/")
    allow("core/store/", "core/store/ core/base/ core/image/ lcm/")
    allow("core/image/", "core/image/ core/base/ lcm/")
    allow("core/", "core/ lcm/")
    allow("boot/", "boot/ core/base/ core/store/ core/image/ lcm/")
    allow("portal/", "portal/ core/ lcm/")
    # The rules of DHCP and DNS know no lwIP.
    allow("port/host/", "port/host/ host/ core/ boot/ lcm/ port/lwip/dhcp_leases.h port/lwip/dns_packet.h")
    allow("port/emulator/guest/", "port/ core/ lcm/")
    allow("port/emulator/", "port/emulator/ port/host/ host/ core/ boot/ lcm/")
    allow("port/lwip/", "port/ core/ lcm/ lwip/ netif/")
    allow("port/", "port/ core/ boot/ lcm/")
    allow("device/host/", "device/ port/host/ portal/ host/ core/ boot/ lcm/")
    allow("device/", "device/ port/ portal/ core/ boot/ lcm/")
    allow("host/", "host/ core/ boot/ lcm/")
    allow("server/", "server/ host/ core/ lcm/")
    allow("collector/", "collector/ host/ core/ lcm/")
    allow("examples/", "examples/ port/ lcm/ lwip/")
    standard = " stdint.h stddef.h stdbool.h string.h limits.h bearssl.h "
}

$1 == "#include" && $2 ~ /^"/ {
    name = substr($2, 2, length($2) - 2)
    if (!is_allowed(name, allowed_prefixes(FILENAME))) {
        printf("%s:%d: must not include %s\n", FILENAME, FNR, name)
        failed = 1
    }
}

$1 == "#include" && $2 ~ /^</ && FILENAME ~ /^(core|boot|portal|include)\// {
    name = substr($2, 2, length($2) - 2)
    if (!index(standard, " " name " ")) {
        printf("%s:%d: portable code must not include <%s>\n", FILENAME, FNR, name)
        failed = 1
    }
}

END { exit failed }

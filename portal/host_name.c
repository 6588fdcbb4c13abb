// SPDX-License-Identifier: Apache-2.0
/* Host and Origin of a request; see the header. Nothing is resolved. */
#include "portal/host_name.h"

#include <string.h>

#include "core/base/text.h"
#include "portal/request.h"

#define ORIGIN_SCHEME "http://"

/* Four numbers of one to three digits: what a browser sends for an address. */
static bool host_is_address(const char *host)
{
    uint32_t digits = 0;
    uint32_t dots = 0;

    for (; *host != '\0'; host++) {
        if (*host >= '0' && *host <= '9' && digits < 3) {
            digits++;
        } else if (*host == '.' && digits > 0) {
            digits = 0;
            dots++;
        } else {
            return false;
        }
    }
    return dots == 3 && digits > 0;
}

/* ".local" is how phones ask by multicast DNS; a browser may send it either way. */
static void host_strip_local(char *host)
{
    static const char local[] = ".local";
    size_t length = strlen(host);

    if (length > sizeof(local) - 1 &&
        lcm_text_equal_folded(host + length - (sizeof(local) - 1), local))
        host[length - (sizeof(local) - 1)] = '\0';
}

bool lcm_portal_is_own_host(const char *host, const char *name)
{
    char bare[LCM_PORTAL_HOST_SIZE];

    if (lcm_text_copy_bytes(bare, sizeof(bare), (const uint8_t *)host, lcm_text_find(host, ':')) !=
        LCM_OK)
        return false;
    if (host_is_address(bare) || lcm_text_equal_folded(bare, "localhost") ||
        lcm_text_equal_folded(bare, "lcm.setup"))
        return true;
    host_strip_local(bare);
    return lcm_text_equal_folded(bare, name);
}

bool lcm_portal_is_own_origin(const char *origin, const char *host)
{
    if (origin[0] == '\0')
        return true;
    return lcm_text_starts_with(origin, ORIGIN_SCHEME) &&
           lcm_text_equal_folded(origin + sizeof(ORIGIN_SCHEME) - 1, host);
}

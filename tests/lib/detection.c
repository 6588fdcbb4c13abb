// SPDX-License-Identifier: Apache-2.0
/*
 * Probes and rules; see the header. Android: NetworkMonitor of AOSP. Apple: the success page of its
 * Captive Network Support. Windows: NCSI. Firefox: its captive portal service. Chrome and
 * relatives: 204 or portal. Linux: NetworkManager's connectivity check.
 */
#include "tests/lib/detection.h"

#include <string.h>

#define AOSP_BODY_MIN 5u /* a shorter 200 is a broken answer, no portal */

static bool detection_is_redirect(const struct detection_answer *answer)
{
    return answer->status >= 300 && answer->status <= 399;
}

/* Java's isSiteLocalAddress and isLinkLocalAddress. */
static bool detection_is_private(const uint8_t address[4])
{
    return address[0] == 10 || (address[0] == 172 && (address[1] & 0xF0) == 16) ||
           (address[0] == 192 && address[1] == 168) || (address[0] == 169 && address[1] == 254);
}

/* AOSP with config_force_dns_probe_private_ip_no_internet: a private answer of DNS is "no
 * internet" whatever HTTP says. Then 204 is online; 200 to 399 is a portal, but a 200 that is empty
 * or has four bytes at most failed. */
static enum detection_verdict detection_android(const struct detection_probe *probe,
                                                const struct detection_answer *answer)
{
    (void)probe;
    if (detection_is_private(answer->address))
        return DETECTION_FAILED;
    if (answer->status == 204)
        return DETECTION_ONLINE;
    if (answer->status == 200 && answer->body_size < AOSP_BODY_MIN)
        return DETECTION_FAILED;
    return answer->status >= 200 && answer->status <= 399 ? DETECTION_PORTAL : DETECTION_FAILED;
}

/* The sheet opens for any answer that is not the success page, and shows it. It needs something to
 * show: a body, or a place to go. */
static enum detection_verdict detection_apple(const struct detection_probe *probe,
                                              const struct detection_answer *answer)
{
    if (answer->status == 200 && answer->body_size >= strlen(probe->online) &&
        memcmp(answer->body, probe->online, strlen(probe->online)) == 0)
        return DETECTION_ONLINE;
    if (detection_is_redirect(answer))
        return answer->location[0] != '\0' ? DETECTION_PORTAL : DETECTION_FAILED;
    return answer->status == 200 && answer->body_size > 0 ? DETECTION_PORTAL : DETECTION_FAILED;
}

/* NCSI: the exact text is online; any other HTTP answer, redirects included, opens the browser. */
static enum detection_verdict detection_windows(const struct detection_probe *probe,
                                                const struct detection_answer *answer)
{
    if (answer->status == 200 && answer->body_size == strlen(probe->online) &&
        memcmp(answer->body, probe->online, answer->body_size) == 0)
        return DETECTION_ONLINE;
    return answer->status != 0 ? DETECTION_PORTAL : DETECTION_FAILED;
}

/* Firefox: the canonical text, or "locked portal" for 200 with another text and for redirects. */
static enum detection_verdict detection_firefox(const struct detection_probe *probe,
                                                const struct detection_answer *answer)
{
    if (answer->status == 200 && answer->body_size >= strlen(probe->online) &&
        memcmp(answer->body, probe->online, strlen(probe->online)) == 0)
        return DETECTION_ONLINE;
    if (answer->status == 200 || detection_is_redirect(answer))
        return DETECTION_PORTAL;
    return DETECTION_FAILED;
}

/* Chromium's captive portal detector: 204 is online; 2xx and 3xx otherwise a portal; 5xx and
 * silence say nothing. A 200 with Content-Length 0 counts as 204. */
static enum detection_verdict detection_chrome(const struct detection_probe *probe,
                                               const struct detection_answer *answer)
{
    (void)probe;
    if (answer->status == 204 ||
        (answer->status == 200 && answer->has_length && answer->body_size == 0))
        return DETECTION_ONLINE;
    return answer->status >= 200 && answer->status <= 399 ? DETECTION_PORTAL : DETECTION_FAILED;
}

/* NetworkManager: the expected text (or 204) is full connectivity, a redirect or another text is a
 * portal. */
static enum detection_verdict detection_network_manager(const struct detection_probe *probe,
                                                        const struct detection_answer *answer)
{
    if (probe->online == NULL && answer->status == 204)
        return DETECTION_ONLINE;
    if (probe->online != NULL && answer->status == 200 &&
        answer->body_size >= strlen(probe->online) &&
        memcmp(answer->body, probe->online, strlen(probe->online)) == 0)
        return DETECTION_ONLINE;
    return answer->status >= 200 && answer->status <= 399 ? DETECTION_PORTAL : DETECTION_FAILED;
}

#define APPLE_SUCCESS "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"
#define APPLE_AGENT "CaptiveNetworkSupport-481.60.2 wispr"
#define ANDROID_AGENT \
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 " \
    "Safari/537.36"
#define FIREFOX_CANONICAL "<meta http-equiv=\"refresh\" content=\"0;url="

const struct detection_probe detection_probes[] = {
    {"iOS", "captive.apple.com", "/hotspot-detect.html", APPLE_AGENT, detection_apple,
     APPLE_SUCCESS},
    {"iOS", "www.apple.com", "/library/test/success.html", APPLE_AGENT, detection_apple,
     APPLE_SUCCESS},
    {"macOS", "captive.g.aaplimg.com", "/library/test/success.html", APPLE_AGENT, detection_apple,
     APPLE_SUCCESS},
    {"Android", "connectivitycheck.gstatic.com", "/generate_204", ANDROID_AGENT, detection_android,
     NULL},
    {"Android", "www.google.com", "/gen_204", ANDROID_AGENT, detection_android, NULL},
    {"Android", "play.googleapis.com", "/generate_204", ANDROID_AGENT, detection_android, NULL},
    {"Android (older)", "connectivitycheck.android.com", "/generate_204", ANDROID_AGENT,
     detection_android, NULL},
    {"Android (older)", "clients3.google.com", "/generate_204", ANDROID_AGENT, detection_android,
     NULL},
    {"MIUI", "connect.rom.miui.com", "/generate_204", ANDROID_AGENT, detection_android, NULL},
    {"EMUI", "connectivitycheck.platform.hicloud.com", "/generate_204", ANDROID_AGENT,
     detection_android, NULL},
    {"GrapheneOS", "connectivitycheck.grapheneos.network", "/generate_204", ANDROID_AGENT,
     detection_android, NULL},
    {"Windows 10 and 11", "www.msftconnecttest.com", "/connecttest.txt", "Microsoft NCSI",
     detection_windows, "Microsoft Connect Test"},
    {"Windows 10 and 11", "www.msftconnecttest.com", "/redirect", "Mozilla/5.0", detection_windows,
     "Microsoft Connect Test"},
    {"Windows 10 and 11 (IPv6 name)", "ipv6.msftconnecttest.com", "/connecttest.txt",
     "Microsoft NCSI", detection_windows, "Microsoft Connect Test"},
    {"Windows 8.1 and before", "www.msftncsi.com", "/ncsi.txt", "Microsoft NCSI", detection_windows,
     "Microsoft NCSI"},
    {"Firefox", "detectportal.firefox.com", "/canonical.html", "Mozilla/5.0 Firefox/151.0",
     detection_firefox, FIREFOX_CANONICAL},
    {"Firefox", "detectportal.firefox.com", "/success.txt?ipv4", "Mozilla/5.0 Firefox/151.0",
     detection_firefox, "success\n"},
    {"Chrome", "www.gstatic.com", "/generate_204", "Mozilla/5.0 Chrome/156.0.0.0", detection_chrome,
     NULL},
    {"ChromeOS", "clients3.google.com", "/generate_204", "CrOS", detection_chrome, NULL},
    {"Edge", "edge-http.microsoft.com", "/captiveportal/generate_204", "Mozilla/5.0 Edg/156.0.0.0",
     detection_chrome, NULL},
    {"Ubuntu", "connectivity-check.ubuntu.com", "/", "", detection_network_manager, NULL},
    {"Fedora", "fedoraproject.org", "/static/hotspot.txt", "", detection_network_manager, "OK"},
    {"GNOME", "nmcheck.gnome.org", "/check_network_status.txt", "", detection_network_manager,
     "NetworkManager is online"},
    {"Arch Linux", "ping.archlinux.org", "/nm-check.txt", "", detection_network_manager,
     "NetworkManager is online"},
    {"KDE", "networkcheck.kde.org", "/", "", detection_network_manager, "OK"},
    {"Kindle", "spectrum.s3.amazonaws.com", "/kindle-wifi/wifistub.html", "Mozilla/5.0 Kindle",
     detection_apple, "<HTML><HEAD><TITLE>Kindle"},
};
const size_t detection_probe_count = sizeof(detection_probes) / sizeof(detection_probes[0]);

enum detection_verdict detection_judge(const struct detection_probe *probe,
                                       const struct detection_answer *answer)
{
    return probe->rule(probe, answer);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world around an emulated or virtual device, as a world file describes it.
 *
 * One directive per line, words separated by blanks, "..." around a word with blanks; in there
 * \" \\ and \xHH (a byte, not 0) are the only escapes; # starts a comment:
 *
 *   network SSID [password TEXT] [signal DBM] [channel N] [hidden] [no-address]
 *                [fails COUNT|always] [lost-after BYTES MS]
 *       A Wi-Fi network. Without a password it is open. hidden: a scan shows no name. no-address:
 *       it can be joined, but nobody hands out addresses. fails: so many joins fail, whatever the
 *       password. lost-after: once, after so many bytes for the chip, it is gone for MS
 *       milliseconds.
 *   resolve NAME ADDRESS[:PORT] | resolve NAME none
 *       What a host name means to the device; with a port, every port of that name leads there.
 *       127.0.0.1 is this machine. none: there is no such name.
 *   internet
 *       Names not listed are looked up for real; without this line they do not exist.
 *   time now | time UNIX_SECONDS
 *       Time servers (*.pool.ntp.org) answer with this time, running on; without it they do not
 *       exist.
 *   range ADDRESS
 *       The addresses of every network, 10.0.2.0 without this line: 255 of them from this one on,
 *       which ends with 0. The chip is number 15, this machine 2, the name server 3.
 *   forward [ADDRESS:]PORT CHIP_PORT
 *       Connections to PORT of this machine (127.0.0.1) reach CHIP_PORT of the chip.
 *   portal [ADDRESS:]PORT
 *       Connections to PORT of this machine (127.0.0.1) reach port 80 of the chip's own network,
 *       whenever its access point is open.
 *   broadcast ADDRESS:PORT
 *       Datagrams of the device to 255.255.255.255 are sent there.
 *
 * Without a world file every network can be joined and names are looked up for real. The virtual
 * device (lcm device) has no use for lost-after, range, forward and portal.
 */
#ifndef LCM_HOST_RADIO_WORLD_H
#define LCM_HOST_RADIO_WORLD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/access_point.h"

#define RADIO_NETWORKS_MAX 16u
#define RADIO_NAMES_MAX 32u
#define RADIO_FORWARDS_MAX 8u
#define RADIO_NAME_SIZE 254u
#define RADIO_WORLD_PASSWORD_MAX 64u
#define RADIO_WORLD_SIZE_MAX 65536u /* bytes of a world file */
#define RADIO_FAILS_ALWAYS UINT32_MAX
#define RADIO_RANGE 0x0A000200u /* 10.0.2.0 */
#define RADIO_RANGE_GATEWAY 2u  /* this machine, as the chip sees it */
#define RADIO_RANGE_NAMES 3u
#define RADIO_RANGE_CHIP 15u

struct radio_network {
    char ssid[LCM_SSID_SIZE_MAX + 1];
    char password[RADIO_WORLD_PASSWORD_MAX + 1]; /* "" = open */
    int signal;                                  /* dBm, -128..0 */
    uint8_t channel;
    bool is_hidden;
    bool has_no_address;
    uint32_t fails;      /* joins that fail */
    uint32_t lost_after; /* bytes for the chip; 0 = never */
    uint32_t lost_ms;
};

struct radio_name {
    char name[RADIO_NAME_SIZE];
    struct in_addr address; /* 0.0.0.0 = no such name */
    uint16_t port;          /* host order; 0 = the port asked for */
};

struct radio_forward {
    struct in_addr address;
    uint16_t host_port; /* 0 = none */
    uint16_t chip_port;
};

enum radio_time { RADIO_TIME_NONE, RADIO_TIME_NOW, RADIO_TIME_FIXED };

struct radio_world {
    struct radio_network networks[RADIO_NETWORKS_MAX];
    struct radio_name names[RADIO_NAMES_MAX];
    struct radio_forward forwards[RADIO_FORWARDS_MAX];
    struct radio_forward portal;
    uint32_t range; /* host order */
    size_t network_count;
    size_t name_count;
    size_t forward_count;
    bool is_any_network; /* no world file: whatever is joined exists */
    bool has_internet;
    enum radio_time time;
    int64_t time_offset_s;        /* RADIO_TIME_FIXED: to this machine's clock */
    struct sockaddr_in broadcast; /* port 0 = as libslirp does it: this machine, same port */
};

/* The world without a file. */
void radio_world_init(struct radio_world *world);

/*
 * Read a world file. On failure prints one error line with the line's number and returns an
 * exit code of cli.h; *world is not usable then.
 */
int radio_world_load(struct radio_world *world, const char *path);

/* The same from text (NUL-terminated, is changed); path is for messages. */
int radio_world_parse(struct radio_world *world, char *text, const char *path);

/* The portal as an option gives it, "[ADDRESS:]PORT". false after one error line: malformed. */
bool radio_world_set_portal(struct radio_world *world, const char *text);

/* The network with this name, or NULL. */
struct radio_network *radio_world_find(struct radio_world *world, const char *ssid);

/* The name, in any case of letters, or NULL: not listed. */
const struct radio_name *radio_world_find_name(const struct radio_world *world, const char *name);

/* How joining this network with this password ends: LCM_OK, LCM_ERR_WIFI_NOT_FOUND (network is
 * NULL), LCM_ERR_WIFI (it counts down fails), LCM_ERR_WIFI_PASSWORD. */
enum lcm_err radio_network_join(struct radio_network *network, const char *password);

/* What a scan tells about it. */
void radio_network_show(const struct radio_network *network, struct lcm_network *shown);

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * Program of the access point's tests: prints what a scan finds, joins the network "home" as a
 * station, and at the same time is an access point with DHCP that echoes datagrams to port 7.
 * The datagram "stop" makes it stop, "restart" makes it stop and start with the other password.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lcm/lcm_app.h"
#include "lwip/udp.h"
#include "port/emulator/guest/board.h"
#include "port/emulator/guest/guest_air.h"
#include "port/lwip/access_point.h"
#include "port/lx106/rom.h"
#include "port/lx106/system.h"
#include "port/lx106/trap.h"

#define ECHO_PORT 7
#define RESTART "restart"
#define STOP "stop"
#define NETWORKS_MAX 8u
#define NETWORKS_FEW 2u
#define LOOKS 100u /* turns between two looks at the station list */
#define JOIN_AGAIN_MS 1000u

LCM_APP_IDENTITY("test/ap", "ap.bin", "1.0.0");

static struct board board;
static struct guest_air air;
static struct lwip_access_point access_point;
static bool is_restart_wanted;
static bool is_stop_wanted;
static bool is_home_told;

void lx106_last_words(uint32_t cause, uint32_t address)
{
    ets_printf("crash: cause %u at %08x\n", (unsigned)cause, (unsigned)address);
}

static void turn(void)
{
    lwip_stack_poll(&board.stack);
    board_idle(&board, 1);
}

static void tell_network(const char *word, const struct lcm_network *network)
{
    char ssid[LCM_SSID_SIZE_MAX + 1];

    memcpy(ssid, network->ssid, network->ssid_size);
    ssid[network->ssid_size] = '\0';
    ets_printf("%s: \"%s\" %d dBm, channel %u, %s\n", word, ssid, network->signal_dbm,
               (unsigned)network->channel, network->is_secured ? "secured" : "open");
}

static void scan(const char *word, size_t size)
{
    struct lcm_network networks[NETWORKS_MAX];
    size_t count = 0;
    enum lcm_err err;

    while ((err = air.port.scan(&air, networks, size, &count)) == LCM_PENDING)
        turn();
    for (size_t i = 0; i < count; i++)
        tell_network(word, &networks[i]);
    ets_printf("%s: %u networks, result %d\n", word, (unsigned)count, (int)err);
}

static enum lcm_err start(const char *ssid, const char *password, uint8_t channel)
{
    const struct lcm_access_point_config config = {
        .ssid = ssid, .password = password, .channel = channel};

    return lwip_access_point_start(&access_point, &air.port, &config, &board.clock,
                                   board.stack.netif.hwaddr);
}

static void start_or_tell(const char *password)
{
    enum lcm_err err = start("LCM-TEST", password, 6);

    ets_printf("access point: %s, result %d\n", password, (int)err);
}

static void refuse_mistakes(void)
{
    int refused = 0;

    refused += start("", "setup-code-1", 6) == LCM_ERR_ARGUMENT;
    refused += start("a name of more than thirty-two by", "setup-code-1", 6) == LCM_ERR_ARGUMENT;
    refused += start("LCM-TEST", "short12", 6) == LCM_ERR_ARGUMENT;
    refused += start("LCM-TEST", "setup-code-1", 0) == LCM_ERR_ARGUMENT;
    refused += start("LCM-TEST", "setup-code-1", 14) == LCM_ERR_ARGUMENT;
    ets_printf("mistakes refused: %d of 5\n", refused);
}

static bool says(const struct pbuf *datagram, const char *word)
{
    return datagram->len == strlen(word) && memcmp(datagram->payload, word, datagram->len) == 0;
}

static void echo(void *context, struct udp_pcb *pcb, struct pbuf *datagram,
                 const ip_addr_t *address, u16_t port)
{
    (void)context;
    is_restart_wanted = is_restart_wanted || says(datagram, RESTART);
    is_stop_wanted = is_stop_wanted || says(datagram, STOP);
    (void)udp_sendto(pcb, datagram, address, port);
    (void)pbuf_free(datagram);
}

static void open_echo(void)
{
    struct udp_pcb *pcb = udp_new();

    if (pcb == NULL || udp_bind(pcb, IP_ADDR_ANY, ECHO_PORT) != ERR_OK) {
        ets_printf("echo: failed\n");
        return;
    }
    udp_recv(pcb, echo, NULL);
}

static void tell_stations(void)
{
    static uint8_t told[LWIP_AIR_STATIONS_MAX][6];
    static size_t told_count;
    uint8_t macs[LWIP_AIR_STATIONS_MAX][6];
    size_t count = 0;

    if (air.port.stations(&air, macs, &count) != LCM_OK ||
        (count == told_count && memcmp(macs, told, count * 6) == 0))
        return;
    ets_printf("stations: %u", (unsigned)count);
    for (size_t i = 0; i < count; i++)
        ets_printf(" %02x%02x%02x%02x%02x%02x", macs[i][0], macs[i][1], macs[i][2], macs[i][3],
                   macs[i][4], macs[i][5]);
    ets_printf("\n");
    memcpy(told, macs, sizeof(told));
    told_count = count;
}

static void join_home(void)
{
    static uint64_t next_ms;
    const struct lcm_wifi *wifi = &board.stack.wifi;
    uint64_t now_ms = board.clock.now_ms(board.clock.context);

    if (is_home_told || now_ms < next_ms)
        return;
    enum lcm_err err = wifi->join(wifi->context, "home", "open-sesame");
    if (err != LCM_OK && err != LCM_PENDING)
        next_ms = now_ms + JOIN_AGAIN_MS;
    if (err != LCM_OK)
        return;
    const uint8_t *ip = (const uint8_t *)&netif_ip4_addr(&board.stack.netif)->addr;
    ets_printf("home: %u.%u.%u.%u\n", ip[0], ip[1], ip[2], ip[3]);
    is_home_told = true;
}

static void obey(void)
{
    if (is_restart_wanted || is_stop_wanted)
        lwip_access_point_stop(&access_point);
    if (is_restart_wanted)
        start_or_tell("setup-code-2");
    is_restart_wanted = false;
    is_stop_wanted = false;
}

int main(void)
{
    board_init(&board);
    guest_air_init(&air, &board.radio);
    scan("scan", NETWORKS_MAX);
    scan("few", NETWORKS_FEW);
    refuse_mistakes();
    open_echo();
    start_or_tell("setup-code-1");
    for (uint32_t i = 0;; i++) {
        turn();
        join_home();
        if (i % LOOKS == 0 || air.stations.is_asked)
            tell_stations();
        obey();
    }
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Program of the set-up network's tests: an access point whose visitors get a fixed text, through
 * struct lcm_access_point and nothing else. The path of a request says what is to happen:
 *
 *   /big        12,000 bytes
 *   /late       the same, half a second later
 *   /hold       no answer, the visit stays open
 *   /deaf       no answer, and nothing is read any more
 *   /heap       how much of lwIP's heap is in use, and was at most (also told on the UART)
 *   /refuse     answer, then refuse visitors for two seconds
 *   /pause      answer, then no access point for two seconds
 *   /restart    answer, then set-up ends, its memory is overwritten, and it begins again
 *   /join       leave the network joined as a station, then join "other"
 *   /reset      end this visit out of order
 *
 * Characters typed: l and d switch the LED, others are echoed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/base/text.h"
#include "lcm/lcm_app.h"
#include "lwip/stats.h"
#include "port/emulator/guest/board.h"
#include "port/lx106/rom.h"
#include "port/lx106/trap.h"

#define REQUEST_SIZE 160u
#define HEAD_SIZE 160u
#define BIG_SIZE 12000u
#define REFUSE_MS 2000u
#define HEAP_MS 100u
#define LATE_MS 500u
#define NETWORKS_MAX 20u

LCM_APP_IDENTITY("test/visitors", "visitors.bin", "1.0.0");

enum phase { PHASE_READING, PHASE_LATE, PHASE_SENDING, PHASE_HOLDING, PHASE_DEAF };

struct visit {
    bool is_open;
    enum phase phase;
    char request[REQUEST_SIZE];
    size_t request_size;
    char head[HEAD_SIZE]; /* of the answer; with the body when it is short */
    size_t head_size;
    size_t big_size; /* bytes of pattern behind the head */
    size_t sent;
    uint64_t late_ms; /* when the answer begins */
};

static struct board board;
static struct board_setup setup;
static const struct lcm_access_point *port = &setup.access_point.port;
static struct visit visits[LCM_VISITORS_MAX];
static uint64_t refuse_until_ms;
static uint64_t pause_until_ms;
static bool is_restart_wanted;
static const char *wanted_network = "home";
static bool is_network_told;
static bool is_time_wanted;

void lx106_last_words(uint32_t cause, uint32_t address)
{
    ets_printf("crash: cause %u at %08x\n", (unsigned)cause, (unsigned)address);
}

static uint64_t now_ms(void)
{
    return board.clock.now_ms(board.clock.context);
}

static bool asks_for(const struct visit *visit, const char *path)
{
    size_t length = strlen(path);

    return strncmp(visit->request, "GET ", 4) == 0 &&
           strncmp(visit->request + 4, path, length) == 0 && visit->request[4 + length] == ' ';
}

static void answer(struct visit *visit, const char *body, size_t big_size)
{
    struct lcm_text text;

    lcm_text_init(&text, visit->head, sizeof(visit->head));
    lcm_text_string(&text, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ");
    lcm_text_u32(&text, (uint32_t)(strlen(body) + big_size));
    lcm_text_string(&text, "\r\n\r\n");
    lcm_text_string(&text, body);
    visit->head_size = strlen(visit->head);
    visit->big_size = big_size;
    visit->sent = 0;
    visit->phase = PHASE_SENDING;
}

static void answer_late(struct visit *visit)
{
    answer(visit, "", BIG_SIZE);
    visit->phase = PHASE_LATE;
    visit->late_ms = now_ms() + LATE_MS;
}

static void answer_heap(struct visit *visit)
{
    char body[64];
    struct lcm_text text;

    lcm_text_init(&text, body, sizeof(body));
    lcm_text_string(&text, "used ");
    lcm_text_u32(&text, lwip_stats.mem.used);
    lcm_text_string(&text, " max ");
    lcm_text_u32(&text, lwip_stats.mem.max);
    lcm_text_string(&text, " of ");
    lcm_text_u32(&text, lwip_stats.mem.avail);
    lcm_text_string(&text, "\n");
    answer(visit, body, 0);
}

static void end(uint32_t number, bool is_orderly)
{
    port->close(port->context, number, is_orderly);
    visits[number].is_open = false;
}

/* Nothing is read in between: the answer to the join of "home" comes when "other" is asked for. */
static void leave_home(void)
{
    const struct lcm_wifi *wifi = &board.stack.wifi;
    const struct lwip_radio *radio = &board.radio.port;

    wifi->leave(wifi->context);
    (void)radio->join(radio->context, "home", "close-sesame");
    radio->leave(radio->context);
    (void)radio->join(radio->context, "other", "open-sesame");
    wanted_network = "other";
    is_network_told = false;
}

static void obey(uint32_t number)
{
    struct visit *visit = &visits[number];

    if (asks_for(visit, "/hold"))
        visit->phase = PHASE_HOLDING;
    else if (asks_for(visit, "/deaf"))
        visit->phase = PHASE_DEAF;
    else if (asks_for(visit, "/big"))
        answer(visit, "", BIG_SIZE);
    else if (asks_for(visit, "/late"))
        answer_late(visit);
    else if (asks_for(visit, "/heap"))
        answer_heap(visit);
    else if (asks_for(visit, "/reset"))
        end(number, false);
    else
        answer(visit, "hello, visitor\n", 0);
    if (asks_for(visit, "/refuse"))
        refuse_until_ms = now_ms() + REFUSE_MS;
    if (asks_for(visit, "/pause"))
        pause_until_ms = now_ms() + REFUSE_MS;
    if (asks_for(visit, "/join"))
        leave_home();
    is_restart_wanted = is_restart_wanted || asks_for(visit, "/restart");
}

/* More may have come behind it already. */
static bool is_whole(const struct visit *visit)
{
    return strstr(visit->request, "\r\n\r\n") != NULL;
}

static void read_request(uint32_t number)
{
    struct visit *visit = &visits[number];
    size_t room = REQUEST_SIZE - 1 - visit->request_size;
    size_t count = 0;

    if (room == 0) {
        visit->request_size = 0; /* a long one: its end counts */
        room = REQUEST_SIZE - 1;
    }
    enum lcm_err err = port->receive(port->context, number,
                                     (uint8_t *)visit->request + visit->request_size, room, &count);
    if (err == LCM_ERR_CLOSED)
        end(number, true);
    visit->request_size += count;
    visit->request[visit->request_size] = '\0';
    if (visit->is_open && is_whole(visit))
        obey(number);
}

static void watch(uint32_t number)
{
    uint8_t byte;
    size_t count = 0;

    if (port->receive(port->context, number, &byte, 1, &count) == LCM_ERR_CLOSED)
        end(number, true);
}

/* Bytes from the head, then of the pattern. */
static size_t fill(const struct visit *visit, uint8_t *bytes, size_t size)
{
    size_t total = visit->head_size + visit->big_size;
    size_t count = 0;

    for (size_t at = visit->sent; at < total && count < size; at++)
        bytes[count++] = (uint8_t)(at < visit->head_size ? (uint8_t)visit->head[at]
                                                         : 'a' + (at - visit->head_size) % 26);
    return count;
}

static void send_answer(uint32_t number)
{
    struct visit *visit = &visits[number];
    uint8_t bytes[512];
    size_t count = 0;
    size_t size = fill(visit, bytes, sizeof(bytes));

    if (size == 0) {
        end(number, true);
        return;
    }
    enum lcm_err err = port->send(port->context, number, bytes, size, &count);
    visit->sent += count;
    if (err == LCM_ERR_CLOSED)
        end(number, false);
}

static void serve(uint32_t number)
{
    if (!visits[number].is_open)
        return;
    switch (visits[number].phase) {
    case PHASE_READING:
        read_request(number);
        break;
    case PHASE_LATE:
        if (now_ms() > visits[number].late_ms)
            visits[number].phase = PHASE_SENDING;
        break;
    case PHASE_SENDING:
        send_answer(number);
        break;
    case PHASE_HOLDING:
        watch(number);
        break;
    case PHASE_DEAF:
    default:
        break;
    }
}

static void start(void)
{
    const struct lcm_access_point_config config = {
        .ssid = "LCM-00A001", .password = "setup-code-1", .channel = 6};
    enum lcm_err err = port->start(port->context, &config);

    ets_printf("access point: result %d\n", (int)err);
}

/* Set-up gives its memory back; whoever has it next writes into it. */
static void restart(void)
{
    board_setup_close(&setup);
    memset(&setup, 0xA5, sizeof(setup));
    memset(visits, 0, sizeof(visits));
    board_setup_open(&board, &setup);
    is_restart_wanted = false;
    start();
}

static void scan(void)
{
    static struct lcm_network networks[NETWORKS_MAX];
    size_t count = 0;
    enum lcm_err err;

    while ((err = port->scan(port->context, networks, NETWORKS_MAX, &count)) == LCM_PENDING)
        board_idle(&board, 1);
    ets_printf("scan: %u networks, result %d\n", (unsigned)count, (int)err);
    for (size_t i = 0; i < count; i++)
        ets_printf("network: %u bytes, first %u, %d dBm\n", (unsigned)networks[i].ssid_size,
                   (unsigned)networks[i].ssid[0], networks[i].signal_dbm);
}

/* Joined, and no address yet: said once. */
static void tell_link(const uint8_t ip[4])
{
    static bool is_told;

    if (is_told || !board.stack.wifi.has_link(board.stack.wifi.context))
        return;
    ets_printf("link: %u.%u.%u.%u\n", ip[0], ip[1], ip[2], ip[3]);
    is_told = true;
}

static void join(void)
{
    const struct lcm_wifi *wifi = &board.stack.wifi;
    uint8_t ip[4];

    if (is_network_told)
        return;
    enum lcm_err err = wifi->join(wifi->context, wanted_network, "open-sesame");
    wifi->address(wifi->context, ip);
    if (err == LCM_PENDING) {
        tell_link(ip);
        return;
    }
    is_time_wanted = true;
    ets_printf("station: %s, result %d, link %d, %u.%u.%u.%u\n", wanted_network, (int)err,
               wifi->has_link(wifi->context), ip[0], ip[1], ip[2], ip[3]);
    is_network_told = true;
}

/* A name is looked up and a server asked, out of the network that was joined. */
static void tell_time(void)
{
    uint64_t seconds = 0;

    if (!is_time_wanted)
        return;
    enum lcm_err err = board.clock.utc(board.clock.context, &seconds);
    if (err == LCM_PENDING)
        return;
    is_time_wanted = false;
    ets_printf("time: result %d, %u\n", (int)err, (unsigned)seconds);
}

static void read_keys(void)
{
    const struct lcm_console *console = &setup.serial.port;
    char text[3] = {0, '\n', 0};

    if (console->read(console->context, text) != LCM_OK)
        return;
    if (text[0] == 'l' || text[0] == 'd')
        console->light(console->context, text[0] == 'l');
    else
        console->write(console->context, text);
}

static bool is_nobody_left(void)
{
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        if (visits[i].is_open && visits[i].phase < PHASE_HOLDING)
            return false;
    }
    return true;
}

static void pause(void)
{
    static bool is_paused;

    if (pause_until_ms != 0 && !is_paused && is_nobody_left()) {
        port->stop(port->context);
        memset(visits, 0, sizeof(visits));
        is_paused = true;
        ets_printf("access point: off\n");
    }
    if (is_paused && now_ms() > pause_until_ms) {
        is_paused = false;
        pause_until_ms = 0;
        start();
    }
}

static void refuse_or_restart(void)
{
    static bool is_refusing;

    if (refuse_until_ms != 0 && is_refusing && now_ms() > refuse_until_ms) {
        port->refuse(port->context, false);
        is_refusing = false;
        refuse_until_ms = 0;
        ets_printf("refusing: no\n");
    }
    if (refuse_until_ms != 0 && !is_refusing && is_nobody_left()) {
        port->refuse(port->context, true);
        is_refusing = true;
        ets_printf("refusing: yes, heap %u\n", (unsigned)lwip_stats.mem.used);
    }
    if (is_restart_wanted && is_nobody_left())
        restart();
}

/* How much of lwIP's heap is in use, when that has changed. */
static void tell_heap(void)
{
    static uint64_t next_ms;
    static uint32_t told;

    if (now_ms() < next_ms || told == lwip_stats.mem.used)
        return;
    next_ms = now_ms() + HEAP_MS;
    told = lwip_stats.mem.used;
    ets_printf("heap %u\n", (unsigned)told);
}

static void welcome(void)
{
    uint32_t number;

    if (port->accept(port->context, &number) != LCM_OK)
        return;
    memset(&visits[number], 0, sizeof(visits[number]));
    visits[number].is_open = true;
}

int main(void)
{
    board_init(&board);
    ets_printf("\nsizes: set-up %u, air %u, network %u, visitors %u\n", (unsigned)sizeof(setup),
               (unsigned)sizeof(setup.air), (unsigned)sizeof(setup.access_point.network),
               (unsigned)sizeof(setup.access_point.visitors));
    board_setup_open(&board, &setup);
    scan();
    start();
    for (;;) {
        welcome();
        for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
            serve(i);
        join();
        tell_time();
        read_keys();
        tell_heap();
        refuse_or_restart();
        pause();
        board_idle(&board, 1);
    }
}

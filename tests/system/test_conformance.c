// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the Linux port keeps the contracts that core relies on, and the conformance
 * checks notice a port that does not.
 * Method: run port/conformance on the host ports against an echo service of this
 * process; then once more for each of several ports that are broken on purpose.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/cli.h"
#include "port/conformance/conformance.h"
#include "port/host/host_flash.h"
#include "port/host/host_net.h"
#include "port/host/host_system.h"

struct world {
    struct host_flash flash;
    struct host_net net;
    struct radio_world around;
    struct host_wifi wifi;
    struct host_clock clock;
    struct host_system system;
    struct lcm_flash broken_flash;
    struct lcm_net broken_net;
    struct lcm_wifi broken_wifi;
    struct lcm_ports ports;
    char path[64];
    int listener;
    uint16_t echo_port;
    uint16_t closed_port;
    pthread_t thread;
    char failed[512]; /* names of the checks that failed */
};

static void *echo_run(void *context)
{
    const struct world *world = context;
    char bytes[4096];
    int fd;

    while ((fd = accept(world->listener, NULL, NULL)) >= 0) {
        ssize_t size;
        while ((size = recv(fd, bytes, sizeof(bytes), 0)) > 0)
            (void)!send(fd, bytes, (size_t)size, MSG_NOSIGNAL);
        close(fd);
    }
    return NULL;
}

static int bind_loopback(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void make_flash_file(struct world *world)
{
    uint8_t blank[LCM_SECTOR_SIZE];
    int fd;

    memset(blank, 0xFF, sizeof(blank));
    strcpy(world->path, "/tmp/lcm-conformance-XXXXXX");
    fd = mkstemp(world->path);
    assert_true(fd >= 0);
    for (uint32_t i = 0; i < LCM_FLASH_SIZE / LCM_SECTOR_SIZE; i++)
        assert_int_equal(write(fd, blank, sizeof(blank)), sizeof(blank));
    close(fd);
}

static int set_up(void **state)
{
    static const uint8_t id[6] = {0x5c, 0xcf, 0x7f, 1, 2, 3};
    char networks[] = "network home password open-sesame\n";
    struct world *world = calloc(1, sizeof(*world));

    make_flash_file(world);
    assert_true(host_flash_open(&world->flash, world->path));
    host_net_open(&world->net);
    assert_true(host_net_add_override(&world->net, "echo.test:127.0.0.1"));
    assert_int_equal(radio_world_parse(&world->around, networks, "test"), CLI_OK);
    host_wifi_open(&world->wifi, &world->around);
    host_clock_open(&world->clock, 1);
    host_system_open(&world->system, id);
    world->broken_flash = world->flash.port;
    world->broken_net = world->net.port;
    world->broken_wifi = world->wifi.port;
    world->ports =
        (struct lcm_ports){&world->broken_flash, &world->broken_net, &world->broken_wifi,
                           &world->clock.port,   &host_entropy,      &world->system.port};
    world->listener = bind_loopback(&world->echo_port);
    close(bind_loopback(&world->closed_port));
    assert_int_equal(listen(world->listener, 4), 0);
    assert_int_equal(pthread_create(&world->thread, NULL, echo_run, world), 0);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    shutdown(world->listener, SHUT_RDWR);
    host_net_close(&world->net);
    pthread_join(world->thread, NULL);
    close(world->listener);
    host_flash_close(&world->flash);
    unlink(world->path);
    free(world);
    return 0;
}

static void note_failure(void *context, const char *name, enum lcm_err result)
{
    struct world *world = context;
    size_t length = strlen(world->failed);

    if (result == LCM_OK)
        return;
    printf("  %s: %s\n", name, lcm_err_name(result));
    snprintf(world->failed + length, sizeof(world->failed) - length, "%s;", name);
}

static enum lcm_err run(struct world *world)
{
    struct lcm_conformance conformance;
    struct lcm_conformance_config config = {
        .ports = &world->ports,
        .ssid = "home",
        .password = "open-sesame",
        .wrong_password = "not-the-password",
        .echo_host = "echo.test",
        .echo_port = world->echo_port,
        .closed_port = world->closed_port,
        .context = world,
        .tell = note_failure,
    };
    enum lcm_err err;

    world->failed[0] = '\0';
    lcm_conformance_init(&conformance, &config);
    while ((err = lcm_conformance_step(&conformance)) == LCM_PENDING)
        host_net_wait(&world->net, 1);
    return err;
}

static void test_host_port_conforms(void **state)
{
    struct world *world = *state;

    assert_int_equal(run(world), LCM_OK);
}

static enum lcm_err erase_nothing(void *context, uint32_t addr)
{
    (void)context;
    (void)addr;
    return LCM_OK;
}

static void test_broken_flash_is_noticed(void **state)
{
    struct world *world = *state;

    world->broken_flash.erase = erase_nothing;
    assert_int_equal(run(world), LCM_ERR_CORRUPT);
    assert_non_null(strstr(world->failed, "flash: "));
}

static enum lcm_err program_by_words(void *context, uint32_t addr, const void *src, uint32_t size)
{
    /* what a driver does that forgets the offset inside a word */
    return ((struct host_flash *)context)->port.program(context, addr & ~3u, src, size);
}

static void test_unaligned_program_is_noticed(void **state)
{
    struct world *world = *state;

    world->broken_flash.program = program_by_words;
    assert_int_equal(run(world), LCM_ERR_CORRUPT);
    assert_non_null(strstr(world->failed, "at any alignment"));
}

static enum lcm_err send_too_much(void *context, const uint8_t *data, size_t size, size_t *sent)
{
    (void)context;
    (void)data;
    *sent = size + 1;
    return LCM_OK;
}

static void test_lying_network_is_noticed(void **state)
{
    struct world *world = *state;

    world->broken_net.send = send_too_much;
    assert_int_equal(run(world), LCM_ERR_CORRUPT);
    assert_non_null(strstr(world->failed, "every byte comes back"));
}

static void leave_nothing(void *context)
{
    (void)context;
}

/* A port that stays where it was would try no other password. */
static void test_staying_is_noticed(void **state)
{
    struct world *world = *state;

    world->broken_wifi.leave = leave_nothing;
    assert_int_equal(run(world), LCM_ERR_CORRUPT);
    assert_non_null(strstr(world->failed, "leave ends link and address"));
    assert_non_null(strstr(world->failed, "a wrong password is noticed"));
}

static bool has_never_link(void *context)
{
    (void)context;
    return false;
}

static void test_missing_link_is_noticed(void **state)
{
    struct world *world = *state;

    world->broken_wifi.has_link = has_never_link;
    assert_int_equal(run(world), LCM_ERR_CORRUPT);
    assert_non_null(strstr(world->failed, "join again, with link and address"));
}

static void has_always_address(void *context, uint8_t ip[4])
{
    (void)context;
    memcpy(ip, "\x7F\x00\x00\x01", 4);
}

static void test_stale_address_is_noticed(void **state)
{
    struct world *world = *state;

    world->broken_wifi.address = has_always_address;
    assert_int_equal(run(world), LCM_ERR_CORRUPT);
    assert_non_null(strstr(world->failed, "leave ends link and address"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_host_port_conforms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_broken_flash_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unaligned_program_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lying_network_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_staying_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_link_is_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stale_address_is_noticed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

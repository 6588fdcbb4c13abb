// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: no address is given to two devices at a time, a device keeps and gets back its address,
 * and what cannot be confirmed is refused. Method: conversations with the table under a clock of
 * the test; then random messages of random devices against a model that only knows who was last
 * told that an address is his (seed printed).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "port/lwip/dhcp_leases.h"

#define SERVER 0xC0A80401u
#define LEASE_MS (DHCP_LEASE_S * 1000u)
#define DEVICES 20u
#define ROUNDS 200000u

static const struct dhcp_network network = {.server_addr = SERVER, .mask = 0xFFFFFF00};
static struct dhcp_leases leases;
static uint64_t now_ms;

static struct dhcp_request message(enum dhcp_type type, uint8_t device)
{
    struct dhcp_request request = {.type = type, .mac = {2, 0, 0, 0, 0, device}};

    return request;
}

static struct dhcp_reply answer(const struct dhcp_request *request)
{
    struct dhcp_reply reply;

    dhcp_leases_answer(&leases, request, now_ms, &reply);
    return reply;
}

static void expect(const struct dhcp_request *request, enum dhcp_type type, uint32_t addr)
{
    struct dhcp_reply reply = answer(request);

    assert_int_equal(reply.type, type);
    assert_int_equal(reply.your_addr, addr);
    assert_int_equal(reply.lease_s, addr != 0 ? DHCP_LEASE_S : 0);
}

static uint32_t offered(uint8_t device)
{
    struct dhcp_request request = message(DHCP_DISCOVER, device);

    return answer(&request).your_addr;
}

static uint32_t leased(uint8_t device)
{
    struct dhcp_request request = message(DHCP_REQUEST, device);

    request.requested_addr = offered(device);
    request.server_addr = SERVER;
    return request.requested_addr == 0 ? 0 : answer(&request).your_addr;
}

static uint32_t found(uint8_t device)
{
    const uint8_t mac[] = {2, 0, 0, 0, 0, device};

    return dhcp_leases_find(&leases, mac, now_ms);
}

static int setup(void **state)
{
    (void)state;
    dhcp_leases_init(&leases, &network);
    now_ms = 0;
    return 0;
}

static void test_lease_and_renew(void **state)
{
    struct dhcp_request renew = message(DHCP_REQUEST, 1);

    (void)state;
    assert_int_equal(offered(1), SERVER + 1);
    assert_int_equal(found(1), 0); /* only offered */
    assert_int_equal(leased(1), SERVER + 1);
    assert_int_equal(leased(2), SERVER + 2);
    renew.client_addr = SERVER + 1;
    for (int i = 0; i < 5; i++) {
        now_ms += LEASE_MS / 2;
        struct dhcp_reply reply = answer(&renew);
        assert_int_equal(reply.type, DHCP_ACK);
        assert_int_equal(reply.client_addr, SERVER + 1);
        assert_int_equal(found(1), SERVER + 1);
    }
    assert_int_equal(found(2), 0);
    now_ms += LEASE_MS;
    assert_int_equal(found(1), 0);
    assert_int_equal(offered(1), SERVER + 1); /* remembered */
    assert_int_equal(found(1), 0);
    assert_int_equal(leased(1), SERVER + 1);
}

static void test_refuses(void **state)
{
    struct dhcp_request request = message(DHCP_REQUEST, 1);

    (void)state;
    request.requested_addr = SERVER + 1;
    expect(&request, DHCP_NAK, 0); /* never seen */
    assert_int_equal(leased(1), SERVER + 1);
    request.requested_addr = SERVER + 2;
    expect(&request, DHCP_NAK, 0);
    request.requested_addr = 0x0A000001;
    expect(&request, DHCP_NAK, 0);
    request.requested_addr = SERVER + 1;
    request.client_addr = SERVER + 2;
    expect(&request, DHCP_NAK, 0); /* two addresses */
    request.client_addr = 0;
    request.requested_addr = 0;
    expect(&request, DHCP_NAK, 0); /* none */
    request.requested_addr = SERVER + 1;
    expect(&request, DHCP_ACK, SERVER + 1);
    request.server_addr = SERVER + 7;
    expect(&request, DHCP_NONE, 0); /* not for us */
    assert_int_equal(found(1), SERVER + 1);
}

static void test_offer_of_another_server(void **state)
{
    struct dhcp_request request = message(DHCP_REQUEST, 1);

    (void)state;
    for (uint8_t device = 1; device <= DHCP_LEASES; device++)
        assert_int_equal(offered(device), SERVER + device);
    assert_int_equal(offered(99), 0);
    request.server_addr = SERVER + 7;
    expect(&request, DHCP_NONE, 0);
    now_ms++;
    assert_int_equal(offered(99), SERVER + 1);
}

static void test_full(void **state)
{
    struct dhcp_request release = message(DHCP_RELEASE, 3);

    (void)state;
    for (uint8_t device = 1; device <= DHCP_LEASES; device++) {
        now_ms += 1000;
        assert_int_equal(leased(device), SERVER + device);
    }
    assert_int_equal(offered(99), 0);
    release.client_addr = SERVER + 3;
    expect(&release, DHCP_NONE, 0); /* without naming the server it is no release */
    assert_int_equal(offered(99), 0);
    release.server_addr = SERVER;
    expect(&release, DHCP_NONE, 0);
    assert_int_equal(found(3), 0);
    assert_int_equal(leased(99), SERVER + 3);
    assert_int_equal(offered(3), 0);
    now_ms = 1000 + LEASE_MS; /* the first one ended */
    assert_int_equal(offered(3), SERVER + 1);
    assert_int_equal(offered(1), 0);
}

static void test_offers_end(void **state)
{
    (void)state;
    for (uint8_t device = 1; device <= DHCP_LEASES; device++)
        assert_int_equal(offered(device), SERVER + device);
    assert_int_equal(offered(99), 0);
    now_ms = DHCP_OFFER_MS - 1;
    assert_int_equal(offered(99), 0);
    now_ms++;
    assert_int_equal(leased(99), SERVER + 1);
}

/* A discover in the middle of a lease takes nothing away from it. */
static void test_discover_again(void **state)
{
    (void)state;
    assert_int_equal(leased(1), SERVER + 1);
    now_ms = LEASE_MS - 1;
    assert_int_equal(found(1), SERVER + 1);
    assert_int_equal(offered(1), SERVER + 1);
    assert_int_equal(found(1), SERVER + 1);
    now_ms += DHCP_OFFER_MS;
    assert_int_equal(found(1), 0);
}

static void test_decline(void **state)
{
    struct dhcp_request decline = message(DHCP_DECLINE, 1);

    (void)state;
    assert_int_equal(leased(1), SERVER + 1);
    decline.requested_addr = SERVER + 2;
    decline.server_addr = SERVER;
    expect(&decline, DHCP_NONE, 0);
    assert_int_equal(found(1), SERVER + 1);
    decline.requested_addr = SERVER + 1;
    expect(&decline, DHCP_NONE, 0);
    assert_int_equal(found(1), 0);
    for (uint8_t device = 1; device < DHCP_LEASES; device++)
        assert_int_equal(leased(device), SERVER + 1 + device);
    assert_int_equal(offered(99), 0);
    now_ms = LEASE_MS;
    assert_int_equal(offered(99), SERVER + 1);
}

static void test_inform(void **state)
{
    static const uint32_t refused[] = {0, SERVER, 0xC0A80400, 0xC0A804FF, 0xC0A80505, 0xFFFFFFFF};
    struct dhcp_request inform = message(DHCP_INFORM, 1);

    (void)state;
    inform.client_addr = SERVER + 100;
    struct dhcp_reply reply = answer(&inform);
    assert_int_equal(reply.type, DHCP_ACK);
    assert_int_equal(reply.client_addr, SERVER + 100);
    assert_int_equal(reply.your_addr, 0);
    assert_int_equal(reply.lease_s, 0);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        inform.client_addr = refused[i];
        expect(&inform, DHCP_NONE, 0);
    }
    assert_int_equal(found(1), 0);
}

/* The last byte of the device an address belongs to; 0 = nobody. */
static uint8_t owner_of(uint32_t addr)
{
    const uint8_t *mac = dhcp_leases_find_mac(&leases, addr);

    return mac != NULL ? mac[5] : 0;
}

static void test_owner(void **state)
{
    struct dhcp_request release = message(DHCP_RELEASE, 2);

    (void)state;
    assert_int_equal(owner_of(SERVER + 1), 0);
    assert_int_equal(offered(1), SERVER + 1);
    assert_int_equal(owner_of(SERVER + 1), 0); /* an offer is no owner */
    assert_int_equal(leased(1), SERVER + 1);
    assert_int_equal(leased(2), SERVER + 2);
    assert_int_equal(owner_of(SERVER + 1), 1);
    assert_int_equal(owner_of(SERVER + 2), 2);
    assert_int_equal(owner_of(SERVER), 0);
    assert_int_equal(owner_of(SERVER + 3), 0);
    assert_int_equal(owner_of(SERVER + 1 + DHCP_LEASES), 0);
    assert_int_equal(owner_of(0), 0);
    release.client_addr = SERVER + 2;
    release.server_addr = SERVER;
    expect(&release, DHCP_NONE, 0);
    assert_int_equal(owner_of(SERVER + 2), 0);
    now_ms += 2 * LEASE_MS;
    assert_int_equal(owner_of(SERVER + 1), 1); /* over, but nobody else's */
    for (uint8_t device = 3; device < 3 + DHCP_LEASES; device++)
        (void)leased(device);
    assert_int_not_equal(owner_of(SERVER + 1), 1);
}

static struct dhcp_request random_message(void)
{
    static const enum dhcp_type types[] = {DHCP_DISCOVER, DHCP_REQUEST, DHCP_REQUEST,
                                           DHCP_RELEASE,  DHCP_DECLINE, DHCP_INFORM};
    struct dhcp_request request =
        message(types[(size_t)rand() % 6], (uint8_t)((uint32_t)rand() % DEVICES));

    if (rand() % 4 != 0)
        request.requested_addr = SERVER + (uint32_t)rand() % (DHCP_LEASES + 3);
    if (rand() % 4 == 0)
        request.client_addr = SERVER + (uint32_t)rand() % (DHCP_LEASES + 3);
    if (rand() % 4 != 0)
        request.server_addr = SERVER + (uint32_t)(rand() % 8 == 0);
    return request;
}

/* Who was told last that an address is his, and until when he believes it. */
struct owner {
    uint8_t device;
    uint64_t until_ms;
};

static void follow(struct owner *owners, const struct dhcp_request *request,
                   const struct dhcp_reply *reply)
{
    uint8_t device = request->mac[5];

    if (reply->type == DHCP_ACK && reply->your_addr != 0) {
        struct owner *owner = &owners[reply->your_addr - SERVER - 1];
        assert_true(owner->until_ms <= now_ms || owner->device == device);
        *owner = (struct owner){.device = device, .until_ms = now_ms + LEASE_MS};
    }
    for (uint32_t i = 0; i < DHCP_LEASES; i++) {
        bool is_given_up =
            request->server_addr == SERVER &&
            ((request->type == DHCP_RELEASE && request->client_addr == SERVER + 1 + i) ||
             (request->type == DHCP_DECLINE && request->requested_addr == SERVER + 1 + i));
        if (is_given_up && owners[i].device == device)
            owners[i].until_ms = 0;
    }
}

static void test_random_conversations(void **state)
{
    struct owner owners[DHCP_LEASES] = {{0, 0}};
    unsigned seed = (unsigned)time(NULL);
    uint32_t acknowledged = 0;

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct dhcp_request request = random_message();
        struct dhcp_reply reply = answer(&request);
        assert_true(reply.your_addr == 0 ||
                    (reply.your_addr > SERVER && reply.your_addr <= SERVER + DHCP_LEASES));
        follow(owners, &request, &reply);
        acknowledged += reply.type == DHCP_ACK && reply.your_addr != 0;
        now_ms += (uint32_t)rand() % 4000;
        for (uint32_t k = 0; k < DHCP_LEASES; k++) {
            if (owners[k].until_ms <= now_ms)
                continue;
            assert_int_equal(found(owners[k].device), SERVER + 1 + k);
            assert_int_equal(owner_of(SERVER + 1 + k), owners[k].device);
        }
    }
    assert_true(acknowledged > ROUNDS / 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_lease_and_renew, setup),
        cmocka_unit_test_setup(test_refuses, setup),
        cmocka_unit_test_setup(test_offer_of_another_server, setup),
        cmocka_unit_test_setup(test_full, setup),
        cmocka_unit_test_setup(test_offers_end, setup),
        cmocka_unit_test_setup(test_discover_again, setup),
        cmocka_unit_test_setup(test_decline, setup),
        cmocka_unit_test_setup(test_inform, setup),
        cmocka_unit_test_setup(test_owner, setup),
        cmocka_unit_test_setup(test_random_conversations, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

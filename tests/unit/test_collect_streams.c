// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: senders by TCP share the places fairly, and nothing they sent stays behind in a connection.
 * Method: connections over socket pairs, read by the collector's own code into its queue; lists of
 * connections of which one must go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/connection.h"
#include "collector/sockets.h"

#define LINE "<13>host tag: sixty-four bytes of a message, its end included 1\n"
#define LINE_SIZE 64u
#define TURN_SIZE (16u * CONNECTION_CHUNK_SIZE)

static struct collect collect;

static size_t taken(void)
{
    struct collect_record record;
    size_t count = 0;

    while (collect_queue_take(&collect.queue, 0, &record))
        count++;
    return count;
}

/* As much as one turn takes, and not a byte more will come. */
static void test_the_end_of_a_turn_is_used(void **state)
{
    static char bytes[TURN_SIZE + 1];
    struct connection *connection = malloc(sizeof(*connection));
    int ends[2], size = 1024 * 1024;

    (void)state;
    assert_int_equal(strlen(LINE), LINE_SIZE);
    for (size_t at = 0; at < TURN_SIZE; at += LINE_SIZE)
        memcpy(bytes + at, LINE, LINE_SIZE);
    assert_int_equal(collect_queue_init(&collect.queue, 4 * TURN_SIZE), LCM_OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    assert_int_equal(send(ends[1], bytes, TURN_SIZE, 0), TURN_SIZE);
    assert_int_equal(connection_init(connection, ends[0], NULL), LCM_OK);
    strcpy(connection->source, "192.0.2.1");
    assert_int_equal(connection_read(connection, &collect, NULL), CONNECTION_WAIT);
    assert_int_equal(taken(), TURN_SIZE / LINE_SIZE);
    connection_close(connection);
    free(connection);
    close(ends[1]);
    collect_queue_free(&collect.queue);
}

/* ---- who must go ---- */

#define LIST_SIZE 8u

static struct connection list_connections[LIST_SIZE];

static unsigned victim(void)
{
    struct connection *list[LIST_SIZE];

    for (unsigned i = 0; i < LIST_SIZE; i++)
        list[i] = &list_connections[i];
    return connection_find_victim(list, LIST_SIZE);
}

static void test_who_must_go(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LIST_SIZE; i++) {
        list_connections[i] =
            (struct connection){.is_shaken = true, .network = i + 1, .heard_ms = 100 + i};
    }
    assert_int_equal(victim(), 0); /* all the same: the quietest */
    list_connections[3].network = list_connections[5].network = 77;
    assert_int_equal(victim(), 3); /* the quietest of whoever has most */
    list_connections[6].is_shaken = list_connections[7].is_shaken = false;
    assert_int_equal(victim(), 6); /* who has not even shaken hands */
}

static void test_networks(void **state)
{
    (void)state;
    assert_true(sockets_network("192.0.2.1") != sockets_network("192.0.2.2"));
    assert_true(sockets_network("2001:db8:1:2::1") == sockets_network("2001:db8:1:2:3:4:5:6"));
    assert_true(sockets_network("2001:db8:1:2::1") != sockets_network("2001:db8:1:3::1"));
    assert_true(sockets_network("::1") != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_end_of_a_turn_is_used),
        cmocka_unit_test(test_who_must_go),
        cmocka_unit_test(test_networks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set-up on a fake device: visitors are byte strings, the radio is a table, the serial line is a
 * buffer. Everything between them is the product's code.
 */
#ifndef LCM_TESTS_FAKE_PORTAL_H
#define LCM_TESTS_FAKE_PORTAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/setup_message.h"
#include "portal/setup.h"
#include "tests/lib/fake_device.h"

#define FAKE_VISITOR_IN_MAX 6000u
#define FAKE_VISITOR_OUT_MAX 20000u
#define FAKE_PORTAL_CODE "7K3MQ9XTA2HB"
#define FAKE_PORTAL_ID "020000000001"

/* One TCP connection. */
struct fake_visitor {
    bool is_waiting; /* not accepted yet */
    bool is_here;
    bool is_closed_by_device;
    bool is_orderly;
    bool has_left;  /* the visitor closed its side */
    bool reads_not; /* takes no byte of the answer */
    size_t in_size;
    size_t in_taken;   /* by the device */
    size_t in_allowed; /* the rest has not arrived yet */
    uint8_t in[FAKE_VISITOR_IN_MAX];
    size_t out_size;
    uint8_t out[FAKE_VISITOR_OUT_MAX];
};

struct fake_portal {
    struct fake_device device;
    struct lcm_access_point port;
    struct lcm_console console;
    struct lcm_setup_config config;
    struct lcm_setup setup;
    _Alignas(8) uint8_t room[LCM_SETUP_ROOM_SIZE];
    struct fake_visitor visitors[LCM_VISITORS_MAX];
    struct lcm_network networks[40];
    size_t network_count;
    enum lcm_err scan_result;
    uint32_t scan_ms;                  /* what the radio takes for a scan; 0 = none */
    struct lcm_network *scan_networks; /* where it will write; NULL = no scan is going on */
    size_t scan_size;
    uint64_t scan_end_ms;
    enum lcm_err start_result;
    uint32_t start_count;
    uint32_t stop_count;
    uint8_t channel;
    char ssid[40];
    char password[70];
    bool is_refusing;
    uint32_t light_count;
    bool is_lit;
    uint64_t random;
    char printed[8192];
    size_t printed_size;
    char typed[1024];
    size_t typed_size;
    size_t typed_taken;
};

/* A device with a trust sector (none, when NULL) and the code FAKE_PORTAL_CODE, set-up begun. */
void fake_portal_open(struct fake_portal *portal, const uint8_t *trust_sector);
/* After changes to flash or config: begin anew. */
void fake_portal_begin(struct fake_portal *portal);

/* Steps of 5 ms until the time is over, or set-up; false when it is over. */
bool fake_portal_run(struct fake_portal *portal, uint32_t time_ms);

/* A visitor with these bytes; which = number of the connection. */
void fake_portal_visit(struct fake_portal *portal, uint32_t which, const void *bytes, size_t size);

/* Visit, run until the device closes (10 s at most), check the frame of the answer: status, and the
 * body. */
uint16_t fake_portal_ask(struct fake_portal *portal, const void *bytes, size_t size, uint8_t *body,
                         size_t *body_size);

/* POST to path with a body; status, body of the answer. */
uint16_t fake_portal_post(struct fake_portal *portal, const char *path, const uint8_t *bytes,
                          size_t size, uint8_t *body, size_t *body_size);

/* The value of a field of the answer of connection 0, or NULL. */
const char *fake_portal_field(const struct fake_portal *portal, const char *name);

/* ---- the real client ---- */

/* Exchange and proof with this code: 200, or the status that ended it. */
uint16_t fake_portal_join(struct fake_portal *portal, const char *code,
                          struct setup_channel *channel);

/* Seal, send, open. The status; *answer on 200. */
uint16_t fake_portal_say(struct fake_portal *portal, struct setup_channel *channel,
                         const struct setup_text *request, struct setup_text *answer);

#endif

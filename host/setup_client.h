/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set-up session with a device (docs/SPEC.md section 11), as `lcm setup` has it.
 *
 * Life cycle: setup_client_open, setup_client_info, setup_client_connect with the set-up code, any
 * number of setup_client_request, setup_client_close. Nothing but shares and confirmations is sent
 * before the device has proved that it knows the code.
 *
 * A device resets connections while it speaks TLS, and its Wi-Fi comes and goes: whatever got no
 * answer is tried again until `patience_ms` is over, each message under a new number. A session
 * that ended is made anew with the same code. These functions wait; `tell` says why.
 */
#ifndef LCM_HOST_SETUP_CLIENT_H
#define LCM_HOST_SETUP_CLIENT_H

#include <stdbool.h>

#include "host/failure.h"
#include "host/setup_message.h"
#include "lcm/err.h"

#define SETUP_CLIENT_TEXT_SIZE 64u

struct setup_client;

struct setup_client_config {
    const char *url;      /* http://HOST[:PORT] */
    unsigned patience_ms; /* how long a request may go without an answer */
    void *context;
    void (*tell)(void *context, const char *text); /* one sentence; may be NULL */
};

/* What a device says about itself before anything is proved. */
struct setup_client_info {
    char id[LCM_SETUP_DEVICE_ID_SIZE + 1];
    char name[SETUP_CLIENT_TEXT_SIZE];
    char version[SETUP_CLIENT_TEXT_SIZE];
    unsigned wait_s; /* until it takes a code */
};

/* LCM_ERR_ARGUMENT: the URL; LCM_ERR_NO_SPACE. */
LCM_MUST_CHECK enum lcm_err setup_client_open(struct setup_client **client,
                                              const struct setup_client_config *config,
                                              struct lcm_failure *failure);

/* Wipe keys and code, close; NULL is fine. */
void setup_client_close(struct setup_client *client);

/* Ask who is there. LCM_ERR_CONNECT, LCM_ERR_TIMEOUT, LCM_ERR_CLOSED: nobody, for too long;
 * LCM_ERR_FORMAT: not a device in set-up, or one with another protocol. */
LCM_MUST_CHECK enum lcm_err setup_client_info(struct setup_client *client,
                                              struct setup_client_info *info,
                                              struct lcm_failure *failure);

/*
 * Make a session with the device that setup_client_info met. code is normalised (12 characters). It
 * is kept until close, for sessions that end. LCM_ERR_SIGNATURE: the code is wrong, or this is not
 * the device. LCM_ERR_HTTP_BUSY: it takes no code for longer than the patience, after wrong ones.
 */
LCM_MUST_CHECK enum lcm_err setup_client_connect(struct setup_client *client, const char *code,
                                                 struct lcm_failure *failure);

/*
 * Send a request, get its answer (whatever its result says). *was_repeated (may be NULL) is true
 * when an earlier copy got no answer: the device may have carried it out already.
 * LCM_ERR_SIGNATURE: one side refused what the other sent: somebody changes messages on the way.
 * Others as setup_client_info.
 */
LCM_MUST_CHECK enum lcm_err setup_client_request(struct setup_client *client,
                                                 const struct setup_text *request,
                                                 struct setup_text *answer, bool *was_repeated,
                                                 struct lcm_failure *failure);

/* From now on wait so long for an answer. */
void setup_client_set_patience(struct setup_client *client, unsigned patience_ms);

#endif

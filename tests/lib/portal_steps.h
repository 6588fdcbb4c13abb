/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fake device in set-up, and the words in which its tests are written. Every call fails the
 * test when the device answers otherwise than its name says.
 */
#ifndef LCM_TESTS_PORTAL_STEPS_H
#define LCM_TESTS_PORTAL_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/lib/fake_portal.h"

extern struct fake_portal portal;
extern struct setup_channel channel; /* of the last join */
extern struct setup_text request;    /* being written */
extern struct setup_text answer;     /* the last one */

int portal_group_set_up(void **state);
int portal_group_tear_down(void **state);
int portal_set_up(void **state); /* a device with a trust sector and open access point */

/* Exchange and proof with the right code; then `channel` is open. */
void portal_join(void);

/* Send `request`; the result in `answer`. */
unsigned portal_say(void);
unsigned portal_command(enum lcm_setup_command which);

/* Append a text to `request`; begin one that sets a network. */
void portal_put(enum lcm_item tag, const char *text);
void portal_set_network(const char *ssid, const char *password);

/* Ask for the status until the trial is in this phase. */
void portal_wait_for_phase(unsigned phase, uint32_t within_ms);

/* A network the next scan finds. */
void portal_put_network(const char *ssid, uint8_t network_channel, int8_t signal);

/* Characters on the serial line, taken by the next steps. */
void portal_type(const char *text);

/* Is it in the settings on flash? */
bool portal_is_stored(const char *key, const char *expected);

/* GET; the status and the body. */
uint16_t portal_get(const char *host, const char *path, char *body, size_t *size);

#endif

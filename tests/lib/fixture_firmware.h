/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware that was built (make firmware) in the world of a system test: published instead of
 * synthetic images, put on a flash, run on an emulated chip that lives in this world.
 *
 * Repositories, keys and hosts are those of the world.
 */
#ifndef LCM_TESTS_FIXTURE_FIRMWARE_H
#define LCM_TESTS_FIXTURE_FIRMWARE_H

#include "tests/lib/fixture_chip.h"
#include "tests/lib/fixture_world.h"

#define FIXTURE_HTTP_SIZE 4096u

/* Publish build/lx106/VERSION: otaboot, otamain and boot program. */
void fixture_publish_firmware(struct fixture_world *world, const char *version, uint32_t sequence);

/* Publish build/lx106/blink/BUILD as this version of the app. */
void fixture_publish_blink(struct fixture_world *world, const char *version, const char *build,
                           uint32_t sequence);

/* Release 1.0.0 of everything, and the flash a device leaves the factory with: boot program,
 * installer, trust sector, settings. For fixture_world_main_from. */
void fixture_firmware_prepare(struct fixture_world *world);

/* The settings, trust sector and installer of the flash that prepare made, by `lcm flash compose`.
 */
void fixture_firmware_compose(struct fixture_world *world);

/* A chip with these 1 MiB in its flash. Its world: the network that the settings name, with these
 * attributes ("" = none) behind its password; the servers of this world; right time; port 80 of the
 * chip at port web_port of this machine (0: nowhere). */
void fixture_chip_live(struct fixture_chip *chip, const struct fixture_world *world,
                       const uint8_t *flash);
void fixture_chip_set_network(struct fixture_chip *chip, const struct fixture_world *world,
                              const char *attributes, unsigned web_port);

/* One more name in this world: where it leads is "127.0.0.1:PORT". */
void fixture_chip_add_name(struct fixture_chip *chip, const char *name, const char *address);

/* The chip's flash into world->flash and world->view. */
void fixture_chip_load(const struct fixture_chip *chip, struct fixture_world *world);

/* Send a request ("GET /") to 127.0.0.1 and take the whole answer, NUL-terminated. Fails the test
 * when nobody answers within 10 s. */
void fixture_http(unsigned port, const char *request, char answer[FIXTURE_HTTP_SIZE]);

/* Fail the test unless two flashes hold the same: boot program, slots, trust sectors, app and radio
 * data byte for byte, boot configuration, settings and install state by value. */
void fixture_expect_same(const uint8_t *chip, const uint8_t *host, const char *when);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Flash images of a test: made before a run, looked at after it. */
#ifndef LCM_TESTS_FIXTURE_FLASH_H
#define LCM_TESTS_FIXTURE_FLASH_H

#include "tests/lib/fixture_world.h"

#define FIXTURE_PASSWORD "correct horse battery"

/* A device as it leaves the factory: otaboot 1.0.0 in slot 0, trust sector 1, Wi-Fi and
 * repository set up. */
void fixture_flash_fresh(struct fixture_world *world);

/* Write 1 MiB to the flash file; read it back into world->flash and world->view. */
void fixture_flash_store(struct fixture_world *world, const uint8_t *bytes);
void fixture_flash_load(struct fixture_world *world);

/* Read, change by the device's own settings code, write back. */
void fixture_flash_set(struct fixture_world *world, const char *key, const char *value);

/* Overwrite bytes at addr as no device would. */
void fixture_flash_poke(struct fixture_world *world, uint32_t addr, const void *bytes, size_t size);

/* A text setting of world->view; "" when it is not set. */
const char *fixture_setting(const struct fixture_world *world, const char *key);

/* Sequence of the trust sector in force in world->view; 0 = none. */
uint32_t fixture_trust_sequence(const struct fixture_world *world);

/* Does the flash at addr hold the published file, byte for byte? */
bool fixture_flash_holds(struct fixture_world *world, uint32_t addr, const char *repository,
                         const char *tag, const char *name);

/* From here on, `changes` are counted against the flash as it is now. */
void fixture_flash_remember(struct fixture_world *world);

/* Bytes of world->flash in [addr, addr + size) that differ from the baseline, or from what was
 * remembered. */
size_t fixture_flash_changes(const struct fixture_world *world, uint32_t addr, size_t size);

/* Does the text occur anywhere in world->flash? */
bool fixture_flash_contains(const struct fixture_world *world, const char *text);

#endif

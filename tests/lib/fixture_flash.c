// SPDX-License-Identifier: Apache-2.0
/* Flash files; see the header. What a device stores is read by the device's own code. */
#include "tests/lib/fixture_flash.h"

#include <stdlib.h>
#include <string.h>

#include "core/update/keys.h"
#include "host/memory_flash.h"
#include "tests/lib/fixture_release.h"

static void flash_open(struct memory_flash *flash, struct lcm_settings *settings,
                       const uint8_t *bytes)
{
    assert_true(memory_flash_open(flash));
    memcpy(flash->bytes, bytes, LCM_FLASH_SIZE);
    enum lcm_err err = lcm_settings_open(settings, &flash->port);
    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_settings_format(settings, &flash->port);
    assert_int_equal(err, LCM_OK);
}

static void flash_copy_published(struct fixture_world *world, uint32_t addr, const char *name)
{
    size_t size = 0;
    uint8_t *bytes = fixture_published(world, FIXTURE_SUITE_REPOSITORY, "1.0.0", name, &size);

    memcpy(world->flash + addr, bytes, size);
    free(bytes);
}

void fixture_flash_fresh(struct fixture_world *world)
{
    struct memory_flash flash;
    struct lcm_settings settings;

    memset(world->flash, 0xFF, sizeof(world->flash));
    flash_copy_published(world, LCM_SLOT0_ADDR, "otaboot.bin");
    flash_copy_published(world, LCM_TRUST_A_ADDR, "certs.sector");
    flash_open(&flash, &settings, world->flash);
    assert_int_equal(lcm_settings_set(&settings, LCM_KEY_WIFI_SSID, "home"), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, LCM_KEY_WIFI_PASSWORD, FIXTURE_PASSWORD), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, LCM_KEY_OTA_REPO, FIXTURE_REPOSITORY), LCM_OK);
    fixture_flash_store(world, flash.bytes);
    memory_flash_close(&flash);
}

void fixture_flash_store(struct fixture_world *world, const uint8_t *bytes)
{
    fixture_write_file(world->flash_path, bytes, LCM_FLASH_SIZE);
}

void fixture_flash_load(struct fixture_world *world)
{
    size_t size = 0;
    char *bytes = fixture_read_file(world->flash_path, &size);

    assert_int_equal(size, LCM_FLASH_SIZE);
    memcpy(world->flash, bytes, LCM_FLASH_SIZE);
    free(bytes);
    assert_int_equal(flash_view_read(&world->view, world->flash), LCM_OK);
}

void fixture_flash_set(struct fixture_world *world, const char *key, const char *value)
{
    struct memory_flash flash;
    struct lcm_settings settings;

    fixture_flash_load(world);
    flash_open(&flash, &settings, world->flash);
    assert_int_equal(lcm_settings_set(&settings, key, value), LCM_OK);
    fixture_flash_store(world, flash.bytes);
    memory_flash_close(&flash);
}

void fixture_flash_poke(struct fixture_world *world, uint32_t addr, const void *bytes, size_t size)
{
    fixture_flash_load(world);
    memcpy(world->flash + addr, bytes, size);
    fixture_flash_store(world, world->flash);
}

const char *fixture_setting(const struct fixture_world *world, const char *key)
{
    for (size_t i = 0; i < world->view.setting_count; i++) {
        const struct lcm_setting *setting = &world->view.settings[i];
        if (strcmp(setting->key, key) == 0)
            return (const char *)setting->value;
    }
    return "";
}

uint32_t fixture_trust_sequence(const struct fixture_world *world)
{
    for (size_t i = 0; i < 2; i++) {
        if (world->view.trust[i].is_in_force && world->view.trust[i].verdict == LCM_OK)
            return world->view.trust[i].trust.sequence;
    }
    return 0;
}

bool fixture_flash_holds(struct fixture_world *world, uint32_t addr, const char *repository,
                         const char *tag, const char *name)
{
    size_t size = 0;
    uint8_t *bytes = fixture_published(world, repository, tag, name, &size);
    bool is_equal = addr + size <= LCM_FLASH_SIZE && memcmp(world->flash + addr, bytes, size) == 0;

    free(bytes);
    return is_equal;
}

void fixture_flash_remember(struct fixture_world *world)
{
    fixture_flash_load(world);
    memcpy(world->before, world->flash, sizeof(world->before));
}

size_t fixture_flash_changes(const struct fixture_world *world, uint32_t addr, size_t size)
{
    size_t count = 0;

    for (size_t i = addr; i < addr + size; i++)
        count += world->flash[i] != world->before[i];
    return count;
}

bool fixture_flash_contains(const struct fixture_world *world, const char *text)
{
    return memmem(world->flash, sizeof(world->flash), text, strlen(text)) != NULL;
}

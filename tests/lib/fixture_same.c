// SPDX-License-Identifier: Apache-2.0
/* Comparison of two flashes; see fixture_expect_same in fixture_firmware.h. */
#include <string.h>

#include "tests/lib/fixture_firmware.h"

static struct flash_view chip_view, host_view;

static void same_bytes(const uint8_t *chip, const uint8_t *host, uint32_t addr, uint32_t size)
{
    for (uint32_t i = addr; i < addr + size; i++) {
        if (chip[i] != host[i])
            fail_msg("byte 0x%05x: the chip has 0x%02x, the host device 0x%02x", (unsigned)i,
                     (unsigned)chip[i], (unsigned)host[i]);
    }
}

static void same_boot_config(void)
{
    const struct lcm_bootconf *chip = &chip_view.bootconf, *host = &host_view.bootconf;

    assert_int_equal(chip->mode, host->mode);
    assert_int_equal(chip->current_slot, host->current_slot);
    assert_int_equal(chip->slot_count, host->slot_count);
    assert_int_equal(chip->led, host->led);
    assert_memory_equal(chip->slot_addr, host->slot_addr, sizeof(chip->slot_addr));
    assert_int_equal(chip_view.power_cycles, host_view.power_cycles);
}

static const struct lcm_setting *same_find(const struct flash_view *view, const char *key)
{
    for (size_t i = 0; i < view->setting_count; i++) {
        if (strcmp(view->settings[i].key, key) == 0)
            return &view->settings[i];
    }
    fail_msg("only one device has the setting %s", key);
    return NULL;
}

static void same_settings(void)
{
    assert_int_equal(chip_view.settings_err, LCM_OK);
    assert_int_equal(host_view.settings_err, LCM_OK);
    assert_int_equal(chip_view.setting_count, host_view.setting_count);
    for (size_t i = 0; i < chip_view.setting_count; i++) {
        const struct lcm_setting *chip = &chip_view.settings[i];
        const struct lcm_setting *host = same_find(&host_view, chip->key);

        assert_int_equal(chip->is_binary, host->is_binary);
        assert_int_equal(chip->size, host->size);
        assert_memory_equal(chip->value, host->value, sizeof(chip->value));
    }
}

static void same_state(void)
{
    assert_true(chip_view.has_state && host_view.has_state);
    for (unsigned kind = 1; kind <= LCM_STATE_KIND_MAX; kind++) {
        const struct flash_view_record *chip = &chip_view.record[kind];
        const struct flash_view_record *host = &host_view.record[kind];

        if (chip->is_present != host->is_present)
            fail_msg("only one device has a record of kind %u", kind);
        if (chip->is_present && memcmp(chip->payload, host->payload, sizeof(chip->payload)) != 0)
            fail_msg("records of kind %u (%s) differ", kind, flash_record_name(kind));
    }
}

void fixture_expect_same(const uint8_t *chip, const uint8_t *host, const char *when)
{
    print_message("comparing flashes: %s\n", when);
    assert_int_equal(flash_view_read(&chip_view, chip), LCM_OK);
    assert_int_equal(flash_view_read(&host_view, host), LCM_OK);
    same_bytes(chip, host, LCM_BOOT_ADDR, LCM_BOOT_SIZE);
    same_bytes(chip, host, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE);
    same_bytes(chip, host, LCM_SLOT1_ADDR, LCM_SLOT1_SIZE);
    same_bytes(chip, host, LCM_TRUST_A_ADDR, 2 * LCM_TRUST_SIZE);
    same_bytes(chip, host, LCM_RADIO_ADDR, LCM_RADIO_SIZE);
    same_boot_config();
    same_settings();
    same_state();
}

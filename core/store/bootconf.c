// SPDX-License-Identifier: Apache-2.0
/*
 * rBoot configuration: bytes to struct and back. Safe writing is bootsector.c.
 *
 * Invariant: bytes of the sector's head that are not ours are kept as they are.
 */
#include "core/store/bootconf.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/store/bootsector.h"
#include "core/store/power.h"
#include "lcm/layout.h"

#define BOOTCONF_MAGIC 0xE1u
#define BOOTCONF_VERSION 0x01u
#define BOOTCONF_SLOTS_OFFSET 8u
#define BOOTCONF_ENCODED_SIZE 24u
#define BOOTCONF_CHECKSUM_INIT 0xEFu
#define LED_VALID 0x40u
#define LED_UNUSABLE 0x80u
#define LED_ACTIVE_HIGH 0x10u
#define LED_GPIO_MASK 0x0Fu

static void bootconf_set_defaults(struct lcm_bootconf *config)
{
    memset(config, 0, sizeof(*config));
    config->slot_count = LCM_SLOT_COUNT;
    config->slot_addr[0] = LCM_SLOT0_ADDR;
    config->slot_addr[1] = LCM_SLOT1_ADDR;
}

static bool bootconf_is_config(const uint8_t *head)
{
    return head[0] == BOOTCONF_MAGIC && head[1] == BOOTCONF_VERSION && head[5] >= 1 &&
           head[5] <= LCM_BOOTCONF_SLOTS_MAX;
}

static void bootconf_decode(const uint8_t *head, struct lcm_bootconf *config)
{
    config->mode = head[2];
    config->current_slot = head[3];
    config->gpio_slot = head[4];
    config->slot_count = head[5];
    config->led = head[7];
    for (uint32_t i = 0; i < LCM_BOOTCONF_SLOTS_MAX; i++)
        config->slot_addr[i] = lcm_get_u32(head + BOOTCONF_SLOTS_OFFSET + 4 * i);
}

/* Byte 6 and everything behind the checksum stay as they are in head. Apps are built
 * with the checksum, boot programs without it. */
static void bootconf_encode(const struct lcm_bootconf *config, uint8_t *head)
{
    uint8_t checksum = BOOTCONF_CHECKSUM_INIT;

    head[0] = BOOTCONF_MAGIC;
    head[1] = BOOTCONF_VERSION;
    head[2] = config->mode;
    head[3] = config->current_slot;
    head[4] = config->gpio_slot;
    head[5] = config->slot_count;
    head[7] = config->led;
    for (uint32_t i = 0; i < LCM_BOOTCONF_SLOTS_MAX; i++)
        lcm_put_u32(head + BOOTCONF_SLOTS_OFFSET + 4 * i, config->slot_addr[i]);
    for (uint32_t i = 0; i < BOOTCONF_ENCODED_SIZE; i++)
        checksum = (uint8_t)(checksum ^ head[i]);
    head[BOOTCONF_ENCODED_SIZE] = checksum;
}

enum lcm_err lcm_bootconf_load(const struct lcm_flash *flash, struct lcm_bootconf *config)
{
    uint8_t head[LCM_BOOTSECTOR_HEAD_SIZE];

    bootconf_set_defaults(config);
    enum lcm_err err = lcm_bootsector_recover(flash);
    if (err == LCM_OK)
        err = flash->read(flash->context, LCM_BOOTCONF_ADDR, head, sizeof(head));
    if (err != LCM_OK)
        return err;
    if (!bootconf_is_config(head))
        return LCM_ERR_NOT_FOUND;
    bootconf_decode(head, config);
    return LCM_OK;
}

enum lcm_err lcm_bootconf_store(const struct lcm_flash *flash, const struct lcm_bootconf *config)
{
    uint8_t old[LCM_BOOTSECTOR_HEAD_SIZE];
    uint8_t head[LCM_BOOTSECTOR_HEAD_SIZE];
    uint32_t pending = 0;
    enum lcm_err err = lcm_bootsector_recover(flash);

    if (err == LCM_OK)
        err = flash->read(flash->context, LCM_BOOTCONF_ADDR, old, sizeof(old));
    if (err != LCM_OK)
        return err;
    /* What stands in a sector without a config are no marks either. */
    if (bootconf_is_config(old)) {
        err = lcm_power_pending(flash, &pending);
    } else {
        memset(old, 0xFF, sizeof(old));
        old[6] = 0;
    }
    if (err != LCM_OK)
        return err;
    memcpy(head, old, sizeof(head));
    bootconf_encode(config, head);
    if (memcmp(head, old, BOOTCONF_ENCODED_SIZE) == 0)
        return LCM_OK;
    return lcm_bootsector_rewrite(flash, head, pending);
}

static bool bootconf_is_led_gpio(uint32_t gpio)
{
    return (gpio >= 1 && gpio <= 5) || (gpio >= 12 && gpio <= 15); /* 6..11: the flash chip */
}

uint8_t lcm_bootconf_led_encode(int8_t led_pin)
{
    uint32_t gpio = (uint32_t)(led_pin < 0 ? -led_pin : led_pin);

    if (!bootconf_is_led_gpio(gpio))
        return 0;
    return (uint8_t)(LED_VALID | gpio | (led_pin < 0 ? LED_ACTIVE_HIGH : 0));
}

bool lcm_bootconf_led_decode(uint8_t byte, struct lcm_led *led)
{
    uint32_t gpio = byte & LED_GPIO_MASK;

    if ((byte & (LED_VALID | LED_UNUSABLE)) != LED_VALID || !bootconf_is_led_gpio(gpio))
        return false;
    led->gpio = (uint8_t)gpio;
    led->is_active_high = (byte & LED_ACTIVE_HIGH) != 0;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The app hook: what a user app may say to LifeCycle Manager. This one header is all of it.
 *
 * Copy it into an app for the ESP8266 (C11, gcc); it needs no library, no RAM and less than 1 KB of
 * flash. Three things are worth having in every app:
 *
 *     LCM_APP_IDENTITY("owner/repository", "main.bin", "1.0.0");
 *         once, at file level: `lcm release pack` then knows what it packs
 *     lcm_app_confirm();
 *         when the app has proved to work: Wi-Fi joined, device reachable
 *     lcm_app_mark_update();
 *         when the user asks for an update; then restart the chip
 *
 * lcm_app_setting reads what the user entered at set-up, such as the Wi-Fi name.
 *
 * On esp-open-rtos:
 *   - update: lcm_app_mark_update(); sdk_system_restart();
 *   - identity: copy ld/program.ld into the app, name it in LINKER_SCRIPTS, and put the line
 *     KEEP(*(.lcm_identity)) first in the section that starts at 0x40202010
 *   - settings: lcm_app_setting and the stock sysparam_get_string read the same area. When the app
 *     writes settings from another task, read them with the stock function: it takes the lock.
 *
 * On the bare chip lcm_app_request_update marks and restarts in one call (examples/blink).
 *
 * The functions ending in _in do the work on memory given by the caller and run on any machine.
 * The others use the chip's addresses.
 */
#ifndef LCM_APP_H
#define LCM_APP_H

#include <stdint.h>

/* ---- identity ---- */

enum lcm_app_image_type {
    LCM_APP_IMAGE_APP = 1,
    LCM_APP_IMAGE_UPDATER = 2,
};

/* What an image says of itself, at offset 0x10: the first bytes of its flash segment. Texts are
 * NUL-padded. `lcm image inspect` shows it and `lcm release pack` takes its names from it, so that
 * nobody types a version twice. */
struct lcm_app_identity {
    char magic[8]; /* "LCM-ID1" */
    uint8_t type;  /* enum lcm_app_image_type */
    uint8_t zero[3];
    char version[24];
    char repository[64]; /* owner/name */
    char file[32];       /* name of the release asset */
};
_Static_assert(sizeof(struct lcm_app_identity) == 132, "docs/SPEC.md: identity block");

/* Define the identity block. Arguments are string literals; a literal that is too long does not
 * compile. Flash holds it and no code reads it: it costs 132 bytes of flash. */
#define LCM_IMAGE_IDENTITY(kind, repository_text, file_text, version_text) \
    _Static_assert(sizeof(repository_text) <= 64, "repository: at most 63 characters"); \
    _Static_assert(sizeof(file_text) <= 32, "file: at most 31 characters"); \
    _Static_assert(sizeof(version_text) <= 24, "version: at most 23 characters"); \
    __attribute__((section(".lcm_identity"), \
                   used)) static const struct lcm_app_identity lcm_identity_block = { \
        .magic = "LCM-ID1", \
        .type = (kind), \
        .version = version_text, \
        .repository = repository_text, \
        .file = file_text, \
    }

#define LCM_APP_IDENTITY(repository_text, file_text, version_text) \
    LCM_IMAGE_IDENTITY(LCM_APP_IMAGE_APP, repository_text, file_text, version_text)

/* ---- memory that survives a restart ---- */

/* The RTC area starts at user block 64 with rBoot's boot record (12 bytes); the updater keeps words
 * 4 to 9. It is lost at power-off and holds garbage after power-on, therefore the checksum and the
 * pattern. Words only. */
#define LCM_APP_RTC ((volatile uint32_t *)0x60001200u)
#define LCM_APP_RTC_BOOT_WORD 0u
#define LCM_APP_RTC_CONFIRM_WORD 15u

#define LCM_APP_RBOOT_MAGIC 0x2334AE68u
#define LCM_APP_RBOOT_TEMPORARY 2u    /* next_mode: start temp_rom once */
#define LCM_APP_UPDATER_ROM 1u        /* slot 1 holds the updater */
#define LCM_APP_CONFIRMED 0x4B4F434Cu /* "LCOK" */

/* Checksum of rBoot's record: 0xEF and the eight bytes of two words, by exclusive or. */
static inline uint32_t lcm_app_rboot_checksum(uint32_t first, uint32_t second)
{
    uint32_t mix = first ^ second;

    mix ^= mix >> 16;
    mix ^= mix >> 8;
    return (mix ^ 0xEFu) & 0xFFu;
}

/* As lcm_app_mark_update, on 16 words given by the caller. What the record says of the last start
 * is kept when the record is valid, and zeroed when it is not. */
static inline void lcm_app_mark_update_in(volatile uint32_t *rtc)
{
    volatile uint32_t *record = &rtc[LCM_APP_RTC_BOOT_WORD];
    uint32_t modes = record[1];

    if ((record[2] & 0xFFu) != lcm_app_rboot_checksum(record[0], modes))
        modes = 0;
    modes = (modes & 0x00FFFF00u) | (LCM_APP_UPDATER_ROM << 24) | LCM_APP_RBOOT_TEMPORARY;
    record[0] = LCM_APP_RBOOT_MAGIC;
    record[1] = modes;
    record[2] = lcm_app_rboot_checksum(LCM_APP_RBOOT_MAGIC, modes);
}

/* As lcm_app_confirm, on 16 words given by the caller. */
static inline void lcm_app_confirm_in(volatile uint32_t *rtc)
{
    rtc[LCM_APP_RTC_CONFIRM_WORD] = LCM_APP_CONFIRMED;
}

/*
 * Make the next restart start the updater instead of the app, once. Nothing is written to flash;
 * switching the power off forgets the request. Follow it with the restart of the app's SDK.
 */
static inline void lcm_app_mark_update(void)
{
    lcm_app_mark_update_in(LCM_APP_RTC);
}

/*
 * Tell LifeCycle Manager that this app works. Call it as often as you like: it stores one word in
 * RTC memory, no flash wears out. It holds until power-off or until the updater installs another
 * app. This version of the updater only reads it; going back to the version before when a new app
 * never confirms comes with in-place updates, and apps that confirm now are ready for that.
 */
static inline void lcm_app_confirm(void)
{
    lcm_app_confirm_in(LCM_APP_RTC);
}

/*
 * Restart the bare chip through the reset vector. Interrupts go off first. The mask ROM function
 * that switches the flash cache off is entered with the reset vector as its return address: nothing
 * in flash is needed after that. Not for an app that runs the vendor's radio code: its SDK has a
 * restart of its own, which stops the radio.
 */
__attribute__((noreturn)) static inline void lcm_app_restart(void)
{
    __asm__ volatile("rsil a2, 15\n\t"
                     "movi a0, 0x40000080\n\t" /* reset vector */
                     "movi a2, 0x400047F0\n\t" /* Cache_Read_Disable */
                     "jx a2" ::
                         : "memory");
    __builtin_unreachable();
}

/* Bare chip: lcm_app_mark_update, then lcm_app_restart. Does not return. */
__attribute__((noreturn)) static inline void lcm_app_request_update(void)
{
    lcm_app_mark_update();
    lcm_app_restart();
}

/* ---- settings ---- */

/* The settings area: two esp-open-rtos sysparam regions of one sector, seen through the cache. */
#define LCM_APP_SETTINGS ((const volatile uint32_t *)0x402F7000u)
#define LCM_APP_REGION_SIZE 4096u
#define LCM_APP_REGION_COUNT 2u
#define LCM_APP_REGION_MAGIC 0x70524F45u /* "EORp" */
#define LCM_APP_REGION_ACTIVE 0x4000u
#define LCM_APP_REGION_HEADER_SIZE 8u

#define LCM_APP_ENTRY_ALIVE 0x8000u
#define LCM_APP_ENTRY_INVALID 0x4000u /* being written */
#define LCM_APP_ENTRY_VALUE 0x2000u   /* a value; else a key */
#define LCM_APP_ENTRY_BINARY 0x1000u
#define LCM_APP_ENTRY_ID 0x0FFFu
#define LCM_APP_ENTRY_END 0xFFFFu
#define LCM_APP_ENTRY_HEADER_SIZE 4u

/* One byte of a region. Flash gives aligned words only. */
static inline uint8_t lcm_app_byte(const volatile uint32_t *region, uint32_t offset)
{
    return (uint8_t)(region[offset / 4u] >> (8u * (offset % 4u)));
}

static inline uint32_t lcm_app_u16(const volatile uint32_t *region, uint32_t offset)
{
    return lcm_app_byte(region, offset) | ((uint32_t)lcm_app_byte(region, offset + 1u) << 8);
}

/* true when the size bytes at offset are exactly the text. */
static inline int lcm_app_matches(const volatile uint32_t *region, uint32_t offset, uint32_t size,
                                  const char *text)
{
    for (uint32_t i = 0; i < size; i++)
        if (text[i] == '\0' || (uint8_t)text[i] != lcm_app_byte(region, offset + i))
            return 0;
    return text[size] == '\0';
}

/*
 * Offset of the last complete live entry whose kind and id bits under mask equal flags and whose
 * payload is the text (NULL: any payload); 0 when there is none. The last one, because a new value
 * is appended before the old one is marked dead: a power cut in between leaves both. Ends at the
 * erased tail and at the first entry that does not fit its region.
 */
static inline uint32_t lcm_app_find(const volatile uint32_t *region, uint32_t mask, uint32_t flags,
                                    const char *text)
{
    uint32_t offset = LCM_APP_REGION_HEADER_SIZE;
    uint32_t match = 0;

    while (offset + LCM_APP_ENTRY_HEADER_SIZE <= LCM_APP_REGION_SIZE) {
        uint32_t found = lcm_app_u16(region, offset);
        uint32_t size = lcm_app_u16(region, offset + 2u);
        uint32_t payload = offset + LCM_APP_ENTRY_HEADER_SIZE;

        if (found == LCM_APP_ENTRY_END || size > LCM_APP_REGION_SIZE - payload)
            break;
        if ((found & (mask | LCM_APP_ENTRY_ALIVE | LCM_APP_ENTRY_INVALID)) ==
                (flags | LCM_APP_ENTRY_ALIVE) &&
            (text == 0 || lcm_app_matches(region, payload, size, text)))
            match = offset;
        offset = payload + size;
    }
    return match;
}

/* As lcm_app_setting, on a settings area of LCM_APP_REGION_COUNT regions given by the caller. */
static inline int lcm_app_setting_in(const volatile uint32_t *area, const char *key, char *buffer,
                                     uint32_t size)
{
    for (uint32_t i = 0; i < LCM_APP_REGION_COUNT; i++) {
        const volatile uint32_t *region = &area[i * (LCM_APP_REGION_SIZE / 4u)];
        uint32_t at, id, length;

        if (region[0] != LCM_APP_REGION_MAGIC || (region[1] & LCM_APP_REGION_ACTIVE) == 0)
            continue;
        at = lcm_app_find(region, LCM_APP_ENTRY_VALUE, 0, key);
        if (at == 0)
            return -1;
        id = lcm_app_u16(region, at) & LCM_APP_ENTRY_ID;
        at = lcm_app_find(region, LCM_APP_ENTRY_VALUE | LCM_APP_ENTRY_ID, LCM_APP_ENTRY_VALUE | id,
                          0);
        if (at == 0)
            return -1;
        length = lcm_app_u16(region, at + 2u);
        if (length >= size)
            return -1;
        for (uint32_t j = 0; j < length; j++)
            buffer[j] = (char)lcm_app_byte(region, at + LCM_APP_ENTRY_HEADER_SIZE + j);
        buffer[length] = '\0';
        return (int)length;
    }
    return -1;
}

/*
 * Copy the setting `key` ("wifi_ssid", "ota_repo", ...) with a closing NUL into buffer of size
 * bytes. Returns the length without the NUL, or -1 with the buffer untouched when it is not set or
 * does not fit. A binary setting (led_pin) arrives as its bytes. Reads flash through the cache, so
 * call it when the first MiB is mapped, which it is in every app that LifeCycle Manager installs.
 * Cost: two walks over at most 4 KiB.
 */
static inline int lcm_app_setting(const char *key, char *buffer, uint32_t size)
{
    return lcm_app_setting_in(LCM_APP_SETTINGS, key, buffer, size);
}

#endif

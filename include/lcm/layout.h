/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash map of a 1 MiB device. The places are those of the reference, so that
 * devices and apps in the field keep working. docs/SPEC.md section 1.
 */
#ifndef LCM_LAYOUT_H
#define LCM_LAYOUT_H

#define LCM_FLASH_SIZE 0x100000u /* bytes */
#define LCM_SECTOR_SIZE 0x1000u  /* bytes; the erase unit */

#define LCM_BOOT_ADDR 0x00000u
#define LCM_BOOT_SIZE 0x1000u
#define LCM_BOOT_IMAGE_SIZE_MAX 0x0FF0u /* the last 16 bytes hold the version text */
#define LCM_BOOT_VERSION_OFFSET 0x0FF0u
#define LCM_BOOT_VERSION_SIZE 16u

#define LCM_BOOTCONF_ADDR 0x01000u
#define LCM_BOOTCONF_SIZE 0x1000u

#define LCM_SLOT0_ADDR 0x02000u
#define LCM_SLOT0_SIZE 0x8B000u
#define LCM_SLOT0_IMAGE_SIZE_MAX 0x8A000u /* 565,248: apps keep data at 0x8C000 */
#define LCM_SLOT1_ADDR 0x8D000u
#define LCM_SLOT1_SIZE 0x67000u /* 421,888: up to the set-up code */
#define LCM_SLOT1_IMAGE_SIZE_MAX LCM_SLOT1_SIZE
#define LCM_SLOT_COUNT 2u

#define LCM_CODE_ADDR 0xF4000u /* set-up code */
#define LCM_CODE_SIZE 0x1000u
#define LCM_SCRATCH_ADDR 0xF5000u /* two sectors */
#define LCM_SCRATCH_SIZE 0x2000u
#define LCM_SETTINGS_ADDR 0xF7000u /* two sysparam regions of one sector */
#define LCM_SETTINGS_SIZE 0x2000u
#define LCM_TRUST_A_ADDR 0xF9000u
#define LCM_TRUST_B_ADDR 0xFA000u
#define LCM_TRUST_SIZE 0x1000u
#define LCM_STATE_ADDR 0xFB000u
#define LCM_STATE_SIZE 0x1000u
#define LCM_RADIO_ADDR 0xFC000u /* vendor radio data */
#define LCM_RADIO_SIZE 0x4000u

/* Images in a slot are linked for this CPU address (v2 header is 16 bytes). */
#define LCM_FLASH_MAP_BASE 0x40200000u
#define LCM_IROM_OFFSET 0x10u

#endif

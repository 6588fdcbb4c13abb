// SPDX-License-Identifier: Apache-2.0
/* Sector 0: check everything first, then write once; see the header. */
#include "core/update/boot_program.h"

#include <string.h>

#include <bearssl.h>

#include "core/base/region.h"
#include "core/image/image.h"
#include "lcm/layout.h"

#define FLASH_MODE_OFFSET 2u /* flash mode, then size and frequency: properties of the board */
#define FLASH_MODE_SIZE 2u
#define FLASH_MODE_MAX 3u /* QIO, QOUT, DIO, DOUT */

void lcm_boot_program_version(const struct lcm_flash *flash, char *version)
{
    uint8_t raw[LCM_BOOT_VERSION_SIZE];
    uint32_t length = 0;

    version[0] = '\0';
    if (flash->read(flash->context, LCM_BOOT_ADDR + LCM_BOOT_VERSION_OFFSET, raw, sizeof(raw)) !=
        LCM_OK)
        return;
    while (length < sizeof(raw) && raw[length] > ' ' && raw[length] <= '~')
        length++;
    memcpy(version, raw, length);
    version[length] = '\0';
}

static enum lcm_err boot_program_check(const struct lcm_manifest *manifest, const uint8_t *sector)
{
    uint8_t digest[LCM_SHA256_SIZE];
    br_sha256_context hash;

    if (manifest->image_size > LCM_BOOT_IMAGE_SIZE_MAX)
        return LCM_ERR_TOO_LARGE;
    br_sha256_init(&hash);
    br_sha256_update(&hash, sector, manifest->image_size);
    br_sha256_out(&hash, digest);
    if (memcmp(digest, manifest->sha256, sizeof(digest)) != 0)
        return LCM_ERR_CORRUPT;
    return sector[0] == LCM_IMAGE_MAGIC_V1 ? LCM_OK : LCM_ERR_IMAGE;
}

/* The flash mode of the running boot program suits the board; what a failed write left
 * behind does not, then the bytes of the new image stand. */
static enum lcm_err boot_program_keep_mode(const struct lcm_flash *flash, uint8_t *sector)
{
    uint8_t header[FLASH_MODE_OFFSET + FLASH_MODE_SIZE];
    enum lcm_err err = flash->read(flash->context, LCM_BOOT_ADDR, header, sizeof(header));

    if (err == LCM_OK && header[0] == LCM_IMAGE_MAGIC_V1 &&
        header[FLASH_MODE_OFFSET] <= FLASH_MODE_MAX)
        memcpy(sector + FLASH_MODE_OFFSET, header + FLASH_MODE_OFFSET, FLASH_MODE_SIZE);
    return err;
}

static enum lcm_err boot_program_complete(const struct lcm_flash *flash,
                                          const struct lcm_manifest *manifest, uint8_t *sector)
{
    size_t version_size = strlen(manifest->version);

    if (version_size > LCM_BOOT_VERSION_SIZE)
        version_size = LCM_BOOT_VERSION_SIZE;
    memset(sector + manifest->image_size, 0xFF, LCM_SECTOR_SIZE - manifest->image_size);
    memcpy(sector + LCM_BOOT_VERSION_OFFSET, manifest->version, version_size);
    return boot_program_keep_mode(flash, sector);
}

static enum lcm_err boot_program_write(const struct lcm_flash *flash, const uint8_t *sector)
{
    enum lcm_err err = lcm_region_erase(flash, LCM_REGION_BOOT, LCM_BOOT_ADDR);

    if (err != LCM_OK)
        return err;
    return lcm_region_program(flash, LCM_REGION_BOOT, LCM_BOOT_ADDR, sector, LCM_SECTOR_SIZE);
}

enum lcm_err lcm_boot_program_install(const struct lcm_flash *flash,
                                      const struct lcm_manifest *manifest, uint8_t *sector)
{
    enum lcm_err err = boot_program_check(manifest, sector);

    if (err == LCM_OK)
        err = boot_program_complete(flash, manifest, sector);
    if (err != LCM_OK)
        return err;
    /* For another version text alone sector 0 is not touched, nor when it cannot be read. */
    err = lcm_flash_compare(flash, LCM_BOOT_ADDR, sector, LCM_BOOT_VERSION_OFFSET);
    if (err != LCM_ERR_CORRUPT)
        return err;
    for (unsigned tries = 0; tries < LCM_BOOT_WRITE_TRIES; tries++) {
        err = boot_program_write(flash, sector);
        if (err == LCM_OK)
            return LCM_OK;
    }
    return err;
}

// SPDX-License-Identifier: Apache-2.0
/* Flash on a file; see the header. It knows nothing of regions: the guard is core's. */
#include "port/host/host_flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/cli.h"

_Noreturn static void host_flash_violation(const char *what, uint32_t addr)
{
    fprintf(stderr, "lcm: flash rule broken: %s at 0x%05x\n", what, (unsigned)addr);
    abort();
}

static void host_flash_check_range(uint32_t addr, uint32_t size)
{
    if (addr > LCM_FLASH_SIZE || size > LCM_FLASH_SIZE - addr)
        host_flash_violation("access outside the flash", addr);
}

static enum lcm_err host_flash_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    const struct host_flash *flash = context;

    host_flash_check_range(addr, size);
    return pread(flash->fd, dst, size, (off_t)addr) == (ssize_t)size ? LCM_OK : LCM_ERR_FLASH;
}

static enum lcm_err host_flash_write(struct host_flash *flash, uint32_t addr, const uint8_t *bytes,
                                     uint32_t size)
{
    return pwrite(flash->fd, bytes, size, (off_t)addr) == (ssize_t)size ? LCM_OK : LCM_ERR_FLASH;
}

static enum lcm_err host_flash_program_piece(struct host_flash *flash, uint32_t addr,
                                             const uint8_t *bytes, uint32_t size)
{
    uint8_t old[LCM_SECTOR_SIZE];

    if (host_flash_read(flash, addr, old, size) != LCM_OK)
        return LCM_ERR_FLASH;
    for (uint32_t i = 0; i < size; i++) {
        if ((bytes[i] & ~old[i]) != 0)
            host_flash_violation("program would set a bit", addr + i);
    }
    return host_flash_write(flash, addr, bytes, size);
}

static enum lcm_err host_flash_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    struct host_flash *flash = context;
    const uint8_t *bytes = src;

    host_flash_check_range(addr, size);
    flash->program_bytes += size;
    while (size > 0) {
        uint32_t step = size < LCM_SECTOR_SIZE ? size : LCM_SECTOR_SIZE;
        if (host_flash_program_piece(flash, addr, bytes, step) != LCM_OK)
            return LCM_ERR_FLASH;
        addr += step;
        bytes += step;
        size -= step;
    }
    return LCM_OK;
}

static enum lcm_err host_flash_erase(void *context, uint32_t addr)
{
    struct host_flash *flash = context;
    uint8_t blank[LCM_SECTOR_SIZE];

    host_flash_check_range(addr, LCM_SECTOR_SIZE);
    if (addr % LCM_SECTOR_SIZE != 0)
        host_flash_violation("erase of no whole sector", addr);
    flash->erase_count++;
    memset(blank, 0xFF, sizeof(blank));
    return host_flash_write(flash, addr, blank, sizeof(blank));
}

static bool host_flash_is_usable(int fd, const char *path)
{
    struct stat status;

    if (fstat(fd, &status) != 0 || status.st_size != (off_t)LCM_FLASH_SIZE) {
        cli_error("'%s' is not a flash image: it must have exactly %u bytes. "
                  "Make one with 'lcm flash compose'",
                  path, (unsigned)LCM_FLASH_SIZE);
        return false;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        cli_error("'%s' is in use by another device process. Stop that one first", path);
        return false;
    }
    return true;
}

bool host_flash_open(struct host_flash *flash, const char *path)
{
    memset(flash, 0, sizeof(*flash));
    flash->fd = open(path, O_RDWR | O_CLOEXEC);
    if (flash->fd < 0) {
        cli_error("cannot open flash image '%s': %s. Make one with 'lcm flash compose'", path,
                  strerror(errno));
        return false;
    }
    if (!host_flash_is_usable(flash->fd, path)) {
        host_flash_close(flash);
        return false;
    }
    flash->port = (struct lcm_flash){
        .size = LCM_FLASH_SIZE,
        .sector_size = LCM_SECTOR_SIZE,
        .context = flash,
        .read = host_flash_read,
        .program = host_flash_program,
        .erase = host_flash_erase,
    };
    return true;
}

void host_flash_close(struct host_flash *flash)
{
    if (flash->fd >= 0)
        close(flash->fd);
    flash->fd = -1;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Registers of the chip behind the system port. Nothing here knows what the RTC records mean.
 * On the emulated chip watchdog and CPU clock are memory without effect.
 */
#include "port/lx106/system.h"

#include <string.h>

#include "port/lx106/rom.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define RTC_USER_BASE 0x60001200u
#define WATCHDOG_CONTROL REGISTER(0x60000900)
#define WATCHDOG_STAGE0 REGISTER(0x60000904) /* timeouts: 2^n x 0.8 ms */
#define WATCHDOG_STAGE1 REGISTER(0x60000908)
#define WATCHDOG_FEED REGISTER(0x60000914)
#define WATCHDOG_FEED_WORD 0x73u
#define WATCHDOG_STAGE_8S 0xDu
#define WATCHDOG_ENABLE 0x01u
#define WATCHDOG_RESET_MODE 0x38u
#define WATCHDOG_MODE_MASK 0x79u
#define CPU_CLOCK 0x3FF00014u
#define CPU_CLOCK_DOUBLE 0x01u
#define OTP_WORD(index) dport_read(0x3FF00050u + 4 * (index))
#define ROM_VECTORS 0x40000000u

static uint32_t dport_set_vectors(uint32_t base)
{
    uint32_t before;

    __asm__ volatile("rsr.vecbase %0\n"
                     "wsr.vecbase %1\n"
                     "rsync\n"
                     : "=&a"(before)
                     : "a"(base)
                     : "memory");
    return before;
}

/* The emulator has no memory at 0x3FF00000: its ROM carries accesses out in its exception vector.
 */
static uint32_t dport_read(uint32_t address)
{
    uint32_t vectors = dport_set_vectors(ROM_VECTORS);
    uint32_t word = REGISTER(address);

    (void)dport_set_vectors(vectors);
    return word;
}

static void dport_write(uint32_t address, uint32_t word)
{
    uint32_t vectors = dport_set_vectors(ROM_VECTORS);

    REGISTER(address) = word;
    (void)dport_set_vectors(vectors);
}

static void system_rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    uint8_t *bytes = dst;

    (void)context;
    for (uint32_t i = 0; i < size; i += 4) {
        uint32_t word = REGISTER(RTC_USER_BASE + offset + i);
        memcpy(bytes + i, &word, sizeof(word));
    }
}

static void system_rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    const uint8_t *bytes = src;

    (void)context;
    for (uint32_t i = 0; i < size; i += 4) {
        uint32_t word;
        memcpy(&word, bytes + i, sizeof(word));
        REGISTER(RTC_USER_BASE + offset + i) = word;
    }
}

/* The first three bytes are in word 3 or, on early chips, one of two numbers of the maker. */
static uint32_t system_maker(void)
{
    uint32_t full = OTP_WORD(3) & 0xFFFFFFu;

    if (full != 0)
        return full;
    return (OTP_WORD(1) >> 16 & 0xFFu) == 0 ? 0x18FE34u : 0xACD074u;
}

static void system_device_id(void *context, uint8_t id[6])
{
    uint32_t maker = system_maker();

    (void)context;
    id[0] = (uint8_t)(maker >> 16);
    id[1] = (uint8_t)(maker >> 8);
    id[2] = (uint8_t)maker;
    id[3] = (uint8_t)(OTP_WORD(1) >> 8);
    id[4] = (uint8_t)OTP_WORD(1);
    id[5] = (uint8_t)(OTP_WORD(0) >> 24);
}

static void system_alive(void *context)
{
    (void)context;
    WATCHDOG_FEED = WATCHDOG_FEED_WORD;
}

const struct lcm_system lx106_system = {
    .rtc_read = system_rtc_read,
    .rtc_write = system_rtc_write,
    .device_id = system_device_id,
    .alive = system_alive,
};

void lx106_watchdog_start(void)
{
    WATCHDOG_CONTROL &= ~WATCHDOG_ENABLE;
    WATCHDOG_STAGE0 = WATCHDOG_STAGE_8S;
    WATCHDOG_STAGE1 = WATCHDOG_STAGE_8S;
    WATCHDOG_CONTROL =
        ((WATCHDOG_CONTROL | WATCHDOG_RESET_MODE) & WATCHDOG_MODE_MASK) | WATCHDOG_ENABLE;
    WATCHDOG_FEED = WATCHDOG_FEED_WORD;
}

void lx106_cpu_set_fast(bool is_fast)
{
    uint32_t clock = dport_read(CPU_CLOCK) & ~CPU_CLOCK_DOUBLE;

    dport_write(CPU_CLOCK, is_fast ? clock | CPU_CLOCK_DOUBLE : clock);
    ets_update_cpu_frequency(is_fast ? 160 : 80);
}

void lx106_reset(void)
{
    lx106_cpu_set_fast(false);
    software_reset();
    for (;;) {
    }
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Ports of a chip that has none yet: every function refuses.
 *
 * With them the updater links completely for lx106, so that its size, its layout and its contents
 * are measured on every build. It cannot update anything: Wi-Fi, flash and network of the real
 * chip come with the chip's port, which replaces this file.
 */
#include "device/lx106/ports_none.h"

#include <string.h>

static enum lcm_err flash_none_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    (void)context;
    (void)addr;
    (void)dst;
    (void)size;
    return LCM_ERR_FLASH;
}

static enum lcm_err flash_none_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    (void)context;
    (void)addr;
    (void)src;
    (void)size;
    return LCM_ERR_FLASH;
}

static enum lcm_err flash_none_erase(void *context, uint32_t addr)
{
    (void)context;
    (void)addr;
    return LCM_ERR_FLASH;
}

static enum lcm_err net_none_resolve(void *context, const char *host, uint16_t port,
                                     struct lcm_endpoint *endpoint)
{
    (void)context;
    (void)host;
    (void)port;
    (void)endpoint;
    return LCM_ERR_DNS;
}

static enum lcm_err net_none_connect(void *context, const struct lcm_endpoint *endpoint)
{
    (void)context;
    (void)endpoint;
    return LCM_ERR_CONNECT;
}

static enum lcm_err net_none_send(void *context, const uint8_t *bytes, size_t size, size_t *sent)
{
    (void)context;
    (void)bytes;
    (void)size;
    *sent = 0;
    return LCM_ERR_CLOSED;
}

static enum lcm_err net_none_receive(void *context, uint8_t *bytes, size_t size, size_t *received)
{
    (void)context;
    (void)bytes;
    (void)size;
    *received = 0;
    return LCM_ERR_CLOSED;
}

static void net_none_close(void *context)
{
    (void)context;
}

static void net_none_send_datagram(void *context, const struct lcm_endpoint *endpoint,
                                   const uint8_t *bytes, size_t size)
{
    (void)context;
    (void)endpoint;
    (void)bytes;
    (void)size;
}

static enum lcm_err wifi_none_join(void *context, const char *ssid, const char *password)
{
    (void)context;
    (void)ssid;
    (void)password;
    return LCM_ERR_WIFI;
}

static uint64_t clock_none_now_ms(void *context)
{
    (void)context;
    return 0;
}

static enum lcm_err clock_none_utc(void *context, uint64_t *seconds)
{
    (void)context;
    (void)seconds;
    return LCM_ERR_TIMEOUT;
}

static enum lcm_err entropy_none_fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    (void)dst;
    (void)size;
    return LCM_ERR_ENTROPY;
}

static void system_none_rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    (void)context;
    (void)offset;
    memset(dst, 0, size);
}

static void system_none_rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    (void)context;
    (void)offset;
    (void)src;
    (void)size;
}

static void system_none_device_id(void *context, uint8_t id[6])
{
    (void)context;
    memset(id, 0, 6);
}

static void system_none_alive(void *context)
{
    (void)context;
}

static const struct lcm_flash flash_none = {
    .size = LCM_FLASH_SIZE,
    .sector_size = LCM_SECTOR_SIZE,
    .read = flash_none_read,
    .program = flash_none_program,
    .erase = flash_none_erase,
};

static const struct lcm_net net_none = {
    .resolve = net_none_resolve,
    .connect = net_none_connect,
    .send = net_none_send,
    .receive = net_none_receive,
    .close = net_none_close,
    .send_datagram = net_none_send_datagram,
};

static const struct lcm_wifi wifi_none = {.join = wifi_none_join};
static const struct lcm_clock clock_none = {.now_ms = clock_none_now_ms, .utc = clock_none_utc};
static const struct lcm_entropy entropy_none = {.fill = entropy_none_fill};
static const struct lcm_system system_none = {
    .rtc_read = system_none_rtc_read,
    .rtc_write = system_none_rtc_write,
    .device_id = system_none_device_id,
    .alive = system_none_alive,
};

const struct lcm_ports lcm_ports_none = {
    .flash = &flash_none,
    .net = &net_none,
    .wifi = &wifi_none,
    .clock = &clock_none,
    .entropy = &entropy_none,
    .system = &system_none,
};

// SPDX-License-Identifier: Apache-2.0
/* Ports that do what a test says; see the header. Nothing leaves the process. */
#include "tests/lib/fake_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/rtc.h"
#include "core/store/settings.h"

#define STEP_MS 10u
#define STEPS_MAX 2000000u

static enum lcm_err fake_resolve(void *context, const char *host, uint16_t port,
                                 struct lcm_endpoint *endpoint)
{
    struct fake_device *device = context;

    assert_int_not_equal(host[0], '\0');
    *endpoint = (struct lcm_endpoint){{192, 0, 2, 1}, port};
    return device->resolve_result;
}

static enum lcm_err fake_connect(void *context, const struct lcm_endpoint *endpoint)
{
    (void)context;
    (void)endpoint;
    return LCM_ERR_CONNECT;
}

static void fake_close(void *context)
{
    (void)context;
}

static void fake_send_datagram(void *context, const struct lcm_endpoint *endpoint,
                               const uint8_t *data, size_t size)
{
    struct fake_device *device = context;

    (void)endpoint;
    (void)data;
    assert_in_range(size, 1, 1024);
    device->datagram_count++;
}

static enum lcm_err fake_join(void *context, const char *ssid, const char *password)
{
    struct fake_device *device = context;

    assert_in_range(strlen(ssid), 1, 32);
    assert_in_range(strlen(password), 0, 64);
    device->join_count++;
    return device->join_result;
}

static bool fake_has_link(void *context)
{
    return ((struct fake_device *)context)->has_link;
}

static void fake_address(void *context, uint8_t ip[4])
{
    (void)context;
    memcpy(ip, "\xC0\xA8\x01\x09", 4);
}

static void fake_leave(void *context)
{
    ((struct fake_device *)context)->leave_count++;
}

static uint64_t fake_now(void *context)
{
    return ((struct fake_device *)context)->now_ms;
}

static enum lcm_err fake_utc(void *context, uint64_t *seconds)
{
    struct fake_device *device = context;

    if (device->utc_s == 0)
        return LCM_PENDING;
    *seconds = device->utc_s;
    return LCM_OK;
}

static enum lcm_err fake_fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    memset(dst, 0x35, size);
    return LCM_OK;
}

static void fake_rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    struct fake_device *device = context;

    assert_true(offset + size <= LCM_RTC_SIZE);
    memcpy(dst, device->rtc + offset, size);
}

static void fake_rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    struct fake_device *device = context;

    assert_true(offset + size <= LCM_RTC_SIZE);
    memcpy(device->rtc + offset, src, size);
}

static void fake_id(void *context, uint8_t id[6])
{
    (void)context;
    memcpy(id, "\x02\x00\x00\x00\x00\x01", 6);
}

static void fake_alive(void *context)
{
    ((struct fake_device *)context)->alive_count++;
}

static void fake_state(void *context, const char *name)
{
    struct fake_device *device = context;

    assert_true(device->state_count < FAKE_DEVICE_STATES_MAX);
    device->states[device->state_count++] = name;
}

static void fake_waiting(void *context, uint32_t delay_ms)
{
    struct fake_device *device = context;

    assert_true(device->wait_count < FAKE_DEVICE_STATES_MAX);
    device->waits[device->wait_count++] = delay_ms;
}

static void device_wire(struct fake_device *device)
{
    device->net = (struct lcm_net){.context = device,
                                   .resolve = fake_resolve,
                                   .connect = fake_connect,
                                   .close = fake_close,
                                   .send_datagram = fake_send_datagram};
    device->wifi = (struct lcm_wifi){device, fake_join, fake_has_link, fake_address, fake_leave};
    device->clock = (struct lcm_clock){device, fake_now, fake_utc};
    device->entropy = (struct lcm_entropy){device, fake_fill};
    device->system =
        (struct lcm_system){device, fake_rtc_read, fake_rtc_write, fake_id, fake_alive};
    device->ports = (struct lcm_ports){&device->flash.port, &device->net,     &device->wifi,
                                       &device->clock,      &device->entropy, &device->system};
    device->observer =
        (struct lcm_observer){.context = device, .state = fake_state, .waiting = fake_waiting};
}

void fake_device_init(struct fake_device *device)
{
    memset(device, 0, sizeof(*device));
    ram_flash_init(&device->flash);
    device_wire(device);
    memset(device->rtc, 0xB7, sizeof(device->rtc));
    device->now_ms = 1000;
    device->utc_s = 1795342830;
    device->join_result = LCM_OK;
    device->resolve_result = LCM_ERR_DNS;
}

void fake_device_put_setting(struct fake_device *device, const char *key, const char *value)
{
    struct lcm_settings settings;
    enum lcm_err err = lcm_settings_open(&settings, &device->flash.port);

    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_settings_format(&settings, &device->flash.port);
    assert_int_equal(err, LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, key, value), LCM_OK);
}

bool fake_device_has_setting(struct fake_device *device, const char *key)
{
    char value[LCM_SETTING_TEXT_SIZE];
    struct lcm_settings settings;

    assert_int_equal(lcm_settings_open(&settings, &device->flash.port), LCM_OK);
    return lcm_settings_get(&settings, key, value, sizeof(value)) == LCM_OK;
}

void fake_device_put_count(struct fake_device *device, uint8_t count)
{
    struct lcm_rtc_boot boot = {0, 0, 1, count};

    lcm_rtc_boot_store(&device->system, &boot);
}

void fake_device_begin(struct fake_device *device, uint32_t running_slot)
{
    device->config = (struct lcm_lifecycle_config){.ports = &device->ports,
                                                   .observer = &device->observer,
                                                   .crypto = &lcm_crypto_small,
                                                   .tls_buffer = device->tls_buffer,
                                                   .version = "1.0.0",
                                                   .running_slot = running_slot};
    device->join_count = device->alive_count = device->datagram_count = 0;
    device->state_count = device->wait_count = 0;
    lcm_lifecycle_init(&device->lifecycle, &device->config);
}

bool fake_device_run(struct fake_device *device, uint64_t until_ms)
{
    for (uint32_t i = 0; i < STEPS_MAX; i++) {
        if (lcm_lifecycle_step(&device->lifecycle) == LCM_OK)
            return true;
        uint64_t wait_ms = lcm_lifecycle_waits_until_ms(&device->lifecycle);
        device->now_ms = wait_ms > device->now_ms ? wait_ms : device->now_ms + STEP_MS;
        if (device->now_ms >= until_ms)
            return false;
    }
    fail_msg("the life cycle spins in %s", lcm_lifecycle_state_name(&device->lifecycle));
    return false;
}

bool fake_device_was_in(const struct fake_device *device, const char *name)
{
    for (uint32_t i = 0; i < device->state_count; i++)
        if (strcmp(device->states[i], name) == 0)
            return true;
    return false;
}

// SPDX-License-Identifier: Apache-2.0
/* Characters and light. The ROM ends lines with carriage return and line feed. */
#include "port/lx106/serial.h"

#include "boot/lx106/led.h"
#include "lcm/layout.h"
#include "port/lx106/rom.h"

#define LED_OFFSET 7u /* in the boot configuration */

static void serial_write(void *context, const char *text)
{
    (void)context;
    ets_printf("%s", text);
}

static enum lcm_err serial_read(void *context, char *c)
{
    uint8_t byte;

    (void)context;
    if (uart_rx_one_char(&byte) != 0)
        return LCM_PENDING;
    *c = (char)byte;
    return LCM_OK;
}

static void serial_light(void *context, bool is_lit)
{
    const struct lx106_serial *serial = context;

    if (!serial->has_led)
        return;
    if (is_lit)
        boot_led_on(&serial->led);
    else
        boot_led_off(&serial->led);
}

void lx106_serial_init(struct lx106_serial *serial, const struct lcm_flash *flash)
{
    uint8_t byte = 0;

    *serial = (struct lx106_serial){
        .port = {
            .context = serial, .write = serial_write, .read = serial_read, .light = serial_light}};
    if (flash->read(flash->context, LCM_BOOTCONF_ADDR + LED_OFFSET, &byte, 1) == LCM_OK)
        serial->has_led = lcm_bootconf_led_decode(byte, &serial->led);
}

// SPDX-License-Identifier: Apache-2.0
/* The LED of the boot configuration, by registers and one ROM function. Whoever borrows the pin
 * gives it back as an input. */
#include "boot/lx106/led.h"

#include <stddef.h>

#include "boot/lx106/rom_calls.h"

#define PIN_MUX(offset) (*(volatile uint32_t *)(0x60000800u + (offset)))
#define PIN_MUX_GPIO 0x30u /* function 3 */

/* Pins that wake up as something else than GPIO: UART 0 (1, 3) and JTAG (12..15). */
static volatile uint32_t *chip_mux(uint32_t gpio)
{
    if (gpio >= 12)
        return &PIN_MUX(4 * (gpio - 11));
    return (gpio & 1u) != 0 && gpio < 4 ? &PIN_MUX(gpio == 1 ? 0x18u : 0x14u) : NULL;
}

void boot_led_on(const struct lcm_led *led)
{
    volatile uint32_t *mux = chip_mux(led->gpio);
    uint32_t pin = 1u << led->gpio;

    if (mux != NULL)
        *mux |= PIN_MUX_GPIO;
    gpio_output_set(led->is_active_high ? pin : 0, led->is_active_high ? 0 : pin, pin, 0);
}

void boot_led_off(const struct lcm_led *led)
{
    volatile uint32_t *mux = chip_mux(led->gpio);

    gpio_output_set(0, 0, 0, 1u << led->gpio);
    if (mux != NULL)
        *mux &= ~PIN_MUX_GPIO;
}

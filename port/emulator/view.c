// SPDX-License-Identifier: Apache-2.0
/*
 * Notes and JSON lines; see the header. Bytes of the UART that are not printable ASCII become '?'
 * in JSON, so that a line is text whatever the chip sends.
 */
#include "port/emulator/view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "port/emulator/wire.h"

#define VIEW_NETWORK_SIZE 33u /* a network name is at most 32 bytes */

void view_note(const struct view *view, const char *format, ...)
{
    va_list arguments;

    if (view->is_json)
        return;
    fputs("[emu] ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\n", stderr);
}

static cJSON *view_begin(const char *type)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "type", type);
    return object;
}

static void view_print(cJSON *object)
{
    char *line = cJSON_PrintUnformatted(object);

    if (line != NULL)
        printf("%s\n", line);
    fflush(stdout);
    cJSON_free(line);
    cJSON_Delete(object);
}

static void view_line(struct view *view)
{
    if (view->is_json) {
        cJSON *object = view_begin("uart");

        cJSON_AddStringToObject(object, "line", view->line);
        view_print(object);
    }
    view->line_length = 0;
    view->line[0] = '\0';
}

void view_uart(struct view *view, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char character = (char)bytes[i];

        if (character == '\r')
            continue;
        if (character == '\n' || view->line_length + 1 == sizeof(view->line)) {
            view_line(view);
            continue;
        }
        view->line[view->line_length++] = character >= ' ' && character <= '~' ? character : '?';
        view->line[view->line_length] = '\0';
        if (view->until != NULL && strstr(view->line, view->until) != NULL)
            view->is_until_seen = true;
    }
}

void view_power(const struct view *view, const char *state, uint32_t number)
{
    view_note(view, "power %s", state);
    if (!view->is_json)
        return;
    cJSON *object = view_begin("power");
    cJSON_AddStringToObject(object, "state", state);
    cJSON_AddNumberToObject(object, "number", number);
    view_print(object);
}

static void view_number(const struct view *view, const char *type, const char *name,
                        uint32_t number)
{
    if (!view->is_json)
        return;
    cJSON *object = view_begin(type);
    cJSON_AddNumberToObject(object, name, number);
    view_print(object);
}

void view_reset(const struct view *view, uint32_t cause)
{
    view_number(view, "reset", "cause", cause);
}

void view_start(const struct view *view, uint32_t entry)
{
    view_number(view, "start", "entry", entry);
}

void view_window(const struct view *view, uint32_t microseconds)
{
    view_number(view, "window", "microseconds", microseconds);
}

void view_boot(const struct view *view, const struct lcm_rtc_boot *boot)
{
    bool is_temporary = (boot->last_mode & LCM_RTC_MODE_TEMPORARY) != 0;

    view_note(view, "slot %u runs, power-on %u%s", boot->last_rom, boot->temp_rom,
              is_temporary ? ", temporary boot" : "");
    if (!view->is_json)
        return;
    cJSON *object = view_begin("boot");
    cJSON_AddNumberToObject(object, "slot", boot->last_rom);
    cJSON_AddNumberToObject(object, "count", boot->temp_rom);
    cJSON_AddBoolToObject(object, "temporary", is_temporary);
    view_print(object);
}

void view_led(const struct view *view, uint32_t gpio, bool is_lit)
{
    view_note(view, "LED (GPIO %u) %s", (unsigned)gpio, is_lit ? "on" : "off");
    if (!view->is_json)
        return;
    cJSON *object = view_begin("led");
    cJSON_AddNumberToObject(object, "gpio", gpio);
    cJSON_AddBoolToObject(object, "lit", is_lit);
    view_print(object);
}

void view_radio(const struct view *view, const char *event, const char *network)
{
    char name[VIEW_NETWORK_SIZE];
    size_t length = 0;

    for (; network[length] != '\0' && length + 1 < sizeof(name); length++)
        name[length] = network[length] >= ' ' && network[length] <= '~' ? network[length] : '?';
    name[length] = '\0';
    view_note(view, "Wi-Fi \"%s\": %s", name, event);
    if (!view->is_json)
        return;
    cJSON *object = view_begin("radio");
    cJSON_AddStringToObject(object, "event", event);
    cJSON_AddStringToObject(object, "network", name);
    view_print(object);
}

void view_stop(const struct view *view, uint32_t reason, uint32_t cause, uint32_t counter)
{
    bool is_exception = reason == LCM_WIRE_STOP_EXCEPTION;

    if (is_exception)
        view_note(view, "stopped: exception %u at 0x%08x", (unsigned)cause, (unsigned)counter);
    else
        view_note(view, "stopped: sector 0 holds no program");
    if (!view->is_json)
        return;
    cJSON *object = view_begin("stop");
    cJSON_AddStringToObject(object, "reason", is_exception ? "exception" : "no-program");
    if (is_exception) {
        cJSON_AddNumberToObject(object, "cause", cause);
        cJSON_AddNumberToObject(object, "counter", counter);
    }
    view_print(object);
}

void view_place(const struct view *view, const char *place)
{
    view_note(view, "UART at %s", place);
    if (!view->is_json)
        return;
    cJSON *object = view_begin("uart-place");
    cJSON_AddStringToObject(object, "place", place);
    view_print(object);
}

static uint32_t view_erases(const struct chip_flash *flash)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < CHIP_FLASH_SECTORS; i++)
        sum += flash->erase_count[i];
    return sum;
}

static void view_wear(const struct view *view, const struct chip_flash *flash)
{
    for (uint32_t i = 0; i < CHIP_FLASH_SECTORS; i++) {
        if (flash->erase_count[i] == 0)
            continue;
        view_note(view, "sector 0x%05x: %u erases", (unsigned)(i * LCM_SECTOR_SIZE),
                  (unsigned)flash->erase_count[i]);
        if (!view->is_json)
            continue;
        cJSON *object = view_begin("wear");
        cJSON_AddNumberToObject(object, "sector", i);
        cJSON_AddNumberToObject(object, "erases", flash->erase_count[i]);
        view_print(object);
    }
}

void view_flash(const struct view *view, const struct chip_flash *flash, bool is_wear)
{
    if (is_wear) {
        view_wear(view, flash);
        view_note(view, "flash: %u erases, %u programs, %u bytes programmed",
                  (unsigned)view_erases(flash), (unsigned)flash->program_count,
                  (unsigned)flash->program_bytes);
    }
    if (flash->refused_bits > 0)
        view_note(view, "flash: %u bits were to be programmed from 0 to 1 and stayed 0",
                  (unsigned)flash->refused_bits);
    if (!view->is_json)
        return;
    cJSON *object = view_begin("flash");
    cJSON_AddNumberToObject(object, "operations", flash->operation_count);
    cJSON_AddNumberToObject(object, "erases", view_erases(flash));
    cJSON_AddNumberToObject(object, "programs", flash->program_count);
    cJSON_AddNumberToObject(object, "programmed_bytes", flash->program_bytes);
    cJSON_AddNumberToObject(object, "refused_bits", flash->refused_bits);
    view_print(object);
}

void view_end(const struct view *view, const char *end)
{
    if (!view->is_json)
        return;
    cJSON *object = view_begin("end");
    cJSON_AddStringToObject(object, "end", end);
    view_print(object);
}

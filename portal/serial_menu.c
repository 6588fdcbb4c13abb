// SPDX-License-Identifier: Apache-2.0
/*
 * Set-up on the serial line, for who has a cable: the same values, the same checks, the same trial
 * as on the page. Offered only while no network is stored, and for half a minute; whoever presses
 * <enter> in that time is asked one question after the other.
 *
 * Invariant: what is typed as a password is never printed.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/update/keys.h"
#include "portal/setup_parts.h"

#define CHARS_PER_STEP 64u
#define BACKSPACE 0x08
#define DELETE 0x7F

enum menu_form {
    MENU_TEXT,
    MENU_SECRET,
    MENU_SWITCH,
    MENU_KEY,
    MENU_NUMBER,
};

struct menu_question {
    enum lcm_item field;
    enum menu_form form;
    const char *text;
};

static const struct menu_question menu_questions[] = {
    {LCM_ITEM_SSID, MENU_TEXT, "Wi-Fi network"},
    {LCM_ITEM_PASSWORD, MENU_SECRET, "Wi-Fi password (not shown, <enter> for an open network)"},
    {LCM_ITEM_REPOSITORY, MENU_TEXT, "App repository, owner/name"},
    {LCM_ITEM_FILE, MENU_TEXT, "App file (<enter>: main.bin)"},
    {LCM_ITEM_APP_KEY, MENU_KEY, "Fingerprint of the app's key, 64 hex digits (<enter>: none)"},
    {LCM_ITEM_CHANNEL, MENU_SWITCH, "Pre-releases? y or <enter>"},
    {LCM_ITEM_UNSIGNED, MENU_SWITCH,
     "Allow unsigned apps? Whoever controls the repository controls the device then. y or <enter>"},
    {LCM_ITEM_OTA_STRING, MENU_TEXT, "App parameters (<enter>: none)"},
    {LCM_ITEM_LED_PIN, MENU_NUMBER, "LED pin, -15 to 15, negative = lit by 1 (<enter>: none)"},
    {LCM_ITEM_SYSLOG, MENU_TEXT, "Syslog server, host[:port] (<enter>: none)"},
};
#define QUESTION_COUNT (sizeof(menu_questions) / sizeof(menu_questions[0]))

static void menu_print(const struct lcm_setup *setup, const char *text)
{
    setup->config->console->write(setup->config->console->context, text);
}

static void menu_ask(struct lcm_setup *setup)
{
    struct lcm_serial_menu *menu = &setup->menu;

    menu->length = 0;
    if (menu->question == QUESTION_COUNT) {
        menu_print(setup, "<enter> tries these values and stores them, n begins again: ");
        return;
    }
    menu_print(setup, menu_questions[menu->question].text);
    menu_print(setup, ": ");
}

static void menu_restart(struct lcm_setup *setup)
{
    lcm_values_init(&setup->values);
    lcm_bytes_wipe(setup->menu.line, sizeof(setup->menu.line));
    setup->menu.question = 0;
    menu_ask(setup);
}

void setup_menu_begin(struct lcm_setup *setup)
{
    char ssid[LCM_SSID_SIZE_MAX + 1];

    setup->menu.is_over =
        lcm_settings_get(&setup->settings, LCM_KEY_WIFI_SSID, ssid, sizeof(ssid)) == LCM_OK;
    if (!setup->menu.is_over)
        menu_print(setup, "or press <enter> within 30 s to set it up on this line\n");
}

/* ---- answers ---- */

/* A number as the form's byte. */
static bool menu_parse_pin(const char *line, uint8_t *byte)
{
    bool is_negative = line[0] == '-';
    const char *digits = line + (is_negative || line[0] == '+');
    uint64_t number = 0;

    if (lcm_text_parse_u64(digits, strlen(digits), &number) != LCM_OK ||
        number > LCM_VALUES_LED_PIN_MAX)
        return false;
    *byte = (uint8_t)(is_negative ? -(int)number : (int)number);
    return true;
}

static enum lcm_err menu_take(struct lcm_setup *setup, const struct menu_question *question,
                              const char *line)
{
    uint8_t bytes[LCM_FINGERPRINT_SIZE] = {0};
    uint32_t size = (uint32_t)strlen(line);
    struct lcm_values *values = &setup->values;

    if (size == 0 && question->form != MENU_TEXT && question->form != MENU_SECRET)
        return lcm_values_take(values, question->field, bytes, 0, false);
    switch (question->form) {
    case MENU_SWITCH:
        bytes[0] = lcm_text_lower(line[0]) == 'y';
        return lcm_values_take(values, question->field, bytes, 1, false);
    case MENU_KEY:
        if (lcm_text_parse_hex(line, bytes, sizeof(bytes)) != LCM_OK)
            return LCM_ERR_SETTING;
        return lcm_values_take(values, question->field, bytes, sizeof(bytes), false);
    case MENU_NUMBER:
        if (!menu_parse_pin(line, bytes))
            return LCM_ERR_SETTING;
        return lcm_values_take(values, question->field, bytes, 1, false);
    case MENU_TEXT:
    case MENU_SECRET:
    default:
        return lcm_values_take(values, question->field, (const uint8_t *)line, size, false);
    }
}

static void menu_decide(struct lcm_setup *setup, const char *line)
{
    if (lcm_text_lower(line[0]) == 'n') {
        menu_restart(setup);
        return;
    }
    if (lcm_values_complete(&setup->values, &setup->settings, true) != LCM_OK) {
        menu_restart(setup);
        return;
    }
    menu_print(setup, "trying ...\n");
    setup_want_trial(setup, false);
}

static void menu_answer(struct lcm_setup *setup)
{
    struct lcm_serial_menu *menu = &setup->menu;
    enum lcm_err err;

    menu->line[menu->length] = '\0';
    menu_print(setup, "\n");
    if (menu->question == QUESTION_COUNT) {
        menu_decide(setup, menu->line);
        return;
    }
    err = menu_take(setup, &menu_questions[menu->question], menu->line);
    lcm_bytes_wipe(menu->line, sizeof(menu->line));
    if (err == LCM_OK)
        menu->question++;
    else
        menu_print(setup, "that is not valid, try again\n");
    menu_ask(setup);
}

/* ---- typing ---- */

static void menu_echo(const struct lcm_setup *setup, char c)
{
    const struct lcm_serial_menu *menu = &setup->menu;
    bool is_secret =
        menu->question < QUESTION_COUNT && menu_questions[menu->question].form == MENU_SECRET;
    const char text[2] = {is_secret ? '*' : c, '\0'};

    menu_print(setup, text);
}

static void menu_type(struct lcm_setup *setup, char c)
{
    struct lcm_serial_menu *menu = &setup->menu;

    if (c == '\r' || c == '\n') {
        menu_answer(setup);
    } else if (c == BACKSPACE || c == DELETE) {
        if (menu->length > 0) {
            menu->length--;
            menu_print(setup, "\b \b");
        }
    } else if ((uint8_t)c >= ' ' && menu->length < sizeof(menu->line) - 1) {
        menu->line[menu->length++] = c;
        menu_echo(setup, c);
    }
}

static void menu_open(struct lcm_setup *setup)
{
    setup->menu.is_open = true;
    menu_restart(setup);
}

/* Terminals send CR, LF or both at the end of a line: what follows at once is the same key. */
static bool menu_is_second_half(struct lcm_serial_menu *menu, char c)
{
    bool is_second = c == '\n' && menu->is_after_cr;

    menu->is_after_cr = c == '\r';
    return is_second;
}

static void menu_take_char(struct lcm_setup *setup, char c)
{
    setup_mark_person(setup);
    if (menu_is_second_half(&setup->menu, c))
        return;
    if (setup->menu.is_open)
        menu_type(setup, c);
    else if (c == '\r' || c == '\n')
        menu_open(setup);
}

void setup_menu_step(struct lcm_setup *setup)
{
    const struct lcm_console *console = setup->config->console;
    struct lcm_serial_menu *menu = &setup->menu;
    char c;

    if (menu->is_over || setup_is_trying(setup))
        return;
    if (!menu->is_open && setup_now_ms(setup) - setup->begun_ms > LCM_SETUP_MENU_WINDOW_MS) {
        menu->is_over = true;
        return;
    }
    for (uint32_t i = 0; i < CHARS_PER_STEP && !setup_is_trying(setup); i++) {
        if (console->read(console->context, &c) != LCM_OK)
            return;
        menu_take_char(setup, c);
    }
}

void setup_menu_begin_again(struct lcm_setup *setup)
{
    if (!setup->menu.is_open)
        return;
    menu_print(setup, "\na visitor sent other values, begin again\n");
    menu_restart(setup);
}

void setup_menu_tell_end(struct lcm_setup *setup)
{
    const struct lcm_setup_attempt *attempt = &setup->attempt;

    if (attempt->is_stored) {
        menu_print(setup, "set-up: stored\n");
        setup->menu.is_over = true;
        return;
    }
    menu_print(setup, "set-up: not stored: ");
    menu_print(setup, lcm_err_text(attempt->err));
    menu_print(setup, "\n");
    if (setup->menu.is_open)
        menu_restart(setup);
}

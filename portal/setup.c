// SPDX-License-Identifier: Apache-2.0
/*
 * The states of set-up as a table: what each does, and where it leads. Visitors, trial, commands
 * and serial line are in files of their own.
 *
 * Invariant: what is stored changes in SETUP_STATE_STORE only, and there all at once.
 */
#include "portal/setup.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/store/bootconf.h"
#include "core/store/rtc.h"
#include "core/store/setup_code.h"
#include "core/update/keys.h"
#include "portal/setup_parts.h"

#define DEFAULT_CHANNEL 1u
#define NAME_PREFIX "LCM-"

struct setup_row {
    enum lcm_err (*step)(struct lcm_setup *setup); /* LCM_PENDING: stay */
    enum setup_state on_ok;
    enum setup_state on_error;
};

uint64_t setup_now_ms(const struct lcm_setup *setup)
{
    const struct lcm_clock *clock = setup->config->ports->clock;

    return clock->now_ms(clock->context);
}

void setup_mark_person(struct lcm_setup *setup)
{
    setup->person_ms = setup_now_ms(setup);
}

static void setup_enter(struct lcm_setup *setup, enum setup_state state)
{
    setup->state = (uint8_t)state;
    setup->entered_ms = setup_now_ms(setup);
}

static bool setup_is_in_for(const struct lcm_setup *setup, uint32_t time_ms)
{
    return setup_now_ms(setup) - setup->entered_ms > time_ms;
}

/* ---- the access point ---- */

static enum lcm_err setup_scan_step(struct lcm_setup *setup)
{
    const struct lcm_access_point *port = setup->config->access_point;
    struct lcm_setup_room *room = setup->room;
    enum lcm_err err =
        port->scan(port->context, room->networks, LCM_SETUP_NETWORKS_MAX, &room->network_count);

    if (err == LCM_PENDING && setup_now_ms(setup) - setup->scan_ms <= LCM_SETUP_SCAN_MS)
        return LCM_PENDING;
    if (err != LCM_OK)
        room->network_count = 0;
    return LCM_OK;
}

/* A radio has one channel: that of the network the device is most likely to join. */
static uint8_t setup_channel(const struct lcm_setup *setup)
{
    const struct lcm_setup_room *room = setup->room;
    const struct lcm_network *best = NULL;
    char stored[LCM_SSID_SIZE_MAX + 1];

    if (lcm_settings_get(&setup->settings, LCM_KEY_WIFI_SSID, stored, sizeof(stored)) != LCM_OK)
        stored[0] = '\0';
    for (size_t i = 0; i < room->network_count; i++) {
        const struct lcm_network *network = &room->networks[i];
        if (network->ssid_size == strlen(stored) && network->ssid_size > 0 &&
            memcmp(network->ssid, stored, network->ssid_size) == 0)
            return network->channel;
        if (best == NULL || network->signal_dbm > best->signal_dbm)
            best = network;
    }
    if (best == NULL || best->channel < 1 || best->channel > LCM_AP_CHANNEL_MAX)
        return DEFAULT_CHANNEL;
    return best->channel;
}

static void setup_print(const struct lcm_setup *setup, const char *text)
{
    setup->config->console->write(setup->config->console->context, text);
}

/* The code goes to the serial line and nowhere else. */
static void setup_print_code(const struct lcm_setup *setup)
{
    char code[LCM_SETUP_CODE_TEXT_SIZE];

    lcm_setup_code_format(setup->code, code);
    setup_print(setup, "LCM setup code: ");
    setup_print(setup, code);
    setup_print(setup, "\nJoin the Wi-Fi network ");
    setup_print(setup, setup->name);
    setup_print(setup, " (password: the code without dashes), then open http://192.168.4.1/\n");
    lcm_bytes_wipe(code, sizeof(code));
}

static enum lcm_err setup_open_step(struct lcm_setup *setup)
{
    const struct lcm_access_point *port = setup->config->access_point;
    const struct lcm_access_point_config config = {
        .ssid = setup->name, .password = setup->code, .channel = setup_channel(setup)};
    enum lcm_err err = port->start(port->context, &config);

    if (err == LCM_OK)
        setup_serve_begin(setup);
    else
        setup_print(setup, "the access point cannot be opened\n");
    setup_print_code(setup);
    setup_menu_begin(setup);
    setup_mark_person(setup);
    return LCM_OK; /* without an access point the serial line is left */
}

/* ---- while it is open ---- */

static void setup_blink(struct lcm_setup *setup)
{
    const struct lcm_console *console = setup->config->console;
    uint64_t now_ms = setup_now_ms(setup);

    if (setup->identify_until_ms == 0)
        return;
    bool is_over = now_ms >= setup->identify_until_ms;
    if (is_over)
        setup->identify_until_ms = 0;
    console->light(console->context, !is_over && now_ms / LCM_SETUP_BLINK_MS % 2 == 0);
}

void setup_want_scan(struct lcm_setup *setup)
{
    if (!setup->is_scanning)
        setup->scan_ms = setup_now_ms(setup);
    setup->is_scanning = true;
}

static void setup_rescan(struct lcm_setup *setup)
{
    if (!setup->is_scanning || setup->room == NULL || setup_scan_step(setup) == LCM_PENDING)
        return;
    setup->is_scanning = false;
    setup->room->has_looked = true;
}

/* What goes on in every state in which the access point is open. */
static void setup_attend(struct lcm_setup *setup)
{
    if (setup->room != NULL)
        setup_serve_step(setup);
    setup_rescan(setup);
    setup_menu_step(setup);
    setup_blink(setup);
}

/* Nobody is here: perhaps the network is back, or the app is better than nothing. A device with
 * neither has nothing to do but wait. */
static bool setup_is_abandoned(struct lcm_setup *setup)
{
    char ssid[LCM_SSID_SIZE_MAX + 1];

    if (setup_now_ms(setup) - setup->person_ms <= LCM_SETUP_IDLE_MS)
        return false;
    if (setup->config->has_app) {
        setup->outcome = LCM_SETUP_RUN_APP;
        return true;
    }
    if (lcm_settings_get(&setup->settings, LCM_KEY_WIFI_SSID, ssid, sizeof(ssid)) == LCM_OK)
        return true;
    setup_mark_person(setup);
    return false;
}

static enum lcm_err setup_serve_state_step(struct lcm_setup *setup)
{
    setup_attend(setup);
    if (setup->is_trial_wanted)
        return LCM_OK;
    return setup_is_abandoned(setup) ? LCM_ERR_ABORTED : LCM_PENDING;
}

static enum lcm_err setup_pause_step(struct lcm_setup *setup)
{
    setup_attend(setup);
    if (!setup_is_in_for(setup, LCM_SETUP_PAUSE_MS))
        return LCM_PENDING;
    setup->is_trial_wanted = false;
    if (setup->stores_untried)
        return LCM_ERR_ABORTED; /* no trial */
    setup_try_begin(setup);
    return LCM_OK;
}

static enum lcm_err setup_try_state_step(struct lcm_setup *setup)
{
    setup_attend(setup);
    return setup_try_step(setup);
}

/* ---- storing ---- */

/* The boot program lights the LED before any updater runs: it reads the boot configuration. */
static void setup_store_led(const struct lcm_setup *setup)
{
    const struct lcm_flash *flash = setup->config->ports->flash;
    struct lcm_bootconf bootconf;
    enum lcm_err err = lcm_bootconf_load(flash, &bootconf);

    if (!lcm_values_is_given(&setup->values, LCM_ITEM_LED_PIN) ||
        (err != LCM_OK && err != LCM_ERR_NOT_FOUND))
        return;
    bootconf.led =
        setup->values.has_led_pin ? lcm_bootconf_led_encode(setup->values.led_pin) : (uint8_t)0;
    (void)!lcm_bootconf_store(flash, &bootconf); /* without it the LED stays dark, no more */
}

static enum lcm_err setup_store_step(struct lcm_setup *setup)
{
    enum lcm_err err = lcm_settings_open(&setup->settings, setup->config->ports->flash);

    if (err == LCM_OK)
        err = lcm_values_store(&setup->values, &setup->settings);
    setup->attempt.is_stored = err == LCM_OK;
    setup->attempt.err = err;
    setup->attempt.phase = err == LCM_OK ? LCM_SETUP_PHASE_DONE : LCM_SETUP_PHASE_FAILED;
    if (err == LCM_OK)
        setup_store_led(setup);
    setup->leave_ms = setup_now_ms(setup) + LCM_SETUP_LINGER_MS;
    lcm_bytes_wipe(&setup->values, sizeof(setup->values));
    setup_menu_tell_end(setup);
    return err;
}

static enum lcm_err setup_linger_step(struct lcm_setup *setup)
{
    setup_attend(setup);
    return setup_now_ms(setup) > setup->leave_ms ? LCM_OK : LCM_PENDING;
}

/* ---- the end ---- */

static enum lcm_err setup_close_step(struct lcm_setup *setup)
{
    const struct lcm_setup_config *config = setup->config;
    enum lcm_setup_outcome outcome = setup->outcome;
    struct lcm_rtc_boot once = {.next_mode = LCM_RTC_MODE_TEMPORARY,
                                .last_rom = (uint8_t)config->run.running_slot};

    if (setup->room != NULL)
        setup_serve_end(setup);
    config->access_point->stop(config->access_point->context);
    config->ports->wifi->leave(config->ports->wifi->context);
    lcm_bytes_wipe(setup, sizeof(*setup));
    setup->config = config;
    setup->outcome = outcome != LCM_SETUP_GOES_ON ? outcome : LCM_SETUP_CHECK;
    once.temp_rom = setup->outcome == LCM_SETUP_CHECK ? (uint8_t)config->run.running_slot : 0;
    lcm_rtc_boot_store(config->ports->system, &once);
    return LCM_OK;
}

static const struct setup_row setup_table[SETUP_STATE_COUNT] = {
    [SETUP_STATE_SCAN] = {setup_scan_step, SETUP_STATE_OPEN, SETUP_STATE_OPEN},
    [SETUP_STATE_OPEN] = {setup_open_step, SETUP_STATE_SERVE, SETUP_STATE_SERVE},
    [SETUP_STATE_SERVE] = {setup_serve_state_step, SETUP_STATE_PAUSE, SETUP_STATE_CLOSE},
    [SETUP_STATE_PAUSE] = {setup_pause_step, SETUP_STATE_TRY, SETUP_STATE_STORE},
    [SETUP_STATE_TRY] = {setup_try_state_step, SETUP_STATE_STORE, SETUP_STATE_SERVE},
    [SETUP_STATE_STORE] = {setup_store_step, SETUP_STATE_LINGER, SETUP_STATE_SERVE},
    [SETUP_STATE_LINGER] = {setup_linger_step, SETUP_STATE_CLOSE, SETUP_STATE_CLOSE},
    [SETUP_STATE_CLOSE] = {setup_close_step, SETUP_STATE_CLOSE, SETUP_STATE_CLOSE},
};

/* ---- what the other files ask for ---- */

void setup_want_trial(struct lcm_setup *setup, bool stores_untried)
{
    setup->is_trial_wanted = true;
    setup->stores_untried = stores_untried;
    setup->attempt = (struct lcm_setup_attempt){.phase = stores_untried ? LCM_SETUP_PHASE_NONE
                                                                        : LCM_SETUP_PHASE_JOIN};
}

bool setup_is_trying(const struct lcm_setup *setup)
{
    return setup->is_trial_wanted || setup->state > SETUP_STATE_SERVE;
}

void setup_want_close(struct lcm_setup *setup)
{
    setup_enter(setup, SETUP_STATE_LINGER);
    setup->leave_ms = setup_now_ms(setup) + LCM_SETUP_PAUSE_MS;
}

uint32_t setup_leaves_in_s(const struct lcm_setup *setup)
{
    uint64_t now_ms = setup_now_ms(setup);

    if (setup->state != SETUP_STATE_LINGER)
        return 0;
    return now_ms < setup->leave_ms ? (uint32_t)(setup->leave_ms - now_ms) / 1000 + 1 : 1;
}

/* ---- begin and step ---- */

static void setup_name_device(struct lcm_setup *setup)
{
    const struct lcm_system *system = setup->config->ports->system;
    struct lcm_text text;
    uint8_t id[6];
    char hex[7];

    system->device_id(system->context, id);
    lcm_text_init(&text, setup->device_id, sizeof(setup->device_id));
    lcm_text_hex(&text, id, sizeof(id));
    lcm_text_init(&text, hex, sizeof(hex));
    lcm_text_hex(&text, id + 3, 3);
    lcm_text_init(&text, setup->name, sizeof(setup->name));
    lcm_text_string(&text, NAME_PREFIX);
    for (size_t i = 0; i < 6; i++)
        lcm_text_char(&text, hex[i] >= 'a' ? (char)(hex[i] - 'a' + 'A') : hex[i]);
}

static enum lcm_err setup_load_code(struct lcm_setup *setup)
{
    const struct lcm_ports *ports = setup->config->ports;
    bool is_new = false; /* new or not, it is printed */

    return lcm_setup_code_ensure(ports->flash, ports->entropy, setup->code, &is_new);
}

enum lcm_err lcm_setup_begin(struct lcm_setup *setup, const struct lcm_setup_config *config)
{
    memset(setup, 0, sizeof(*setup));
    setup->config = config;
    setup->room = (struct lcm_setup_room *)(void *)config->room;
    memset(setup->room, 0, sizeof(*setup->room));
    lcm_sessions_init(&setup->sessions);
    setup_name_device(setup);
    enum lcm_err err = lcm_settings_open(&setup->settings, config->ports->flash);
    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_settings_format(&setup->settings, config->ports->flash);
    if (err == LCM_OK)
        err = setup_load_code(setup);
    setup->begun_ms = setup_now_ms(setup);
    setup->scan_ms = setup->begun_ms;
    setup_enter(setup, SETUP_STATE_SCAN);
    return err;
}

enum lcm_err lcm_setup_step(struct lcm_setup *setup)
{
    const struct lcm_system *system = setup->config->ports->system;
    const struct setup_row *row = &setup_table[setup->state];
    uint8_t state = setup->state;

    if (setup->outcome != LCM_SETUP_GOES_ON && setup->state != SETUP_STATE_CLOSE)
        return LCM_OK;
    system->alive(system->context);
    enum lcm_err err = row->step(setup);
    if (err == LCM_PENDING || setup->state != state)
        return LCM_PENDING;
    if (state == SETUP_STATE_CLOSE)
        return LCM_OK;
    setup_enter(setup, err == LCM_OK ? row->on_ok : row->on_error);
    return LCM_PENDING;
}

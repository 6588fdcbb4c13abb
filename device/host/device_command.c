// SPDX-License-Identifier: Apache-2.0
/*
 * The command line of the virtual device: options in, one machine run (or, with
 * --stay, one per trigger), exit code out. The work is machine.c.
 */
#include "device/host/device_command.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/image/identity.h"
#include "core/update/keys.h"
#include "device/host/machine.h"
#include "device/host/device_settings.h"
#include "host/settings_input.h"

#define SPEED_MAX 1000000
#define POWER_CYCLES_MAX 40
#define INTERVAL_MAX_S 31536000
#define DEFAULT_DEVICE_ID "5ccf7f000001"

static volatile sig_atomic_t device_check_requested;
static volatile sig_atomic_t device_stop_requested;

static void device_on_signal(int number)
{
    if (number == SIGUSR1) {
        device_check_requested = 1;
        return;
    }
    device_stop_requested = 1;
    machine_request_stop();
}

static void device_catch_signals(void)
{
    struct sigaction action = {.sa_handler = device_on_signal};

    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static bool device_load_world(struct machine *machine, const struct cli_args *args)
{
    const char *path = cli_get(args, "world");

    if (path == NULL)
        return true;
    machine->has_world = radio_world_load(&machine->world, path) == CLI_OK;
    return machine->has_world;
}

static bool device_open_wifi(struct machine *machine, const struct cli_args *args)
{
    const char *wifi = cli_get(args, "wifi");

    host_wifi_open(&machine->wifi, machine->has_world ? &machine->world : NULL);
    if (wifi != NULL && machine->has_world) {
        cli_error("--wifi and --world exclude each other: the world file says how joining ends");
        return false;
    }
    if (wifi == NULL || strcmp(wifi, "ok") == 0)
        return true;
    if (strcmp(wifi, "wrong-password") == 0)
        machine->wifi.result = LCM_ERR_WIFI_PASSWORD;
    else if (strcmp(wifi, "not-found") == 0)
        machine->wifi.result = LCM_ERR_WIFI_NOT_FOUND;
    else if (strcmp(wifi, "down") == 0)
        machine->wifi.result = LCM_PENDING;
    else {
        cli_error("--wifi '%s' is unknown: use ok, wrong-password, not-found or down", wifi);
        return false;
    }
    return true;
}

static bool device_open_clock(struct machine *machine, const struct cli_args *args)
{
    const char *time_text = cli_get(args, "time");
    long speed = 1;
    uint64_t unix_seconds = 0;

    if (!cli_number(args, "speed", 1, SPEED_MAX, &speed))
        return false;
    host_clock_open(&machine->clock, (uint32_t)speed);
    if (machine->has_world)
        host_clock_set_world(&machine->clock, &machine->world);
    if (time_text == NULL)
        return true;
    if (strcmp(time_text, "none") == 0) {
        machine->clock.has_utc = false;
        return true;
    }
    if (lcm_text_parse_u64(time_text, strlen(time_text), &unix_seconds) != LCM_OK ||
        unix_seconds > INT64_MAX) {
        cli_error("--time '%s' is malformed: give Unix seconds, or none", time_text);
        return false;
    }
    host_clock_set_utc(&machine->clock, unix_seconds);
    return true;
}

static void device_broadcast_as_world(struct machine *machine)
{
    const struct sockaddr_in *broadcast = &machine->world.broadcast;

    memcpy(machine->net.broadcast.ip, &broadcast->sin_addr, sizeof(machine->net.broadcast.ip));
    machine->net.broadcast.port = ntohs(broadcast->sin_port);
}

static bool device_open_net(struct machine *machine, const struct cli_args *args)
{
    const char *broadcast = cli_get(args, "broadcast");

    host_net_open(&machine->net);
    machine->net.world = machine->has_world ? &machine->world : NULL;
    for (size_t i = 0; cli_get_at(args, "resolve", i) != NULL; i++) {
        if (!host_net_add_override(&machine->net, cli_get_at(args, "resolve", i)))
            return false;
    }
    if (broadcast == NULL && machine->has_world) {
        device_broadcast_as_world(machine);
        return true;
    }
    if (broadcast == NULL)
        broadcast = "127.0.0.1:45678";
    if (strcmp(broadcast, "none") != 0 &&
        !host_net_parse_endpoint(broadcast, &machine->net.broadcast)) {
        cli_error("--broadcast '%s' is malformed: write ADDRESS:PORT or none", broadcast);
        return false;
    }
    return true;
}

static bool device_open_system(struct machine *machine, const struct cli_args *args)
{
    const char *id_text = cli_get(args, "id");
    uint8_t id[6];

    if (lcm_text_parse_hex(id_text != NULL ? id_text : DEFAULT_DEVICE_ID, id, sizeof(id)) !=
        LCM_OK) {
        cli_error("--id '%s' is malformed: give 12 hex digits, for example %s", id_text,
                  DEFAULT_DEVICE_ID);
        return false;
    }
    host_system_open(&machine->system, id);
    machine->ports = (struct lcm_ports){
        .flash = &machine->flash.port,
        .net = &machine->net.port,
        .wifi = &machine->wifi.port,
        .clock = &machine->clock.port,
        .entropy = &host_entropy,
        .system = &machine->system.port,
    };
    return true;
}

static bool device_open_console(struct machine *machine, const struct cli_args *args)
{
    const char *path = cli_get(args, "log");
    FILE *json = cli_has(args, "json") ? stdout : NULL;

    if (path != NULL && json == NULL) {
        json = fopen(path, "ae");
        if (json == NULL) {
            cli_error("cannot write the log '%s': %s", path, strerror(errno));
            return false;
        }
    }
    console_open(&machine->console, json, cli_has(args, "verbose"));
    return true;
}

static void device_close_console(struct machine *machine)
{
    if (machine->console.json != NULL && machine->console.json != stdout)
        fclose(machine->console.json);
}

/* Visitors of set-up: at an address of this machine, or on an interface of their own. */
static bool device_open_setup(struct machine *machine, const struct cli_args *args)
{
    const struct host_access_point_config config = {
        .http = cli_get(args, "portal"),
        .interface = cli_get(args, "portal-interface"),
        .world = machine->has_world ? &machine->world : NULL,
    };

    if (config.http == NULL && config.interface == NULL)
        return true;
    return machine_setup_open(machine, &config,
                              cli_has(args, "serial") || isatty(STDIN_FILENO) == 1);
}

static bool device_open(struct machine *machine, const struct cli_args *args)
{
    machine->flash.fd = -1;
    if (!device_open_console(machine, args) || !device_load_world(machine, args) ||
        !device_open_wifi(machine, args) || !device_open_clock(machine, args) ||
        !device_open_net(machine, args) || !device_open_system(machine, args))
        return false;
    return host_flash_open(&machine->flash, cli_get(args, "flash")) &&
           device_apply_settings(&machine->flash.port, args) && device_open_setup(machine, args);
}

/* What the settings say, or, for an app that came by cable, its own identity. */
static void device_app_version(struct machine *machine, char version[LCM_VERSION_SIZE])
{
    struct lcm_settings settings;
    struct lcm_identity identity;

    version[0] = '\0';
    if (lcm_settings_open(&settings, &machine->flash.port) == LCM_OK &&
        lcm_settings_get(&settings, LCM_KEY_OTA_VERSION, version, LCM_VERSION_SIZE) == LCM_OK)
        return;
    if (lcm_identity_load(&machine->flash.port, LCM_SLOT0_ADDR, &identity) == LCM_OK)
        (void)!lcm_text_copy(version, LCM_VERSION_SIZE, identity.version);
}

static void device_tell_app(struct machine *machine)
{
    char version[LCM_VERSION_SIZE];
    char line[96];

    device_app_version(machine, version);
    snprintf(line, sizeof(line), "slot 0, app%s%s runs", version[0] != '\0' ? " " : "", version);
    console_end(&machine->console, "app", line);
}

/* Tell what the run cost and how it ended; its exit code. */
static int device_finish(struct machine *machine, enum machine_end end)
{
    machine_tell_counters(machine);
    switch (end) {
    case MACHINE_APP:
        device_tell_app(machine);
        return machine->has_updater_run && machine->last_result != LCM_OK ? CLI_PARTIAL : CLI_OK;
    case MACHINE_SETUP:
        console_end(&machine->console, "setup",
                    "set-up is needed: --portal 127.0.0.1:8080 opens its page, or store wifi_ssid "
                    "and ota_repo (lcm device --set ...)");
        return CLI_ERROR;
    case MACHINE_NO_IMAGE:
        console_end(&machine->console, "no-image", "neither slot holds a bootable image");
        return CLI_ERROR;
    case MACHINE_RESET_LOOP:
        console_end(&machine->console, "reset-loop", "too many resets in one run");
        return CLI_ERROR;
    case MACHINE_STOPPED:
    default:
        console_end(&machine->console, "stopped", "power off");
        return CLI_INTERRUPTED;
    }
}

/* The app runs; every signal or interval lets it ask for a check. */
static int device_stay(struct machine *machine, int code, long interval_s)
{
    time_t next = time(NULL) + (time_t)interval_s;
    struct timespec pause = {.tv_nsec = 50000000};

    while (!device_stop_requested) {
        bool is_due = interval_s > 0 && time(NULL) >= next;
        if (!device_check_requested && !is_due) {
            (void)nanosleep(&pause, NULL);
            continue;
        }
        device_check_requested = 0;
        next = time(NULL) + (time_t)interval_s;
        code = device_finish(machine, machine_check(machine));
    }
    return code == CLI_INTERRUPTED ? CLI_OK : code;
}

static int device_run_machine(struct machine *machine, const struct cli_args *args)
{
    long cycles = 1;
    long interval_s = 0;
    long cut_after = 0;

    if (!cli_number(args, "cut-after", 1, LCM_FLASH_SIZE, &cut_after) ||
        !cli_number(args, "power-cycles", 1, POWER_CYCLES_MAX, &cycles) ||
        !cli_number(args, "interval", 1, INTERVAL_MAX_S, &interval_s))
        return CLI_USAGE;
    machine->cut_after = (uint32_t)cut_after;
    enum machine_end end = machine_power_on(machine, (uint32_t)cycles);
    if (end == MACHINE_APP && cli_has(args, "check") && !machine->has_updater_run)
        end = machine_check(machine);
    int code = device_finish(machine, end);
    return cli_has(args, "stay") && end == MACHINE_APP ? device_stay(machine, code, interval_s)
                                                       : code;
}

static int device_check_flash(const struct cli_args *args)
{
    const char *path = cli_get(args, "flash");

    if (path == NULL) {
        cli_error("--flash FILE is missing: name a flash image, or make one with "
                  "'lcm flash compose'");
        return CLI_USAGE;
    }
    if (access(path, F_OK) == 0)
        return CLI_OK;
    cli_error("%s: there is no such flash image: make one with 'lcm flash compose'", path);
    return CLI_NOT_FOUND;
}

static int device_run(const struct cli_args *args)
{
    int code = device_check_flash(args);
    struct machine *machine = code == CLI_OK ? calloc(1, sizeof(*machine)) : NULL;

    if (code != CLI_OK)
        return code;
    code = CLI_USAGE;
    if (machine == NULL) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    device_catch_signals();
    if (device_open(machine, args))
        code = device_run_machine(machine, args);
    machine_setup_close(machine);
    device_close_console(machine);
    host_flash_close(&machine->flash);
    host_net_close(&machine->net);
    free(machine);
    return code;
}

static const struct cli_option device_options[] = {
    {"flash", "FILE", "flash image of the device, 1 MiB (made by lcm flash compose)"},
    {"set", "KEY=VALUE",
     "store a setting before power-on, an empty value deletes it "
     "(repeatable): " SETTINGS_HELP_KEYS},
    {"settings", "FILE", "store the settings of a file, one KEY=VALUE a line"},
    {"resolve", "NAME:ADDRESS[:PORT]", "look NAME up as ADDRESS (repeatable)"},
    {"check", NULL, "once the app runs, let it ask for an update check"},
    {"power-cycles", "N", "start with N short power cycles in a row (5 and more enter the modes)"},
    {"stay", NULL, "keep running: SIGUSR1 or --interval trigger checks, SIGTERM ends"},
    {"interval", "SECONDS", "with --stay: check this often"},
    {"speed", "N", "pass waiting times N times faster"},
    {"time", "UNIX", "the time the network tells (Unix seconds, or none)"},
    {"wifi", "RESULT", "how joining ends: ok, wrong-password, not-found, down"},
    {"world", "FILE", "Wi-Fi networks, names and time around the device (docs/EMULATOR.md)"},
    {"portal", "ADDRESS:PORT", "open set-up's page here when it is needed (http://ADDRESS:PORT/)"},
    {"portal-interface", "NAME",
     "open set-up on this network interface, with DHCP and DNS (192.168.4.1/24, root)"},
    {"serial", NULL, "set-up's serial menu on standard input, even if it is no terminal"},
    {"broadcast", "ADDRESS:PORT",
     "where the plain-text log goes (default 127.0.0.1:45678, or none)"},
    {"id", "HEX", "device id: MAC address as 12 hex digits"},
    {"cut-after", "BYTES", "cut the power once this many bytes of a file are installed"},
    {"verbose", NULL, "print every state"},
    {"log", "FILE", "append JSON lines to FILE as well"},
    {"json", NULL, "print JSON, one object per line"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_device_command = {
    .name = "device",
    .summary = "Run a device as a Linux process, from power-on to the app",
    .usage = "lcm device --flash FILE [--set KEY=VALUE]... [--resolve NAME:ADDRESS[:PORT]]...",
    .examples =
        "lcm device --flash lamp.flash --set wifi_ssid=home --set ota_repo=me/lamp\n"
        "lcm device --flash lamp.flash --check --resolve github.com:127.0.0.1:8443\n"
        "lcm device --flash lamp.flash --power-cycles 5\n"
        "\n"
        "Exit codes here: 0 the app runs, 7 it runs but the last check failed, 1 nothing can run.",
    .options = device_options,
    .positional_min = 0,
    .positional_max = 0,
    .run = device_run,
};

// SPDX-License-Identifier: Apache-2.0
/*
 * lcm emu: the chip itself, emulated. Options in, one run of port/emulator, exit code out.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "core/base/text.h"
#include "port/emulator/emulator.h"
#include "port/emulator/radio_host.h"
#include "tools/commands.h"
#include "tools/common.h"

#define EMU_DEFAULT_ID "5ccf7f000001"
#define EMU_PATH_SIZE 1024
#define EMU_TIMEOUT_MAX_S 604800
#define EMU_OPERATION_MAX 1000000000
#define LED_OFFSET 7u           /* in the boot configuration */
#define EMU_LED_DEFAULT_GPIO 2u /* lit by 0, as on most modules */

static void emu_on_signal(int number)
{
    (void)number;
    emulator_request_stop();
}

static void emu_catch_signals(void)
{
    struct sigaction action = {.sa_handler = emu_on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigemptyset(&action.sa_mask);
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGTTIN, &ignore, NULL);
}

/* Where the build puts the ROM program: beside the folder of this program. */
static const char *emu_rom_path(const struct cli_args *args, char path[EMU_PATH_SIZE])
{
    const char *given = cli_get(args, "rom");
    char own[EMU_PATH_SIZE - 32];
    ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
    char *folder;

    if (given != NULL)
        return given;
    own[length > 0 ? length : 0] = '\0';
    folder = strrchr(own, '/');
    if (folder != NULL)
        *folder = '\0';
    snprintf(path, EMU_PATH_SIZE, "%s/../lx106/rom.elf", own);
    return path;
}

/* "--cut N" or "--cut N:torn" */
static bool emu_read_cut(const struct cli_args *args, struct chip_flash *flash)
{
    static const char *const names[] = {
        [CHIP_FLASH_CUT_BEFORE] = "before",
        [CHIP_FLASH_CUT_TORN] = "torn",
        [CHIP_FLASH_CUT_AFTER] = "after",
    };
    const char *text = cli_get(args, "cut");
    uint64_t number = 0;

    if (text == NULL)
        return true;
    size_t digits = strcspn(text, ":");
    const char *name = text[digits] == ':' ? text + digits + 1 : "before";

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        flash->cut = (enum chip_flash_cut)i;
        if (lcm_text_parse_u64(text, digits, &number) != LCM_OK || number < 1 ||
            number > EMU_OPERATION_MAX)
            break;
        flash->cut_at = (uint32_t)number;
        return true;
    }
    cli_error("--cut '%s' is malformed: write N, N:before, N:torn or N:after", text);
    return false;
}

static bool emu_read_numbers(struct emulator *emulator, const struct cli_args *args)
{
    const char *id = cli_get(args, "id");
    long cycles = 1;
    long timeout_s = 0;

    if (!cli_number(args, "power-cycle", 1, EMULATOR_POWER_CYCLES_MAX, &cycles) ||
        !cli_number(args, "timeout", 1, EMU_TIMEOUT_MAX_S, &timeout_s))
        return false;
    emulator->power_cycles = (uint32_t)cycles - 1;
    emulator->timeout_ms = (uint64_t)timeout_s * 1000;
    emulator->is_counted = cli_has(args, "icount");
    emulator->is_seeded = cli_has(args, "seed");
    if (!tool_u32(args, "seed", 0, &emulator->seed))
        return false;
    emulator->random_state = emulator->seed;
    if (!emulator->is_seeded &&
        getrandom(&emulator->seed, sizeof(emulator->seed), 0) != (ssize_t)sizeof(emulator->seed))
        emulator->seed = (uint32_t)getpid();
    if (id == NULL)
        id = EMU_DEFAULT_ID;
    if (lcm_text_parse_hex(id, emulator->radio_config.mac, 6) == LCM_OK)
        return true;
    cli_error("--id '%s' is malformed: give 12 hex digits, for example %s", id, EMU_DEFAULT_ID);
    return false;
}

/* Show the LED that the boot program lights. */
static void emu_find_led(struct emulator *emulator)
{
    uint8_t byte;

    emulator->led = (struct lcm_led){.gpio = EMU_LED_DEFAULT_GPIO};
    if (chip_flash_read(&emulator->flash, LCM_BOOTCONF_ADDR + LED_OFFSET, &byte, 1))
        (void)lcm_bootconf_led_decode(byte, &emulator->led);
}

static bool emu_open(struct emulator *emulator, const struct cli_args *args)
{
    if (!emu_read_numbers(emulator, args) || !qemu_is_usable(emulator->rom_path) ||
        !chip_flash_open(&emulator->flash, cli_get(args, "flash")) ||
        !emu_read_cut(args, &emulator->flash))
        return false;
    emu_find_led(emulator);
    emulator->view.is_json = cli_has(args, "json");
    emulator->view.until = cli_get(args, "until");
    emulator->watch.ends_at_app = cli_has(args, "until-app");
    emulator->watch.wants_check = cli_has(args, "check");
    if (!uart_open(&emulator->uart, cli_get(args, "uart"), emulator->view.is_json))
        return false;
    if (emulator->uart.place[0] != '\0')
        view_place(&emulator->view, emulator->uart.place);
    if (emulator->uart.has_keys)
        view_note(&emulator->view, "Ctrl-A p power off and on, f flash button, x end");
    return true;
}

static const char *emu_end_name(enum emulator_end end)
{
    switch (end) {
    case EMULATOR_UNTIL:
        return "until";
    case EMULATOR_TIMEOUT:
        return "timeout";
    case EMULATOR_CUT:
        return "cut";
    case EMULATOR_STOP:
        return "stop";
    case EMULATOR_EXIT:
        return "exit";
    case EMULATOR_RUNS:
    case EMULATOR_FAILED:
    default:
        return "failed";
    }
}

static int emu_exit_code(const struct emulator *emulator, enum emulator_end end)
{
    switch (end) {
    case EMULATOR_TIMEOUT:
        return emulator->view.until != NULL || emulator->watch.ends_at_app ? CLI_TIMEOUT : CLI_OK;
    case EMULATOR_STOP:
    case EMULATOR_FAILED:
        return CLI_ERROR;
    case EMULATOR_RUNS:
    case EMULATOR_UNTIL:
    case EMULATOR_CUT:
    case EMULATOR_EXIT:
    default:
        return CLI_OK;
    }
}

static void emu_show_radio(void *context, enum radio_event event, const char *text)
{
    view_radio(context, radio_event_name(event), text);
}

/* A mistake shows now, not at power-on. */
static bool emu_check_world(const char *path, const char *portal)
{
    struct radio_world *world = calloc(1, sizeof(*world));
    bool is_good = world != NULL && (path == NULL || radio_world_load(world, path) == CLI_OK) &&
                   (portal == NULL || radio_world_set_portal(world, portal));

    free(world);
    return is_good;
}

/* Radio unless it is not wanted. */
static bool emu_open_radio(struct emulator *emulator, const struct cli_args *args,
                           struct radio *radio, struct radio_observer *observer)
{
    emulator->radio_config.world_path = cli_get(args, "world");
    emulator->radio_config.station_path = cli_get(args, "station");
    emulator->radio_config.capture_path = cli_get(args, "capture");
    emulator->radio_config.portal = cli_get(args, "portal");
    if (cli_has(args, "no-radio"))
        return true;
    if (!emu_check_world(emulator->radio_config.world_path, emulator->radio_config.portal))
        return false;
    emulator->radio = radio;
    *observer = (struct radio_observer){.event = emu_show_radio, .context = &emulator->view};
    return radio_host_new(radio, observer);
}

static int emu_run(const struct cli_args *args)
{
    struct emulator *emulator = calloc(1, sizeof(*emulator));
    char rom_path[EMU_PATH_SIZE];
    struct radio radio = {.context = NULL};
    struct radio_observer observer;
    int code = CLI_USAGE;

    if (emulator == NULL) {
        cli_error("out of memory");
        return CLI_ERROR;
    }
    emulator->rom_path = emu_rom_path(args, rom_path);
    emulator->flash.file.fd = -1;
    emulator->uart = (struct uart){.fd = -1, .keep_fd = -1, .listen_fd = -1};
    emu_catch_signals();
    if (emu_open(emulator, args) && emu_open_radio(emulator, args, &radio, &observer)) {
        enum emulator_end end = emulator_run(emulator);

        view_flash(&emulator->view, &emulator->flash, cli_has(args, "wear"));
        view_end(&emulator->view, emu_end_name(end));
        code = emu_exit_code(emulator, end);
    }
    radio_host_free(&radio);
    uart_close(&emulator->uart);
    chip_flash_close(&emulator->flash);
    free(emulator);
    return code;
}

static const struct cli_option emu_options[] = {
    {"flash", "FILE", "flash image of the device, 1 MiB (made by lcm flash compose)"},
    {"uart", "PLACE", "terminal (default), pty, or tcp:PORT"},
    {"power-cycle", "N", "power on N times; all but the last end while the boot program waits"},
    {"cut", "N[:HOW]", "power goes in flash operation N: before (default), torn, after"},
    {"until", "TEXT", "end once the UART prints TEXT"},
    {"until-app", NULL, "end once the app has the chip"},
    {"check", NULL, "once the app runs, hold the flash button until it asks for an update"},
    {"timeout", "SECONDS", "end after this time (exit code 6 when --until did not appear)"},
    {"icount", NULL, "count time in instructions, one a nanosecond: repeatable"},
    {"seed", "N", "repeatable random numbers and garbage in RTC memory"},
    {"id", "HEX", "MAC address as 12 hex digits"},
    {"world", "FILE",
     "Wi-Fi networks and names around the chip (default: any network, real names)"},
    {"station", "PATH", "make a socket where programs join the chip's access point"},
    {"portal", "[ADDRESS:]PORT",
     "open the chip's own set-up page at this port of this machine (127.0.0.1)"},
    {"capture", "FILE", "write every frame of the radio to a pcap file"},
    {"no-radio", NULL, "without Wi-Fi"},
    {"rom", "FILE", "ROM program (default: rom.elf of this build)"},
    {"wear", NULL, "print how often each sector was erased"},
    {"json", NULL, "print JSON, one object per line, instead of the UART"},
    {NULL, NULL, NULL},
};

static const char *const emu_required[] = {"flash", NULL};

const struct cli_command lcm_emu_command = {
    .name = "emu",
    .summary = "Run the firmware on an emulated chip, from power-on",
    .usage = "lcm emu --flash FILE [--uart PLACE] [--power-cycle N] [--timeout SECONDS]",
    .examples =
        "lcm emu --flash lamp.bin                        # watch it boot; Ctrl-A x ends\n"
        "lcm emu --flash lamp.bin --power-cycle 5        # five short power cycles\n"
        "lcm emu --flash lamp.bin --cut 3:torn --wear    # power goes in the 3rd operation\n"
        "lcm emu --flash lamp.bin --portal 8080          # its set-up page: "
        "http://127.0.0.1:8080/\n"
        "lcm emu --flash lamp.bin --json --until 'boot: slot 0' --timeout 20",
    .options = emu_options,
    .required = emu_required,
    .positional_min = 0,
    .positional_max = 0,
    .run = emu_run,
};

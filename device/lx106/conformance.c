// SPDX-License-Identifier: Apache-2.0
/*
 * Program for slot 0 that runs the conformance checks of port/conformance on the chip's ports and
 * tells each result on the UART. Network and echo service come from the settings area: wifi_ssid,
 * wifi_password, and echo_port and closed_port of the host echo.test. It runs no part of core but
 * what the checks need, and stays where it is when it is done.
 */
#include <stdint.h>

#include "core/base/text.h"
#include "lcm/lcm_app.h"
#include "port/conformance/conformance.h"
#include "port/emulator/guest/board.h"
#include "port/lx106/rom.h"
#include "port/lx106/trap.h"

#define TEXT_SIZE 65u
#define IDLE_MS 1u

LCM_APP_IDENTITY("lifecycle-manager/conformance", "main.bin", "1.0.0");

static struct board board;
static struct lcm_conformance conformance;
static char ssid[TEXT_SIZE];
static char password[TEXT_SIZE];

/* The panic line on the UART says all that matters here. */
void lx106_last_words(uint32_t cause, uint32_t address)
{
    (void)cause;
    (void)address;
}

static void conformance_tell(void *context, const char *name, enum lcm_err result)
{
    (void)context;
    ets_printf("conformance: %s: %s\n", name, result == LCM_OK ? "kept" : lcm_err_name(result));
}

/* A port number of the settings; 0 = none. */
static uint16_t port_setting(const char *key)
{
    char text[TEXT_SIZE];
    uint64_t number = 0;
    int length = lcm_app_setting(key, text, sizeof(text));

    if (length <= 0 || lcm_text_parse_u64(text, (size_t)length, &number) != LCM_OK ||
        number > UINT16_MAX)
        return 0;
    return (uint16_t)number;
}

static void text_setting(const char *key, char text[TEXT_SIZE])
{
    if (lcm_app_setting(key, text, TEXT_SIZE) <= 0)
        text[0] = '\0';
}

int main(void)
{
    struct lcm_conformance_config config = {
        .ports = &board.ports,
        .ssid = ssid,
        .password = password,
        .wrong_password = "not-the-password",
        .echo_host = "echo.test",
        .echo_port = port_setting("echo_port"),
        .closed_port = port_setting("closed_port"),
        .missing_host = "missing.test",
        .tell = conformance_tell,
    };

    text_setting("wifi_ssid", ssid);
    text_setting("wifi_password", password);
    board_init(&board);
    lcm_conformance_init(&conformance, &config);
    ets_printf("\nconformance: ports of the chip\n");
    while (lcm_conformance_step(&conformance) == LCM_PENDING)
        board_idle(&board, IDLE_MS);
    ets_printf("conformance: %u contracts broken, the end\n", (unsigned)conformance.failures);
    for (;;)
        board_idle(&board, IDLE_MS);
}

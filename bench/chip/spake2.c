// SPDX-License-Identifier: Apache-2.0
/*
 * Program for slot 0 that runs the device's side of one set-up session: the first golden session of
 * tests/vectors/spake2.json. It tells cycles and stack, and whether the numbers were right. On the
 * emulated chip, counting instructions, one cycle is 25 of them.
 */
#include <stdint.h>
#include <string.h>

#include "core/base/text.h"
#include "lcm/lcm_app.h"
#include "port/lx106/clock.h"
#include "port/lx106/rom.h"
#include "port/lx106/stack.h"
#include "port/lx106/trap.h"
#include "portal/items.h"
#include "portal/spake2.h"

#define CODE "7K3MQ9XTA2HB"
#define DEVICE_ID "5ccf7f000001"
#define SESSION "519e135be045694d"
#define Y "46506da831771a3bb15968100570a05d3ca216651de6aad7b12a42ffa4f4a079"
#define CLIENT_SHARE \
    "04a1627b77330477f67b3b290df8e633f1a90603d63b9e0bdfefa1f2e2a6d3c56e" \
    "92ffefa04da197c986a1d4ccb7cf1f407321344b885eb7ac1378c953014bc2ac"
#define DEVICE_SHARE \
    "0464d2013be2946dd5cb2abb21516c2545abceae6598217fb4eb485e1e7e086a32" \
    "d73e52be919d9486ae319334025d157059b0a4afb05c386f28b5fe7ee413b32d"
#define CLIENT_CONFIRM "c1c7ce78ce8ebf9bd5a3883cfbf342c6ebae2f4178801891cae545bd340ac562"
#define DEVICE_CONFIRM "02b2b6a23642b796519307abf66f153d7cfce215559789f6d035e65cace33987"

LCM_APP_IDENTITY("bench/spake2", "spake2.bin", "1.0.0");

/* Everything large is static: the stack is what the functions need. */
static struct lcm_spake2 exchange;
static struct lcm_message_channel channel;
static uint8_t session[LCM_SETUP_SESSION_SIZE];
static uint8_t client_share[LCM_SETUP_POINT_SIZE];
static uint8_t expected[LCM_SETUP_POINT_SIZE];
static uint8_t client_confirm[LCM_SETUP_CONFIRM_SIZE];
static uint8_t device_confirm[LCM_SETUP_CONFIRM_SIZE];
static uint8_t message[LCM_MESSAGE_SIZE];
static uint32_t longest, total;

void lx106_last_words(uint32_t cause, uint32_t address)
{
    (void)cause;
    (void)address;
}

static enum lcm_err fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    return size == LCM_SPAKE2_SCALAR_SIZE ? lcm_text_parse_hex(Y, dst, size) : LCM_ERR_ENTROPY;
}

static void count(uint32_t before)
{
    uint32_t cycles = lx106_ccount() - before;

    total += cycles;
    if (cycles > longest)
        longest = cycles;
}

/* true when bytes are what the digits say. */
static bool is_right(const char *digits, const uint8_t *bytes, size_t size)
{
    return lcm_text_parse_hex(digits, expected, size) == LCM_OK &&
           memcmp(bytes, expected, size) == 0;
}

static bool run_exchange(void)
{
    static const struct lcm_entropy entropy = {NULL, fill};
    const struct lcm_spake2_request request = {CODE, DEVICE_ID, session, client_share};
    enum lcm_err err = lcm_text_parse_hex(SESSION, session, sizeof(session));

    if (err == LCM_OK)
        err = lcm_text_parse_hex(CLIENT_SHARE, client_share, sizeof(client_share));
    if (err == LCM_OK)
        err = lcm_text_parse_hex(CLIENT_CONFIRM, client_confirm, sizeof(client_confirm));
    uint32_t before = lx106_ccount();
    if (err == LCM_OK)
        err = lcm_spake2_begin(&exchange, &lcm_crypto_small, &entropy, &request);
    count(before);
    for (err = err == LCM_OK ? LCM_PENDING : err; err == LCM_PENDING;) {
        before = lx106_ccount();
        err = lcm_spake2_step(&exchange);
        count(before);
    }
    return err == LCM_OK && is_right(DEVICE_SHARE, lcm_spake2_share(&exchange), 65);
}

static bool run_confirm(void)
{
    uint32_t before = lx106_ccount();
    enum lcm_verdict verdict =
        lcm_spake2_confirm(&exchange, client_confirm, device_confirm, &channel);

    count(before);
    return verdict == LCM_VERDICT_VALID && is_right(DEVICE_CONFIRM, device_confirm, 32);
}

/* One answer. */
static bool run_message(uint32_t *cycles)
{
    struct lcm_items_writer writer;
    uint32_t before = lx106_ccount();

    channel.is_answer_due = true;
    lcm_items_begin(&writer, message + LCM_MESSAGE_TEXT_OFFSET, LCM_MESSAGE_TEXT_SIZE,
                    LCM_SETUP_DONE);
    enum lcm_err err = lcm_message_seal(&channel, &lcm_crypto_small, message);
    *cycles = lx106_ccount() - before;
    return err == LCM_OK;
}

int main(void)
{
    uint32_t message_cycles = 0;
    bool is_good = run_exchange() && run_confirm() && run_message(&message_cycles);

    ets_printf("spake2: %u cycles, longest step %u, message %u, stack %u, sizes %u %u\n",
               (unsigned)total, (unsigned)longest, (unsigned)message_cycles,
               (unsigned)lx106_stack_used(), (unsigned)sizeof(exchange), (unsigned)sizeof(channel));
    ets_printf("spake2: %s\n", is_good ? "right" : "wrong");
    for (;;)
        ets_delay_us(100000);
}

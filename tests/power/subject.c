// SPDX-License-Identifier: Apache-2.0
/*
 * Boot, run, reset, boot again on simulated hardware; see the header. What to do next is
 * decided by boot/select.c and core/update only.
 */
#include "tests/power/subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "boot/select.h"
#include "core/image/identity.h"
#include "core/store/rtc.h"
#include "lcm/lcm_app.h"

#define STEP_MS 5u
#define STEPS_MAX 2000000u
#define SELECT_TRIES 5u
#define STACK_GARBAGE_SIZE 12288u
#define NOW_S 1795342830u

void subject_fail(struct subject *subject, const char *format, ...)
{
    va_list arguments;

    if (subject->wrong[0] != '\0')
        return;
    va_start(arguments, format);
    vsnprintf(subject->wrong, sizeof(subject->wrong), format, arguments);
    va_end(arguments);
}

/* ---- garbage ---- */

static void garbage_fill(struct subject *subject, void *dst, size_t size)
{
    uint8_t *bytes = dst;

    if (subject->is_memory_kept)
        return;
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word = nor_random(&subject->random);
        memcpy(bytes + i, &word, 8);
    }
}

/* The stack frame of this function is where the next program's will be. */
__attribute__((noinline)) static void garbage_stack(struct subject *subject)
{
    volatile uint8_t frame[STACK_GARBAGE_SIZE];
    uint8_t byte = (uint8_t)nor_random(&subject->random);

    for (size_t i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)(byte + 29u * i);
}

static void garbage_everywhere(struct subject *subject)
{
    garbage_fill(subject, &subject->lifecycle, sizeof(subject->lifecycle));
    /* The first and last KiB tell as much as all 16 of it. */
    garbage_fill(subject, subject->tls_buffer, 1024);
    garbage_fill(subject, subject->tls_buffer + LCM_TLS_BUFFER_SIZE - 1024, 1024);
    garbage_stack(subject);
}

/* ---- ports ---- */

static enum lcm_err port_join(void *context, const char *ssid, const char *password)
{
    (void)context;
    (void)ssid;
    (void)password;
    return LCM_OK;
}

static bool port_has_link(void *context)
{
    (void)context;
    return true;
}

static void port_address(void *context, uint8_t ip[4])
{
    (void)context;
    memcpy(ip, "\xC0\x00\x02\x02", 4);
}

static void port_leave(void *context)
{
    (void)context;
}

static uint64_t port_now(void *context)
{
    return ((struct subject *)context)->now_ms;
}

static enum lcm_err port_utc(void *context, uint64_t *seconds)
{
    (void)context;
    *seconds = NOW_S;
    return LCM_OK;
}

static enum lcm_err port_fill(void *context, uint8_t *dst, size_t size)
{
    struct subject *subject = context;

    for (size_t i = 0; i < size; i++)
        dst[i] = (uint8_t)nor_random(&subject->random);
    return LCM_OK;
}

static void port_rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    struct subject *subject = context;

    if (offset + size > LCM_RTC_SIZE)
        subject_fail(subject, "RTC memory read outside its bounds");
    else
        memcpy(dst, subject->rtc + offset, size);
}

static void port_rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    struct subject *subject = context;

    if (offset + size > LCM_RTC_SIZE)
        subject_fail(subject, "RTC memory written outside its bounds");
    else
        memcpy(subject->rtc + offset, src, size);
}

static void port_id(void *context, uint8_t id[6])
{
    (void)context;
    memcpy(id, "\x02\x00\x00\x00\x00\x01", 6);
}

static void port_alive(void *context)
{
    (void)context;
}

static void trace_state(void *context, const char *name)
{
    struct subject *subject = context;

    if (subject->is_traced)
        printf("    %8llu ms  %s\n", (unsigned long long)subject->now_ms, name);
}

static void trace_event(void *context, const struct lcm_event *event)
{
    struct subject *subject = context;

    if (subject->is_traced)
        printf("    %8llu ms  * %s: %s %s\n", (unsigned long long)subject->now_ms, event->text,
               event->file, event->result == LCM_OK ? "" : lcm_err_name(event->result));
}

void subject_init(struct subject *subject, const struct field *field,
                  const struct field_offer *offer)
{
    memset(subject, 0, sizeof(*subject));
    nor_flash_init(&subject->flash);
    release_net_init(&subject->net, field, offer);
    subject->field = field;
    subject->random = 1;
    subject->now_ms = 1000;
    subject->wifi = (struct lcm_wifi){subject, port_join, port_has_link, port_address, port_leave};
    subject->clock = (struct lcm_clock){subject, port_now, port_utc};
    subject->entropy = (struct lcm_entropy){subject, port_fill};
    subject->system =
        (struct lcm_system){subject, port_rtc_read, port_rtc_write, port_id, port_alive};
    subject->ports = (struct lcm_ports){
        .flash = &subject->flash.port,
        .net = &subject->net.port,
        .wifi = &subject->wifi,
        .clock = &subject->clock,
        .entropy = &subject->entropy,
        .system = &subject->system,
    };
    subject->observer =
        (struct lcm_observer){.context = subject, .event = trace_event, .state = trace_state};
    garbage_fill(subject, subject->rtc, sizeof(subject->rtc));
}

/* ---- what is on flash ---- */

int subject_program_at(const struct subject *subject, uint32_t slot_addr)
{
    /* A mark without a value is what it reads as: who asks has seen it, or does not mind. */
    uint32_t skip = nor_image_is_weak(&subject->flash.image, slot_addr, SUBJECT_MARK_SIZE)
                        ? SUBJECT_MARK_SIZE
                        : 0;

    for (int i = 0; i < FIELD_PROGRAM_COUNT; i++) {
        const struct field_file *file = &subject->field->program[i];

        if (field_slot_addr((enum field_program)i) == slot_addr && slot_addr != LCM_BOOT_ADDR &&
            nor_image_equals(&subject->flash.image, slot_addr + skip, file->bytes + skip,
                             file->size - skip))
            return i;
    }
    return -1;
}

/* The mask ROM starts sector 0 and nothing else; it does not look at the version text. */
static bool subject_has_boot_program(const struct subject *subject)
{
    uint8_t sector[LCM_SECTOR_SIZE];

    for (int i = FIELD_BOOT_1; i <= FIELD_BOOT_2; i++) {
        field_boot_sector(subject->field, (enum field_program)i, sector);
        if (nor_image_equals(&subject->flash.image, LCM_BOOT_ADDR, sector, LCM_BOOT_VERSION_OFFSET))
            return true;
    }
    return false;
}

/* ---- programs that run ---- */

static enum subject_end subject_run_updater(struct subject *subject, uint32_t slot, int program)
{
    bool is_down = subject->net.is_down;
    uint64_t until_ms = subject->now_ms + (is_down ? SUBJECT_OFFLINE_MS : SUBJECT_RUN_MS);

    garbage_everywhere(subject);
    subject->updater_runs++;
    subject->net.port.close(&subject->net);
    subject->config = (struct lcm_lifecycle_config){
        .ports = &subject->ports,
        .observer = &subject->observer,
        .crypto = &lcm_crypto_small,
        .tls_buffer = subject->tls_buffer,
        .version = field_version((enum field_program)program),
        .running_slot = slot,
    };
    lcm_lifecycle_init(&subject->lifecycle, &subject->config);
    for (uint32_t i = 0; i < STEPS_MAX; i++) {
        if (lcm_lifecycle_step(&subject->lifecycle) == LCM_OK)
            return subject->lifecycle.outcome == LCM_OUTCOME_SETUP ? SUBJECT_SETUP : SUBJECT_APP;
        uint64_t wait_ms = lcm_lifecycle_waits_until_ms(&subject->lifecycle);
        subject->now_ms = wait_ms > subject->now_ms ? wait_ms : subject->now_ms + STEP_MS;
        if (subject->now_ms >= until_ms)
            return SUBJECT_WAITING;
    }
    subject_fail(subject, "the life cycle spins in %s",
                 lcm_lifecycle_state_name(&subject->lifecycle));
    return SUBJECT_WRONG;
}

/* The app's side of lcm_app.h, on the RTC memory of the subject. */
static void subject_ask_for_update(struct subject *subject)
{
    uint32_t words[LCM_RTC_SIZE / 4];

    memcpy(words, subject->rtc, sizeof(words));
    lcm_app_mark_update_in(words);
    memcpy(subject->rtc, words, sizeof(words));
}

/* As boot/lx106/main.c decides it; a power cut is a power-on, a reset is none. */
static bool subject_is_power_on(struct subject *subject, bool is_power_lost)
{
    struct lcm_rtc_boot boot;

    return lcm_rtc_boot_load(&subject->system, &boot) != LCM_OK ||
           (is_power_lost && boot.next_mode == LCM_RTC_MODE_STANDARD);
}

/* A flash whose reads fail is asked again, as in boot/lx106/main.c. */
static enum lcm_err subject_select(struct subject *subject, bool is_power_on,
                                   struct lcm_boot_choice *choice)
{
    uint32_t tries = subject->flash.fault.read_fail_at != UINT32_MAX ? SELECT_TRIES : 1;
    enum lcm_err err = LCM_ERR_FLASH;

    for (uint32_t i = 0; i < tries && err != LCM_OK; i++)
        err =
            lcm_boot_select(&subject->flash.port, &subject->system, is_power_on && i == 0, choice);
    return err;
}

/* One boot: the program that got the device, or -1 with *end set. */
static int subject_boot(struct subject *subject, bool is_power_lost, struct lcm_boot_choice *choice,
                        enum subject_end *end)
{
    bool is_power_on = subject_is_power_on(subject, is_power_lost);
    int program;

    *end = SUBJECT_DEAD;
    if (!subject_has_boot_program(subject)) {
        if (!subject->is_dead_expected)
            subject_fail(subject, "sector 0 holds no boot program");
        return -1;
    }
    garbage_fill(subject, choice, sizeof(*choice));
    garbage_stack(subject);
    if (subject_select(subject, is_power_on, choice) != LCM_OK) {
        *end = SUBJECT_WAITING;
        if (subject->flash.fault.read_fail_at == UINT32_MAX)
            subject_fail(subject, "neither slot boots");
        return -1;
    }
    if (is_power_on)
        (void)!lcm_boot_survived(&subject->flash.port);
    program = subject_program_at(subject, choice->addr);
    if (subject->is_traced)
        printf("  boot: slot %u, program %d, count %u%s\n", choice->slot, program,
               (unsigned)choice->count, choice->is_fallback ? ", fallback" : "");
    if (program < 0)
        subject_fail(subject, "slot %u starts, but is no program that anybody signed",
                     choice->slot);
    else if (nor_image_is_weak(&subject->flash.image, choice->addr + SUBJECT_MARK_SIZE,
                               subject->field->program[program].size - SUBJECT_MARK_SIZE))
        subject_fail(subject, "slot %u starts with bits that read differently each time",
                     choice->slot);
    return program;
}

static bool subject_is_app(int program)
{
    return program == FIELD_APP_1 || program == FIELD_APP_2 || program == FIELD_APP_REFERENCE ||
           program == FIELD_APP_1_DAMAGED;
}

/* The app runs: true when it hands the device to the updater. */
static bool subject_run_app(struct subject *subject, bool *has_asked)
{
    if (subject->look != NULL)
        subject->look(subject);
    if (subject->act != NULL && !subject->has_acted) {
        subject->has_acted = true;
        subject->act(subject);
        return false;
    }
    if (*has_asked)
        return false;
    *has_asked = true;
    subject_ask_for_update(subject);
    return true;
}

/* The updater is done; true when the run goes on with a reset. */
static bool subject_after_updater(struct subject *subject, enum subject_end *end)
{
    if (*end != SUBJECT_SETUP)
        return *end == SUBJECT_APP;
    if (subject->set_up == NULL || subject->is_set_up)
        return false;
    subject->is_set_up = true;
    subject->set_up(subject);
    subject_ask_for_update(subject);
    return true;
}

static enum subject_end subject_loop(struct subject *subject, bool is_power_lost)
{
    struct lcm_boot_choice choice;
    enum subject_end end;
    bool has_asked = false;

    for (subject->boots = 1; subject->boots <= SUBJECT_BOOTS_MAX; subject->boots++) {
        int program = subject_boot(subject, is_power_lost, &choice, &end);

        is_power_lost = false;
        if (program < 0)
            return end;
        if (subject_is_app(program)) {
            if (!subject_run_app(subject, &has_asked))
                return SUBJECT_APP;
            continue;
        }
        has_asked = true;
        end = subject_run_updater(subject, choice.slot, program);
        if (!subject_after_updater(subject, &end))
            return end;
    }
    subject_fail(subject, "no end after %u boots", SUBJECT_BOOTS_MAX);
    return SUBJECT_WRONG;
}

enum subject_end subject_run(struct subject *subject, bool is_power_lost)
{
    enum subject_end end;

    nor_flash_reset(&subject->flash);
    subject->updater_runs = 0;
    if (is_power_lost)
        garbage_fill(subject, subject->rtc, sizeof(subject->rtc));
    end = subject_loop(subject, is_power_lost);
    return subject->wrong[0] != '\0' ? SUBJECT_WRONG : end;
}

void subject_lose_power(struct subject *subject)
{
    garbage_fill(subject, subject->rtc, sizeof(subject->rtc));
}

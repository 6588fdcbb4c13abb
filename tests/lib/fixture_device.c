// SPDX-License-Identifier: Apache-2.0
/* The virtual device as a child process; see the header. */
#include "tests/lib/fixture_device.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_release.h"

#define WAIT_TIMEOUT_MS 30000u
#define POLL_MS 3u
#define EXIT_CHECK_FAILED 7

static void device_note_command(struct fixture_world *world, const char *const *arguments)
{
    char path[FIXTURE_PATH_SIZE];

    fixture_join(path, world->folder, "commands.txt");
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    for (size_t i = 0; arguments[i] != NULL; i++)
        fprintf(file, "%s%s", arguments[i], arguments[i + 1] != NULL ? " " : "\n");
    fclose(file);
}

static void device_launch(struct fixture_world *world, va_list options)
{
    char resolve[2][128], name[32];
    const char *arguments[FIXTURE_ARGUMENTS_MAX] = {
        fixture_lcm(), "device", "--json", "--flash", world->flash_path, "--broadcast", "none"};
    size_t count = 7;

    snprintf(resolve[0], sizeof(resolve[0]), FIXTURE_RELEASE_HOST ":127.0.0.1:%u",
             world->server.release_port);
    snprintf(resolve[1], sizeof(resolve[1]), FIXTURE_ASSET_HOST ":127.0.0.1:%u",
             world->server.asset_port);
    /* The first --resolve of a name counts: a test's own come first. */
    for (const char *option; (option = va_arg(options, const char *)) != NULL;) {
        assert_true(count + 5 < FIXTURE_ARGUMENTS_MAX);
        arguments[count++] = option;
    }
    for (size_t i = 0; i < 2; i++) {
        arguments[count++] = "--resolve";
        arguments[count++] = resolve[i];
    }
    snprintf(name, sizeof(name), "run-%02u.json", world->run_count++);
    fixture_join(world->run.output, world->folder, name);
    device_note_command(world, arguments);
    fixture_server_mark(&world->server);
    fixture_process_start(&world->run.process, arguments, world->run.output);
}

static void device_load(struct fixture_world *world)
{
    fixture_lines_load(&world->run.lines, world->run.output, 0);
    fixture_flash_load(world);
    fixture_server_settle(&world->server);
}

void fixture_device_run(struct fixture_world *world, ...)
{
    va_list options;

    va_start(options, world);
    device_launch(world, options);
    va_end(options);
    if (!fixture_process_wait(&world->run.process, FIXTURE_DEVICE_TIMEOUT_MS)) {
        fixture_process_stop(&world->run.process, SIGKILL);
        fail_msg("the device did not end, see %s", world->run.output);
    }
    device_load(world);
}

void fixture_device_start(struct fixture_world *world, ...)
{
    va_list options;

    va_start(options, world);
    device_launch(world, options);
    va_end(options);
}

void fixture_device_stop(struct fixture_world *world, int signal_number)
{
    fixture_process_stop(&world->run.process, signal_number);
    device_load(world);
}

static void device_wait_more(struct fixture_world *world, uint64_t end_ms, const char *what)
{
    bool is_over = fixture_process_wait(&world->run.process, POLL_MS);

    if (is_over || fixture_now_ms() > end_ms) {
        fixture_process_stop(&world->run.process, SIGKILL);
        fail_msg("waited in vain for %s, see %s", what, world->run.output);
    }
}

void fixture_device_wait_for(struct fixture_world *world, const char *type, const char *key,
                             const char *text, unsigned count)
{
    uint64_t end_ms = fixture_now_ms() + WAIT_TIMEOUT_MS;

    for (;;) {
        fixture_lines_load(&world->run.lines, world->run.output, 0);
        if (fixture_device_lines(world, type, key, text) >= count)
            return;
        device_wait_more(world, end_ms, text);
    }
}

void fixture_device_wait_written(struct fixture_world *world, uint32_t addr, const uint8_t *bytes,
                                 size_t size)
{
    uint64_t end_ms = fixture_now_ms() + WAIT_TIMEOUT_MS;
    bool is_written = false;

    while (!is_written) {
        char *flash = fixture_read_file(world->flash_path, NULL);
        is_written = memcmp(flash + addr, bytes, size) == 0;
        free(flash);
        if (!is_written)
            device_wait_more(world, end_ms, "bytes on flash");
    }
}

static bool device_matches(const cJSON *line, const char *key, const char *text)
{
    return text == NULL || fixture_has(line, key, text);
}

unsigned fixture_device_lines(const struct fixture_world *world, const char *type, const char *key,
                              const char *text)
{
    unsigned count = 0;

    for (size_t i = 0; i < world->run.lines.count; i++)
        count += fixture_has(world->run.lines.list[i], "type", type) &&
                 device_matches(world->run.lines.list[i], key, text);
    return count;
}

unsigned fixture_device_events(const struct fixture_world *world, const char *id, const char *phase,
                               const char *file)
{
    unsigned count = 0;

    for (size_t i = 0; i < world->run.lines.count; i++) {
        const cJSON *line = world->run.lines.list[i];
        count += fixture_has(line, "type", "event") && device_matches(line, "id", id) &&
                 device_matches(line, "phase", phase) && device_matches(line, "file", file);
    }
    return count;
}

const char *fixture_device_result(const struct fixture_world *world)
{
    for (size_t i = world->run.lines.count; i-- > 0;) {
        const cJSON *line = world->run.lines.list[i];
        if (fixture_has(line, "type", "event") && !fixture_has(line, "result", "OK"))
            return fixture_text(line, "result");
    }
    return "OK";
}

const char *fixture_device_end(const struct fixture_world *world)
{
    if (world->run.lines.count == 0)
        return "";
    return fixture_text(world->run.lines.list[world->run.lines.count - 1], "end");
}

void fixture_expect(struct fixture_world *world, bool is_true, const char *what, const char *file,
                    int line)
{
    if (is_true)
        return;
    print_error("%s:%d: not true: %s\n  last run: exit %d, end '%s', result %s\n  see %s and %s\n",
                file, line, what, world->run.process.exit_code, fixture_device_end(world),
                fixture_device_result(world), world->run.output, world->server.log);
    _fail(file, line);
}

void fixture_expect_app(struct fixture_world *world, const char *version)
{
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, strcmp(fixture_device_result(world), "OK") == 0);
    EXPECT(world, world->run.process.exit_code == 0);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, version,
                                      FIXTURE_APP_FILE));
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_VERSION), version) == 0);
}

void fixture_expect_kept(struct fixture_world *world, const char *result)
{
    if (strcmp(fixture_device_result(world), result) != 0)
        print_error("expected %s\n", result);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, strcmp(fixture_device_result(world), result) == 0);
    EXPECT(world, world->run.process.exit_code == EXIT_CHECK_FAILED);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT1_ADDR, LCM_SLOT1_SIZE) == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_TRUST_A_ADDR, 2 * LCM_TRUST_SIZE) == 0);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_VERSION), "1.0.0") == 0);
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Making and restoring the world of a test program; see the header. Certificate
 * authorities are kept in the build folder: RSA keys of 4,096 bits take seconds.
 */
#include "tests/lib/fixture_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_release.h"

#define COPY_TIMEOUT_MS 30000u

static struct fixture_world the_world;
static const char *the_name;
static void (*the_prepare)(struct fixture_world *world);

void fixture_join(char path[FIXTURE_PATH_SIZE], const char *folder, const char *name)
{
    int length = snprintf(path, FIXTURE_PATH_SIZE, "%s/%s", folder, name);

    assert_in_range(length, 1, FIXTURE_PATH_SIZE - 1);
}

static void world_make_folder(const char *path)
{
    if (mkdir(path, 0700) != 0)
        fail_msg("cannot make %s", path);
}

static void world_shell(const char *const *arguments)
{
    assert_int_equal(fixture_process_run(arguments, "/dev/null", COPY_TIMEOUT_MS), 0);
}

static void world_copy(const char *from, const char *to)
{
    const char *const arguments[] = {"cp", "-a", from, to, NULL};

    world_shell(arguments);
}

static void world_remove(const char *path)
{
    const char *const arguments[] = {"rm", "-rf", path, NULL};

    world_shell(arguments);
}

/* ---- certificate authorities ---- */

static void world_authority_folder(char path[FIXTURE_PATH_SIZE])
{
    const char *named = getenv("LCM_TEST_PKI");
    const char *lcm = fixture_lcm();
    const char *slash = strrchr(lcm, '/');
    int folder_length = slash != NULL ? (int)(slash - lcm) : 1;

    if (named != NULL)
        snprintf(path, FIXTURE_PATH_SIZE, "%s", named);
    else
        snprintf(path, FIXTURE_PATH_SIZE, "%.*s/tests-pki", folder_length,
                 slash != NULL ? lcm : ".");
}

/* Keep what a first server start made, for the next program. */
static void world_keep_authorities(struct fixture_world *world, const char *kept)
{
    char made[FIXTURE_PATH_SIZE], folder[FIXTURE_PATH_SIZE], state[FIXTURE_PATH_SIZE];

    fixture_server_fault(&world->server, "new-ca");
    fixture_server_fault(&world->server, "clear");
    fixture_join(made, world->base, "pki");
    fixture_join(state, world->base, "state");
    world_make_folder(made);
    fixture_join(folder, state, "ca");
    world_copy(folder, made);
    fixture_join(folder, state, "keys");
    world_copy(folder, made);
    const char *const arguments[] = {"cp", "-aT", made, kept, NULL};
    world_shell(arguments);
}

static void world_load_anchors(struct fixture_world *world)
{
    static const char *const names[] = {"ecc-root", "ecc-intermediate", "rsa-root",
                                        "rsa-intermediate"};
    char path[FIXTURE_PATH_SIZE];

    assert_true(pem_init(&world->anchors, sizeof(names) / sizeof(names[0])));
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%.400s/state/ca/%s.pem", world->base, names[i]);
        assert_int_equal(pem_load(&world->anchors, path), 0);
    }
}

static void world_start_server(struct fixture_world *world)
{
    char kept[FIXTURE_PATH_SIZE], state[FIXTURE_PATH_SIZE], log[FIXTURE_PATH_SIZE];

    world_authority_folder(kept);
    fixture_join(state, world->base, "state");
    fixture_join(log, world->base, "serve.json");
    bool is_kept = access(kept, F_OK) == 0;
    if (is_kept)
        world_copy(kept, state);
    fixture_server_start(&world->server, world->root, state, log);
    if (!is_kept)
        world_keep_authorities(world, kept);
    world_load_anchors(world);
}

/* ---- the baseline ---- */

static void world_enter_folder(struct fixture_world *world)
{
    char name[32];

    snprintf(name, sizeof(name), "test-%02u", world->test_count++);
    fixture_join(world->folder, world->base, name);
    world_make_folder(world->folder);
    fixture_join(world->flash_path, world->folder, "flash.bin");
    world->run_count = 0;
    world->arena_used = 0;
}

/* An installer in slot 0, all releases synthetic. */
static void world_prepare(struct fixture_world *world)
{
    fixture_publish_baseline(world);
    fixture_flash_fresh(world);
}

/* From there to a running app. */
static void world_make_baseline(struct fixture_world *world)
{
    char kept[FIXTURE_PATH_SIZE];

    world_enter_folder(world);
    the_prepare(world);
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.0.0");
    memcpy(world->baseline, world->flash, sizeof(world->baseline));
    fixture_join(kept, world->base, "root-baseline");
    world_copy(world->root, kept);
}

static int world_open(void **state)
{
    struct fixture_world *world = &the_world;
    const char *folder = getenv("TMPDIR");

    snprintf(world->base, sizeof(world->base), "%s/lcm-%s-XXXXXX", folder != NULL ? folder : "/tmp",
             the_name);
    assert_non_null(mkdtemp(world->base));
    fixture_join(world->root, world->base, "root");
    world_make_folder(world->root);
    world->now = (uint64_t)time(NULL);
    fixture_open(&world->keys);
    world_start_server(world);
    world_make_baseline(world);
    *state = world;
    return 0;
}

int fixture_world_reset(void **state)
{
    struct fixture_world *world = *state;
    char kept[FIXTURE_PATH_SIZE];

    world_enter_folder(world);
    fixture_server_fault(&world->server, "clear");
    fixture_join(kept, world->base, "root-baseline");
    world_remove(world->root);
    world_copy(kept, world->root);
    fixture_flash_store(world, world->baseline);
    memcpy(world->before, world->baseline, sizeof(world->before));
    return 0;
}

static int world_close(void **state)
{
    struct fixture_world *world = *state;

    if (world == NULL)
        return 0;
    fixture_process_stop(&world->run.process, 9);
    fixture_server_stop(&world->server);
    fixture_lines_free(&world->run.lines);
    pem_free(&world->anchors);
    fixture_close(&world->keys);
    return 0;
}

int fixture_world_main(const char *name, const struct CMUnitTest *tests, size_t count)
{
    return fixture_world_main_from(name, tests, count, world_prepare);
}

int fixture_world_main_from(const char *name, const struct CMUnitTest *tests, size_t count,
                            void (*prepare)(struct fixture_world *world))
{
    const char *filter = getenv("LCM_TEST");

    the_name = name;
    the_prepare = prepare;
    if (filter != NULL)
        cmocka_set_test_filter(filter);
    int failed = _cmocka_run_group_tests(name, tests, count, world_open, world_close);
    if (failed == 0)
        world_remove(the_world.base);
    else
        fprintf(stderr,
                "%s: flash images, logs and commands are in %s (the first folder made the "
                "baseline). Run one test alone: LCM_TEST=name\n",
                name, the_world.base);
    return failed;
}

// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a power cut at any flash operation of an installation, an app update, a change of trust or
 * a replacement of the updater leaves the emulated chip, with the real boot program and updater,
 * able to finish it: its app starts, and the flash ends as it does without a cut.
 * Method: one life, story by story. Each story is told once without a cut; then again and again
 * from the same flash with `lcm emu --cut N:how`, N spread over all its operations, and every
 * second time with another cut during the recovery. That every operation is safe is shown by
 * tests/power; here the real binaries are sampled.
 *
 * LCM_EMU_CUTS: how many paths (a few for make test), or the name of one path to repeat it.
 * LCM_EMU_CUTS_PART: 1/2 takes every second path, so that two processes share the work.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_firmware.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_release.h"
#include "tests/lib/ram_flash.h"

#define SESSION "--until|blink: works|--timeout|60"
#define CURRENT_SLOT_ADDR (LCM_BOOTCONF_ADDR + 3u)
#define PATHS_DEFAULT 4u
#define PROGRESS_PATHS 10u
#define SEED UINT64_C(20261128)
#define NAME_SIZE 64u

struct story {
    const char *name;
    void (*begin)(struct fixture_world *world);
    uint32_t operations;           /* without a cut */
    uint8_t start[LCM_FLASH_SIZE]; /* what every path begins with */
    uint8_t end[LCM_FLASH_SIZE];   /* what every path ends with */
};

struct cut {
    uint32_t at;     /* operation, from 1; 0: no cut */
    const char *how; /* word of --cut */
};

struct path {
    struct cut first, second;
};

static uint8_t factory[LCM_FLASH_SIZE];

/* ---- stories ---- */

static void begin_update_app(struct fixture_world *world)
{
    fixture_publish_blink(world, "1.1.0", "1.1.0", 2);
}

/* The hosts have certificates of other authorities: trust comes first, then the app. */
static void begin_change_trust(struct fixture_world *world)
{
    fixture_publish_blink(world, "1.2.0", "1.0.0", 3);
    fixture_server_fault(&world->server, "new-ca");
    fixture_publish_new_anchors(world, "1.0.1", FIXTURE_OWNER);
}

static void begin_replace_updater(struct fixture_world *world)
{
    fixture_publish_firmware(world, "1.1.0", 2);
}

static struct story stories[] = {
    {.name = "install", .begin = NULL},
    {.name = "update-app", .begin = begin_update_app},
    {.name = "change-trust", .begin = begin_change_trust},
    {.name = "replace-updater", .begin = begin_replace_updater},
};
#define STORY_COUNT ((uint32_t)(sizeof(stories) / sizeof(stories[0])))

/* ---- paths ---- */

static void path_name(const struct story *story, const struct path *path, char name[NAME_SIZE])
{
    int length = snprintf(name, NAME_SIZE, "%s@%" PRIu32 ":%s", story->name, path->first.at,
                          path->first.how);

    if (path->second.at != 0)
        snprintf(name + length, NAME_SIZE - (size_t)length, "+%" PRIu32 ":%s", path->second.at,
                 path->second.how);
}

static const char *cut_how(uint64_t *random)
{
    static const char *const ways[] = {"before", "torn", "after"};

    return ways[ram_flash_random(random) % (sizeof(ways) / sizeof(ways[0]))];
}

/* The index-th of count paths of a story: somewhere in its part of the operations. */
static struct path path_make(const struct story *story, uint32_t index, uint32_t count)
{
    uint64_t random = SEED + 1000u * (uint64_t)(story - stories) + index;
    uint32_t from = (uint32_t)((uint64_t)story->operations * index / count);
    uint32_t to = (uint32_t)((uint64_t)story->operations * (index + 1) / count);
    uint32_t width = to > from ? to - from : 1;
    struct path path;

    path.first =
        (struct cut){from + 1 + (uint32_t)(ram_flash_random(&random) % width), cut_how(&random)};
    path.second = (struct cut){0, "before"};
    if (index % 2 == 1)
        path.second = (struct cut){1 + (uint32_t)(ram_flash_random(&random) % story->operations),
                                   cut_how(&random)};
    return path;
}

/* Power on until the app works, or until the cut. true: the cut happened. */
static bool chip_power_on(struct fixture_chip *chip, const struct cut *cut)
{
    char options[96] = SESSION;

    if (cut != NULL && cut->at != 0)
        snprintf(options, sizeof(options), "--cut|%" PRIu32 ":%s|" SESSION, cut->at, cut->how);
    fixture_chip_run(chip, options);
    if (fixture_chip_find(chip, 0, "end", "end", "cut") >= 0)
        return true;
    fixture_chip_expect(chip, "blink: works");
    return false;
}

/* The boot config names the updater, as if an app had asked for an update. */
static void chip_ask(struct fixture_chip *chip)
{
    const uint8_t updater = 1;

    fixture_chip_write(chip, CURRENT_SLOT_ADDR, &updater, 1);
}

/* After the run: the slot that the boot config names where nobody asked. */
static void chip_stop_asking(struct fixture_chip *chip, const struct story *story)
{
    fixture_chip_write(chip, CURRENT_SLOT_ADDR, &story->end[CURRENT_SLOT_ADDR], 1);
}

/* After the cuts: an app starts, whatever was finished, and what is left is done when it asks. */
static void chip_recover(struct fixture_chip *chip, const struct story *story)
{
    static uint8_t flash[LCM_FLASH_SIZE];

    chip_power_on(chip, NULL);
    chip_ask(chip);
    chip_power_on(chip, NULL);
    chip_stop_asking(chip, story);
    fixture_chip_read(chip, 0, flash, sizeof(flash));
    fixture_expect_same(flash, story->end, story->name);
}

/* How many of the path's cuts happened. */
static unsigned path_run(struct fixture_world *world, const struct story *story,
                         const struct path *path)
{
    struct fixture_chip chip;
    char name[NAME_SIZE];

    path_name(story, path, name);
    print_message("LCM_EMU_CUTS=%s\n", name);
    fixture_chip_live(&chip, world, story->start);
    if (story->begin != NULL)
        chip_ask(&chip);
    bool is_cut = chip_power_on(&chip, &path->first);
    if (!is_cut)
        fail_msg("--cut %" PRIu32 ":%s did not happen", path->first.at, path->first.how);
    bool is_cut_again = path->second.at != 0 && chip_power_on(&chip, &path->second);
    chip_recover(&chip, story);
    fixture_chip_close(&chip);
    return 1u + is_cut_again;
}

/* ---- the life ---- */

/* Once without a cut: how many operations, and what the flash holds then. */
static void story_tell(struct fixture_world *world, struct story *story, const uint8_t *start)
{
    struct fixture_chip chip;

    memcpy(story->start, start, sizeof(story->start));
    if (story->begin != NULL)
        story->begin(world);
    fixture_chip_live(&chip, world, story->start);
    if (story->begin != NULL)
        chip_ask(&chip);
    chip_power_on(&chip, NULL);
    int flash = fixture_chip_find(&chip, 0, "flash", NULL, NULL);
    assert_true(flash >= 0);
    story->operations = (uint32_t)fixture_number(chip.lines.list[flash], "operations");
    fixture_chip_read(&chip, 0, story->end, sizeof(story->end));
    assert_memory_not_equal(story->end, story->start, sizeof(story->end));
    fixture_chip_close(&chip);
}

struct share {
    uint32_t count;       /* paths of each story */
    unsigned part, parts; /* of all stories' paths every parts-th, from part on */
};

static unsigned story_sample(struct fixture_world *world, const struct story *story,
                             struct share share)
{
    unsigned cuts = 0, paths = 0;

    for (uint32_t i = 0; i < share.count; i++) {
        struct path path = path_make(story, i, share.count);

        if ((i * STORY_COUNT + (uint32_t)(story - stories)) % share.parts != share.part)
            continue;
        cuts += path_run(world, story, &path);
        if (++paths % PROGRESS_PATHS == 0)
            fprintf(stderr, "%s: %u paths\n", story->name, paths);
    }
    print_message("%s: %" PRIu32 " operations, %u paths, %u cuts, 0 failures\n", story->name,
                  story->operations, paths, cuts);
    return cuts;
}

/* "torn+..." stops at the plus sign. */
static struct cut cut_parse(const char *text)
{
    static const char *const ways[] = {"before", "torn", "after"};
    char *how = NULL;
    struct cut cut = {(uint32_t)strtoul(text, &how, 10), NULL};

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (*how == ':' && strncmp(how + 1, ways[i], strlen(ways[i])) == 0)
            cut.how = ways[i];
    if (cut.at == 0 || cut.how == NULL || strchr("+", how[1 + strlen(cut.how)]) == NULL)
        fail_msg("LCM_EMU_CUTS: \"%s\" is no cut; write 57:before, 57:torn or 57:after", text);
    return cut;
}

/* The cuts of the named path; 0: it is of another story. */
static unsigned story_replay(struct fixture_world *world, const struct story *story,
                             const char *name)
{
    size_t length = strlen(story->name);
    const char *plus = strchr(name, '+');
    struct path path = {.second = {0, "before"}};

    if (strncmp(name, story->name, length) != 0 || name[length] != '@')
        return 0;
    path.first = cut_parse(name + length + 1);
    if (plus != NULL)
        path.second = cut_parse(plus + 1);
    unsigned cuts = path_run(world, story, &path);
    if (path.second.at != 0 && cuts < 2)
        fail_msg("the second cut did not happen: the recovery has fewer operations");
    return cuts;
}

static struct share share_read(void)
{
    const char *count = getenv("LCM_EMU_CUTS"), *part = getenv("LCM_EMU_CUTS_PART");
    char *end = NULL;
    uint32_t paths = count != NULL ? (uint32_t)strtoul(count, &end, 10) : PATHS_DEFAULT;
    struct share share = {(paths + STORY_COUNT - 1) / STORY_COUNT, 1, 1};

    if (paths == 0 || (end != NULL && *end != '\0'))
        fail_msg("LCM_EMU_CUTS is \"%s\"; write how many paths, or a path's name", count);
    if (part != NULL && sscanf(part, "%u/%u", &share.part, &share.parts) != 2)
        fail_msg("LCM_EMU_CUTS_PART is \"%s\"; write 1/2", part);
    assert_in_range(share.parts, 1, 64);
    assert_in_range(share.part, 1, share.parts);
    share.part--;
    return share;
}

static void test_sampled_cuts(void **state)
{
    struct fixture_world *world = *state;
    const char *named = getenv("LCM_EMU_CUTS");
    const char *replay = named != NULL && strchr(named, '@') != NULL ? named : NULL;
    const uint8_t *start = factory;
    unsigned cuts = 0;

    for (size_t i = 0; i < STORY_COUNT; i++) {
        story_tell(world, &stories[i], start);
        cuts += replay != NULL ? story_replay(world, &stories[i], replay)
                               : story_sample(world, &stories[i], share_read());
        start = stories[i].end;
    }
    print_message("%u cuts, 0 failures\n", cuts);
    if (replay != NULL && cuts == 0)
        fail_msg("no story of that name: LCM_EMU_CUTS=%s", replay);
}

/* What the first story starts with is gone once the baseline is made. */
static void prepare(struct fixture_world *world)
{
    fixture_firmware_prepare(world);
    fixture_flash_load(world);
    memcpy(factory, world->flash, sizeof(factory));
}

int main(void)
{
    const struct CMUnitTest tests[] = {FIXTURE_TEST(test_sampled_cuts)};

    return fixture_world_main_from("cuts", tests, 1, prepare);
}

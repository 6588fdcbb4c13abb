// SPDX-License-Identifier: Apache-2.0
/*
 * Draws a struct flash_view: one box per region, in the order of the addresses. It
 * reads no flash itself and shows no secret.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host/flash_pen.h"
#include "host/flash_view.h"
#include "host/text.h"

#define PICTURE_BAR_WIDTH 24u
#define PICTURE_PAYLOAD_SHOWN 16u /* bytes of a state record */

static void picture_line(struct flash_pen *pen, enum flash_ink ink, const char *text)
{
    flash_pen_begin(pen);
    flash_pen_span(pen, ink, "%s", text);
    flash_pen_end(pen);
}

/* Bar, percent, bytes of room. */
static void picture_fill(struct flash_pen *pen, uint32_t size, uint32_t room)
{
    char have[TEXT_NUMBER_SIZE];
    char limit[TEXT_NUMBER_SIZE];
    unsigned percent = (unsigned)(((uint64_t)size * 100 + room - 1) / room);

    flash_pen_begin(pen);
    flash_pen_bar(pen, percent >= 97 ? FLASH_INK_WARN : FLASH_INK_GOOD, percent, PICTURE_BAR_WIDTH);
    flash_pen_span(pen, FLASH_INK_PLAIN, " %3u %%  %s of %s bytes", percent,
                   text_thousands(have, size), text_thousands(limit, room));
    flash_pen_end(pen);
}

/* Is the image sound, and does it belong here? */
static void picture_verdict(struct flash_pen *pen, const struct flash_view_slot *slot)
{
    const struct image_view *image = &slot->image;

    if (image->checksum != image->checksum_computed)
        flash_pen_span(pen, FLASH_INK_BAD, "checksum wrong: it does not start");
    else if (image->verdict != LCM_OK)
        flash_pen_span(pen, FLASH_INK_BAD, "it does not start: %s", lcm_err_text(image->verdict));
    else if (slot->is_foreign)
        flash_pen_span(pen, FLASH_INK_BAD, "linked for the other slot: it crashes here");
    else
        flash_pen_span(pen, FLASH_INK_GOOD, "checksum%s correct",
                       slot->image.format == IMAGE_V2 ? " of the RAM part" : "");
}

static void picture_identity(struct flash_pen *pen, const struct lcm_identity *identity)
{
    static const char *const types[] = {"?", "app", "updater", "boot"};

    flash_pen_begin(pen);
    flash_pen_span(pen, FLASH_INK_BOLD, "%s %s", identity->file, identity->version);
    flash_pen_span(pen, FLASH_INK_PLAIN, "  %s of %s",
                   types[identity->type <= LCM_IDENTITY_BOOT ? identity->type : 0],
                   identity->repository);
    flash_pen_end(pen);
}

static void picture_image(struct flash_pen *pen, const struct flash_view_slot *slot)
{
    if (slot->image.has_identity)
        picture_identity(pen, &slot->image.identity);
    picture_fill(pen, slot->image.size, slot->room);
    flash_pen_begin(pen);
    picture_verdict(pen, slot);
    flash_pen_span(pen, FLASH_INK_PLAIN, ", v%d image, %u RAM segment%s, flash mode %s",
                   (int)slot->image.format, slot->image.segment_count,
                   slot->image.segment_count == 1 ? "" : "s",
                   image_flash_mode_name(slot->image.flash_mode));
    flash_pen_end(pen);
}

static void picture_place(struct flash_pen *pen, const struct flash_view_slot *slot)
{
    if (slot->is_image)
        picture_image(pen, slot);
    else if (slot->is_blank)
        picture_line(pen, FLASH_INK_DIM, "empty");
    else
        picture_line(pen, FLASH_INK_WARN, "no image, or one that is not complete");
}

static void picture_boot(struct flash_pen *pen, const struct flash_view *view)
{
    flash_pen_title(pen, LCM_BOOT_ADDR, "boot program", true);
    if (view->boot_version[0] != '\0') {
        flash_pen_begin(pen);
        flash_pen_span(pen, FLASH_INK_BOLD, "version %s", view->boot_version);
        flash_pen_end(pen);
    }
    picture_place(pen, &view->boot);
    if (!view->boot.is_image)
        picture_line(pen, FLASH_INK_WARN,
                     "a chip starts nothing else: it needs a boot program, by cable");
}

static void picture_bootconf(struct flash_pen *pen, const struct flash_view *view)
{
    const struct lcm_bootconf *config = &view->bootconf;
    struct lcm_led led;

    flash_pen_title(pen, LCM_BOOTCONF_ADDR, "boot configuration", false);
    flash_pen_begin(pen);
    flash_pen_span(pen, FLASH_INK_PLAIN, "starts slot %u", config->current_slot);
    if (lcm_bootconf_led_decode(config->led, &led))
        flash_pen_span(pen, FLASH_INK_PLAIN, ", LED on GPIO %u (lit by %d)", led.gpio,
                       led.is_active_high);
    if (view->power_cycles > 0)
        flash_pen_span(pen, FLASH_INK_WARN, ", %u short power cycles", view->power_cycles);
    if (view->bootconf_err != LCM_OK)
        flash_pen_span(pen, FLASH_INK_DIM, " (none stored: defaults)");
    flash_pen_end(pen);
}

/* Slot 0 holds the app, and during an update of LifeCycle Manager otaboot. */
static const char *picture_slot0_name(const struct flash_view_slot *slot)
{
    bool is_updater = slot->is_image && slot->image.has_identity &&
                      slot->image.identity.type == LCM_IDENTITY_UPDATER;

    return is_updater ? "slot 0: otaboot" : "slot 0: app";
}

static void picture_slots(struct flash_pen *pen, const struct flash_view *view)
{
    char text[TEXT_NUMBER_SIZE];

    flash_pen_title(pen, LCM_SLOT0_ADDR, picture_slot0_name(&view->slot[0]), false);
    picture_place(pen, &view->slot[0]);
    flash_pen_title(pen, LCM_SLOT0_ADDR + LCM_SLOT0_IMAGE_SIZE_MAX, "data of the app", false);
    flash_pen_begin(pen);
    if (view->app_data_used == 0)
        flash_pen_span(pen, FLASH_INK_DIM, "empty");
    else
        flash_pen_span(pen, FLASH_INK_PLAIN, "%s bytes used, kept by every update",
                       text_thousands(text, view->app_data_used));
    flash_pen_end(pen);
    flash_pen_title(pen, LCM_SLOT1_ADDR, "slot 1: otamain", false);
    picture_place(pen, &view->slot[1]);
}

static void picture_setup_code(struct flash_pen *pen, const struct flash_view *view)
{
    flash_pen_title(pen, LCM_CODE_ADDR, "set-up code", false);
    if (view->has_setup_code)
        picture_line(pen, FLASH_INK_PLAIN, "present (--show-code prints it)");
    else
        picture_line(pen, FLASH_INK_DIM, "none: the device makes one at its first start");
}

static void picture_settings(struct flash_pen *pen, const struct flash_view *view)
{
    char text[FLASH_VIEW_TEXT_SIZE];

    flash_pen_title(pen, LCM_SETTINGS_ADDR, "settings", false);
    if (view->settings_err != LCM_OK)
        picture_line(pen, FLASH_INK_DIM, "none: the device opens its access point");
    else if (view->setting_count == 0)
        picture_line(pen, FLASH_INK_DIM, "empty");
    for (size_t i = 0; i < view->setting_count; i++) {
        char key[LCM_SETTING_KEY_SIZE];

        flash_setting_key(&view->settings[i], key);
        flash_setting_text(&view->settings[i], text);
        flash_pen_begin(pen);
        flash_pen_span(pen, FLASH_INK_COOL, "%-17s ", key);
        flash_pen_span(pen, flash_setting_is_secret(key) ? FLASH_INK_DIM : FLASH_INK_PLAIN, "%s",
                       text);
        flash_pen_end(pen);
    }
}

static void picture_trust_keys(struct flash_pen *pen, const struct lcm_trust *trust)
{
    flash_pen_begin(pen);
    flash_pen_span(pen, FLASH_INK_PLAIN, "%s on %s", trust->repository, trust->host);
    for (size_t i = 0; i < trust->suffix_count; i++)
        flash_pen_span(pen, FLASH_INK_PLAIN, ", %s", trust->suffix[i]);
    flash_pen_end(pen);
}

static void picture_trust_state(struct flash_pen *pen, const struct flash_view_trust *view)
{
    flash_pen_begin(pen);
    if (view->is_in_force)
        flash_pen_span(pen, FLASH_INK_GOOD, "in force");
    else
        flash_pen_span(pen, FLASH_INK_DIM, "%s",
                       view->state == LCM_TRUST_ACTIVE    ? "active, but not in force"
                       : view->state == LCM_TRUST_PENDING ? "not in use yet"
                                                          : "retired");
    flash_pen_span(pen, FLASH_INK_PLAIN, ", sequence %u, %u release key%s, %u TLS anchors, ",
                   view->trust.sequence, view->trust.release_key_count,
                   view->trust.release_key_count == 1 ? "" : "s", view->trust.anchor_count);
    if (view->verdict == LCM_OK)
        flash_pen_span(pen, FLASH_INK_GOOD, "signature valid");
    else
        flash_pen_span(pen, FLASH_INK_BAD, "signature NOT valid");
    flash_pen_end(pen);
}

static void picture_trust(struct flash_pen *pen, const struct flash_view_trust *view,
                          const char *title)
{
    flash_pen_title(pen, view->addr, title, false);
    if (view->is_blank)
        picture_line(pen, FLASH_INK_DIM, "empty");
    else if (view->is_reference)
        picture_line(pen, FLASH_INK_WARN, "certificates in the reference's format");
    else if (view->verdict != LCM_OK && view->verdict != LCM_ERR_SIGNATURE)
        picture_line(pen, FLASH_INK_BAD, "no trust sector");
    else {
        picture_trust_state(pen, view);
        picture_trust_keys(pen, &view->trust);
    }
}

static void picture_installed(struct flash_pen *pen, const struct flash_view_record *record)
{
    char sequence[TEXT_NUMBER_SIZE];
    char size[TEXT_NUMBER_SIZE];

    flash_pen_span(pen, FLASH_INK_PLAIN, "installed: sequence %s, %s bytes, key ",
                   text_thousands(sequence, record->installed.sequence),
                   text_thousands(size, record->image_size));
    for (size_t i = 0; i < LCM_KEY_ID_SIZE; i++)
        flash_pen_span(pen, FLASH_INK_PLAIN, "%02x", record->installed.key_id[i]);
}

static void picture_record(struct flash_pen *pen, const struct flash_view_record *record,
                           unsigned kind)
{
    time_t moment = (time_t)record->time_floor;
    char date[32] = "?";
    struct tm utc;

    if (kind <= LCM_STATE_BOOT) {
        picture_installed(pen, record);
    } else if (kind == LCM_STATE_TAG_LCM || kind == LCM_STATE_TAG_APP) {
        flash_pen_span(pen, FLASH_INK_PLAIN, "release %s needs nothing more (trust sequence %u)",
                       record->tag, record->trust_sequence);
    } else if (kind == LCM_STATE_TIME_FLOOR) {
        if (gmtime_r(&moment, &utc) != NULL)
            strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &utc);
        flash_pen_span(pen, FLASH_INK_PLAIN, "it is later than %s", date);
    } else {
        for (size_t i = 0; i < PICTURE_PAYLOAD_SHOWN; i++)
            flash_pen_span(pen, FLASH_INK_DIM, "%02x", record->payload[i]);
    }
}

static void picture_state(struct flash_pen *pen, const struct flash_view *view)
{
    size_t count = 0;

    flash_pen_title(pen, LCM_STATE_ADDR, "install state", false);
    for (unsigned kind = 1; kind <= LCM_STATE_KIND_MAX; kind++) {
        const char *name = flash_record_name(kind);

        if (!view->record[kind].is_present)
            continue;
        count++;
        flash_pen_begin(pen);
        if (name != NULL)
            flash_pen_span(pen, FLASH_INK_COOL, "%-17s ", name);
        else
            flash_pen_span(pen, FLASH_INK_COOL, "record %-10u ", kind);
        picture_record(pen, &view->record[kind], kind);
        flash_pen_end(pen);
    }
    if (count == 0)
        picture_line(pen, FLASH_INK_DIM, "no records");
}

static void picture_radio(struct flash_pen *pen, const struct flash_view *view)
{
    flash_pen_title(pen, LCM_RADIO_ADDR, "radio data", false);
    picture_line(pen, view->radio_used > 0 ? FLASH_INK_PLAIN : FLASH_INK_DIM,
                 view->radio_used > 0 ? "present" : "empty");
}

static enum flash_ink picture_cell_ink(uint32_t addr)
{
    if (addr >= LCM_SLOT1_ADDR + LCM_SLOT1_SIZE)
        return FLASH_INK_COOL;
    return addr >= LCM_SLOT1_ADDR ? FLASH_INK_WARN : FLASH_INK_GOOD;
}

/* All of the flash in one line: a character for 16 KiB. */
static void picture_overview(struct flash_pen *pen, const struct flash_view *view)
{
    static const char *const boxed[] = {"░", "▒", "▓", "█"};
    static const char *const plain[] = {".", "-", "+", "#"};
    const char *margin = pen->is_boxed ? "           " : "";
    const int slot1 = (int)(LCM_SLOT1_ADDR / FLASH_VIEW_CELL_SIZE);
    const int rest = (int)((LCM_SLOT1_ADDR + LCM_SLOT1_SIZE) / FLASH_VIEW_CELL_SIZE) - slot1;

    pen->column = 0;
    fputs(margin, pen->out);
    for (uint32_t i = 0; i < FLASH_VIEW_CELLS; i++) {
        uint32_t fill = view->fill[i];
        uint32_t level = fill == 0 ? 0 : fill < 40 ? 1 : fill < 80 ? 2 : 3;

        flash_pen_span(pen, picture_cell_ink(i * FLASH_VIEW_CELL_SIZE), "%s",
                       pen->is_boxed ? boxed[level] : plain[level]);
    }
    fprintf(pen->out, "\n%s%-*s%-*s%s\n\n", margin, slot1, "slot 0", rest, "slot 1", "data");
}

static void picture_choose_style(struct flash_pen *pen, enum flash_style style)
{
    const char *terminal = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");
    bool is_rich = isatty(fileno(pen->out)) && terminal != NULL && strcmp(terminal, "dumb") != 0;

    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        is_rich = false;
    pen->is_boxed = style == FLASH_STYLE_BOX || style == FLASH_STYLE_COLOR ||
                    (style == FLASH_STYLE_AUTO && is_rich);
    pen->is_colored = style == FLASH_STYLE_COLOR || (style != FLASH_STYLE_PLAIN && is_rich &&
                                                     (no_color == NULL || no_color[0] == '\0'));
}

void flash_picture_print(FILE *out, const struct flash_view *view, const char *title,
                         enum flash_style style)
{
    struct flash_pen pen = {.out = out};

    picture_choose_style(&pen, style);
    fprintf(out, "%s%s, 1 MiB\n", pen.is_boxed ? "           " : "", title);
    picture_overview(&pen, view);
    picture_boot(&pen, view);
    picture_bootconf(&pen, view);
    picture_slots(&pen, view);
    picture_setup_code(&pen, view);
    picture_settings(&pen, view);
    picture_trust(&pen, &view->trust[0], "trust sector A");
    picture_trust(&pen, &view->trust[1], "trust sector B");
    picture_state(&pen, view);
    picture_radio(&pen, view);
    flash_pen_close(&pen);
}

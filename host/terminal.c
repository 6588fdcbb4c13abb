// SPDX-License-Identifier: Apache-2.0
/*
 * Prompts and clean text, see the header. Names of networks come from anybody on the air: no
 * control character of theirs reaches the terminal, nor one that turns the direction of what
 * follows.
 */
#include "host/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ui.h>

#include "host/cli.h"

#define UI_INTERRUPTED (-2) /* of UI_process */
#define UTF8_SIZE_MAX 4u

bool terminal_is_there(void)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

bool terminal_has_utf8(void)
{
    setlocale(LC_CTYPE, "");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Read the rest of a line that did not fit. */
static void terminal_skip_line(void)
{
    int c = 0;

    while (c != '\n' && c != EOF)
        c = getchar();
}

int terminal_ask(const char *prompt, char *line, size_t size)
{
    for (;;) {
        printf("%s", prompt);
        fflush(stdout);
        if (fgets(line, (int)size, stdin) == NULL) {
            printf("\n");
            return CLI_INTERRUPTED;
        }
        size_t length = strcspn(line, "\n");
        if (line[length] == '\n') {
            line[length] = '\0';
            return CLI_OK;
        }
        if (feof(stdin))
            return CLI_OK;
        terminal_skip_line();
        printf("at most %zu characters\n", size - 2);
    }
}

int terminal_ask_secret(const char *prompt, char *line, size_t size)
{
    int result = UI_UTIL_read_pw_string(line, (int)size, prompt, 0);

    if (result == 0)
        return CLI_OK;
    return result == UI_INTERRUPTED ? CLI_INTERRUPTED : CLI_AUTH;
}

/* Code points that no terminal should get from strangers: controls, and marks of direction. */
static bool terminal_is_unfit(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0x61C ||
           (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2060 && point <= 0x206F) || (point >= 0xD800 && point <= 0xDFFF) ||
           point == 0xFEFF || point > 0x10FFFF;
}

/* Size of the character at bytes when it is whole and in its shortest form, else 0. */
static size_t terminal_character(const uint8_t *bytes, size_t size, uint32_t *point)
{
    static const uint32_t lowest[UTF8_SIZE_MAX + 1] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = bytes[0] < 0x80 ? 1 : bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : 2;

    *point = need == 1 ? bytes[0] : bytes[0] & (0x7Fu >> need);
    if ((bytes[0] >= 0x80 && bytes[0] < 0xC2) || bytes[0] > 0xF4 || need > size)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        *point = *point << 6 | (bytes[i] & 0x3Fu);
    }
    return *point < lowest[need] ? 0 : need;
}

const char *terminal_clean(const uint8_t *bytes, size_t size, char *text)
{
    bool has_utf8 = terminal_has_utf8();
    size_t length = 0;

    for (size_t i = 0; i < size;) {
        uint32_t point = 0;
        size_t count = terminal_character(bytes + i, size - i, &point);

        if (count == 0 || (count > 1 && !has_utf8) || terminal_is_unfit(point)) {
            text[length++] = '?';
            i += count == 0 ? 1 : count;
            continue;
        }
        memcpy(text + length, bytes + i, count);
        length += count;
        i += count;
    }
    text[length] = '\0';
    return text;
}

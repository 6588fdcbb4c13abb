// SPDX-License-Identifier: Apache-2.0
/*
 * World files: text to struct. One function per directive; a directive gets its words and says in
 * one sentence what is wrong with them.
 */
#include "host/radio_world.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "host/cli.h"
#include "host/file.h"

#define WORDS_MAX 20u
#define SIGNAL_DEFAULT (-55)
#define SIGNAL_MIN (-128)
#define PASSWORD_LENGTH_MIN 8u
#define PORTAL_PORT 80u
#define PORTAL_SIZE 32u

struct words {
    char *word[WORDS_MAX];
    size_t count;
    size_t next;
};

static const char *words_take(struct words *words)
{
    return words->next < words->count ? words->word[words->next++] : NULL;
}

static bool parse_number(const char *text, long low, long high, long *value)
{
    char *end = NULL;

    if (text == NULL || *text == '\0')
        return false;
    errno = 0;
    *value = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && *value >= low && *value <= high;
}

static bool copy_text(char *target, size_t size, const char *text)
{
    if (text == NULL || strlen(text) >= size)
        return false;
    memcpy(target, text, strlen(text) + 1);
    return true;
}

/* "ADDRESS:PORT" with either part optional as the caller allows; cuts text. */
static bool parse_endpoint(char *text, struct in_addr *address, uint16_t *port)
{
    char *colon = text == NULL ? NULL : strchr(text, ':');
    long number = 0;

    if (text == NULL)
        return false;
    if (colon != NULL) {
        if (!parse_number(colon + 1, 1, UINT16_MAX, &number))
            return false;
        *colon = '\0';
    }
    *port = (uint16_t)number;
    return inet_pton(AF_INET, text, address) == 1;
}

static const char *network_fails(struct radio_network *network, struct words *words)
{
    const char *text = words_take(words);
    long number = 0;

    if (text != NULL && strcmp(text, "always") == 0) {
        network->fails = RADIO_FAILS_ALWAYS;
        return NULL;
    }
    if (!parse_number(text, 0, 1000000, &number))
        return "fails wants a count or 'always'";
    network->fails = (uint32_t)number;
    return NULL;
}

static const char *network_lost(struct radio_network *network, struct words *words)
{
    long bytes = 0;
    long ms = 0;

    if (!parse_number(words_take(words), 1, INT32_MAX, &bytes) ||
        !parse_number(words_take(words), 1, INT32_MAX, &ms))
        return "lost-after wants bytes and milliseconds";
    network->lost_after = (uint32_t)bytes;
    network->lost_ms = (uint32_t)ms;
    return NULL;
}

static const char *network_password(struct radio_network *network, struct words *words)
{
    const char *text = words_take(words);

    if (!copy_text(network->password, sizeof(network->password), text) ||
        strlen(text) < PASSWORD_LENGTH_MIN)
        return "a password has 8 to 64 characters";
    return NULL;
}

static const char *network_attribute(struct radio_network *network, struct words *words)
{
    const char *name = words_take(words);
    long number = 0;

    if (strcmp(name, "password") == 0)
        return network_password(network, words);
    if (strcmp(name, "fails") == 0)
        return network_fails(network, words);
    if (strcmp(name, "lost-after") == 0)
        return network_lost(network, words);
    if (strcmp(name, "hidden") == 0) {
        network->is_hidden = true;
        return NULL;
    }
    if (strcmp(name, "no-address") == 0) {
        network->has_no_address = true;
        return NULL;
    }
    if (strcmp(name, "signal") == 0) {
        if (!parse_number(words_take(words), SIGNAL_MIN, 0, &number))
            return "signal wants -128..0 (dBm)";
        network->signal = (int)number;
        return NULL;
    }
    if (strcmp(name, "channel") == 0) {
        if (!parse_number(words_take(words), 1, 13, &number))
            return "channel wants 1..13";
        network->channel = (uint8_t)number;
        return NULL;
    }
    return "a network has password, signal, channel, hidden, no-address, fails and lost-after";
}

static const char *world_network(struct radio_world *world, struct words *words)
{
    struct radio_network *network = &world->networks[world->network_count];
    const char *ssid = words_take(words);

    if (world->network_count == RADIO_NETWORKS_MAX)
        return "there are at most 16 networks";
    *network = (struct radio_network){.signal = SIGNAL_DEFAULT, .channel = 6};
    if (!copy_text(network->ssid, sizeof(network->ssid), ssid) || *ssid == '\0')
        return "a network name has 1 to 32 bytes";
    if (radio_world_find(world, ssid) != NULL)
        return "this network is listed twice";
    while (words->next < words->count) {
        const char *problem = network_attribute(network, words);
        if (problem != NULL)
            return problem;
    }
    world->network_count++;
    return NULL;
}

static const char *world_resolve(struct radio_world *world, struct words *words)
{
    struct radio_name *name = &world->names[world->name_count];
    char *target = NULL;

    if (world->name_count == RADIO_NAMES_MAX)
        return "there are at most 32 names";
    memset(name, 0, sizeof(*name));
    if (words->count != 3 || !copy_text(name->name, sizeof(name->name), words_take(words)))
        return "resolve wants a name and ADDRESS[:PORT] or 'none'";
    target = words->word[words->next++];
    if (strcmp(target, "none") != 0 && !parse_endpoint(target, &name->address, &name->port))
        return "resolve wants ADDRESS[:PORT] or 'none' behind the name";
    world->name_count++;
    return NULL;
}

static const char *world_internet(struct radio_world *world, struct words *words)
{
    (void)words;
    world->has_internet = true;
    return NULL;
}

static const char *world_time(struct radio_world *world, struct words *words)
{
    const char *text = words_take(words);
    long seconds = 0;

    if (text != NULL && strcmp(text, "now") == 0) {
        world->time = RADIO_TIME_NOW;
        return NULL;
    }
    if (!parse_number(text, 0, INT32_MAX, &seconds))
        return "time wants 'now' or Unix seconds";
    world->time = RADIO_TIME_FIXED;
    world->time_offset_s = (int64_t)seconds - (int64_t)time(NULL);
    return NULL;
}

/* "[ADDRESS:]PORT" of this machine; cuts text. */
static bool parse_source(char *text, struct radio_forward *forward)
{
    long port = 0;

    forward->address.s_addr = htonl(INADDR_LOOPBACK);
    if (!parse_number(text, 1, UINT16_MAX, &port))
        return parse_endpoint(text, &forward->address, &forward->host_port) &&
               forward->host_port != 0;
    forward->host_port = (uint16_t)port;
    return true;
}

static const char *world_forward(struct radio_world *world, struct words *words)
{
    struct radio_forward *forward = &world->forwards[world->forward_count];
    char *source = NULL;
    long chip_port = 0;

    if (world->forward_count == RADIO_FORWARDS_MAX)
        return "there are at most 8 forwards";
    if (words->count != 3)
        return "forward wants [ADDRESS:]PORT and the chip's port";
    source = words->word[words->next++];
    if (!parse_number(words_take(words), 1, UINT16_MAX, &chip_port))
        return "the chip's port is 1..65535";
    if (!parse_source(source, forward))
        return "forward wants [ADDRESS:]PORT first";
    forward->chip_port = (uint16_t)chip_port;
    world->forward_count++;
    return NULL;
}

static const char *world_range(struct radio_world *world, struct words *words)
{
    const char *text = words_take(words);
    struct in_addr address;

    if (text == NULL || inet_pton(AF_INET, text, &address) != 1 ||
        (ntohl(address.s_addr) & 0xFFu) != 0 || address.s_addr == 0)
        return "range wants an address that ends with 0, for example 192.168.4.0";
    world->range = ntohl(address.s_addr);
    return NULL;
}

static const char *world_portal(struct radio_world *world, struct words *words)
{
    if (words->count != 2 || !parse_source(words->word[words->next++], &world->portal))
        return "portal wants [ADDRESS:]PORT";
    world->portal.chip_port = PORTAL_PORT;
    return NULL;
}

static const char *world_broadcast(struct radio_world *world, struct words *words)
{
    uint16_t port = 0;

    if (words->count != 2 ||
        !parse_endpoint(words->word[words->next++], &world->broadcast.sin_addr, &port) || port == 0)
        return "broadcast wants ADDRESS:PORT";
    world->broadcast.sin_family = AF_INET;
    world->broadcast.sin_port = htons(port);
    return NULL;
}

static const struct {
    const char *name;
    const char *(*parse)(struct radio_world *world, struct words *words);
} directives[] = {
    {"network", world_network}, {"resolve", world_resolve},     {"internet", world_internet},
    {"time", world_time},       {"forward", world_forward},     {"portal", world_portal},
    {"range", world_range},     {"broadcast", world_broadcast},
};

/* "\xHH" at text: the byte, or 0 when it is none. */
static char escaped_byte(const char *text)
{
    char digits[3] = {0};

    if (isxdigit((unsigned char)text[2]) == 0 || isxdigit((unsigned char)text[3]) == 0)
        return '\0';
    memcpy(digits, text + 2, 2);
    return (char)strtol(digits, NULL, 16);
}

/* The character at *at inside quotation marks; moves on. */
static char line_char(char **at, const char **problem)
{
    const char *text = *at;

    if (text[0] == '\\' && (text[1] == '"' || text[1] == '\\')) {
        *at += 2;
        return text[1];
    }
    *at += 1;
    if (text[0] != '\\' || text[1] != 'x')
        return text[0];
    if (escaped_byte(text) == '\0') {
        *problem = "\\x wants two hex digits, and not 00";
        return text[0];
    }
    *at += 3;
    return escaped_byte(text);
}

/* One word, unquoted in place. NULL at the end of the line; *problem when a quote stays open or an
 * escape is wrong. */
static char *line_word(char **cursor, const char **problem)
{
    char *at = *cursor + strspn(*cursor, " \t\r");
    char *word = at;
    char *out = at;
    bool is_quoted = *at == '"';

    if (*at == '\0' || *at == '#')
        return NULL;
    if (is_quoted)
        at++;
    while (*at != '\0' && (is_quoted ? *at != '"' : strchr(" \t\r", *at) == NULL))
        *out++ = is_quoted ? line_char(&at, problem) : *at++;
    if (is_quoted && *at == '\0')
        *problem = "a quotation mark is missing";
    *cursor = *at == '\0' ? at : at + 1;
    *out = '\0';
    return word;
}

static const char *line_parse(struct radio_world *world, char *line)
{
    struct words words = {.count = 0, .next = 1};
    const char *problem = NULL;
    char *word = NULL;

    while ((word = line_word(&line, &problem)) != NULL) {
        if (words.count == WORDS_MAX)
            return "the line has too many words";
        words.word[words.count++] = word;
    }
    if (problem != NULL || words.count == 0)
        return problem;
    for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
        if (strcmp(words.word[0], directives[i].name) != 0)
            continue;
        problem = directives[i].parse(world, &words);
        return problem == NULL && words.next < words.count ? "the line has too many words"
                                                           : problem;
    }
    return "unknown word; there are network, resolve, internet, time, range, forward, portal and "
           "broadcast";
}

void radio_world_init(struct radio_world *world)
{
    memset(world, 0, sizeof(*world));
    world->range = RADIO_RANGE;
    world->is_any_network = true;
    world->has_internet = true;
}

int radio_world_parse(struct radio_world *world, char *text, const char *path)
{
    unsigned number = 0;

    memset(world, 0, sizeof(*world));
    world->range = RADIO_RANGE;
    while (text != NULL) {
        char *line = text;
        char *end = strchr(text, '\n');
        text = end == NULL ? NULL : end + 1;
        if (end != NULL)
            *end = '\0';
        number++;
        const char *problem = line_parse(world, line);
        if (problem != NULL) {
            cli_error("world file '%s', line %u: %s", path, number, problem);
            return CLI_ERROR;
        }
    }
    return CLI_OK;
}

int radio_world_load(struct radio_world *world, const char *path)
{
    struct file_content content = {NULL, 0};
    int result = file_read(path, RADIO_WORLD_SIZE_MAX, &content);

    if (result != CLI_OK)
        return result;
    if (memchr(content.bytes, '\0', content.size) != NULL) {
        cli_error("world file '%s' is not a text file", path);
        result = CLI_ERROR;
    } else {
        result = radio_world_parse(world, (char *)content.bytes, path);
    }
    file_free(&content);
    return result;
}

bool radio_world_set_portal(struct radio_world *world, const char *text)
{
    char copy[PORTAL_SIZE];

    world->portal.chip_port = PORTAL_PORT;
    if (copy_text(copy, sizeof(copy), text) && parse_source(copy, &world->portal))
        return true;
    cli_error("--portal '%s' is malformed: give [ADDRESS:]PORT, for example 8080", text);
    return false;
}

struct radio_network *radio_world_find(struct radio_world *world, const char *ssid)
{
    for (size_t i = 0; i < world->network_count; i++) {
        if (strcmp(world->networks[i].ssid, ssid) == 0)
            return &world->networks[i];
    }
    return NULL;
}

const struct radio_name *radio_world_find_name(const struct radio_world *world, const char *name)
{
    for (size_t i = 0; i < world->name_count; i++) {
        if (strcasecmp(world->names[i].name, name) == 0)
            return &world->names[i];
    }
    return NULL;
}

enum lcm_err radio_network_join(struct radio_network *network, const char *password)
{
    if (network == NULL)
        return LCM_ERR_WIFI_NOT_FOUND;
    if (network->fails > 0) {
        if (network->fails != RADIO_FAILS_ALWAYS)
            network->fails--;
        return LCM_ERR_WIFI;
    }
    if (network->password[0] != '\0' && strcmp(network->password, password) != 0)
        return LCM_ERR_WIFI_PASSWORD;
    return LCM_OK;
}

void radio_network_show(const struct radio_network *network, struct lcm_network *shown)
{
    size_t size = network->is_hidden ? 0 : strlen(network->ssid);

    *shown = (struct lcm_network){
        .ssid_size = (uint8_t)size,
        .channel = network->channel,
        .signal_dbm = (int8_t)network->signal,
        .is_secured = network->password[0] != '\0',
    };
    memcpy(shown->ssid, network->ssid, size);
}

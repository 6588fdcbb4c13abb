// SPDX-License-Identifier: Apache-2.0
/* Paths of the store; see the header. */
#include "collector/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/engine.h"
#include "host/file.h"

static int place_default(bool makes_folder, char place[PLACE_SIZE])
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    char folder[PLACE_SIZE - 16];
    int length =
        data != NULL && data[0] != '\0'
            ? snprintf(folder, sizeof(folder), "%s/lcm", data)
            : snprintf(folder, sizeof(folder), "%s/.local/share/lcm", home != NULL ? home : ".");

    if (length < 0 || (size_t)length >= sizeof(folder)) {
        cli_error("the path of the data folder is too long. Name the store with --store FILE");
        return CLI_ERROR;
    }
    snprintf(place, PLACE_SIZE, "%s/fleet.db", folder);
    return makes_folder ? file_make_folder(folder) : CLI_OK;
}

int place_find(const struct cli_args *args, bool makes_folder, char place[PLACE_SIZE])
{
    const char *given = cli_get(args, "store");

    if (given == NULL)
        given = getenv("LCM_STORE");
    if (given == NULL || given[0] == '\0')
        return place_default(makes_folder, place);
    if (strlen(given) >= PLACE_SIZE) {
        cli_error("--store: longer than %u bytes", PLACE_SIZE - 1);
        return CLI_USAGE;
    }
    snprintf(place, PLACE_SIZE, "%s", given);
    return CLI_OK;
}

int place_beside(const char *store, const char *name, char place[PLACE_SIZE])
{
    const char *slash = engine_is_postgres(store) ? NULL : strrchr(store, '/');
    int folder = slash != NULL ? (int)(slash - store) + 1 : 0;
    int length = snprintf(place, PLACE_SIZE, "%.*s%s", folder, store, name);

    return length > 0 && (size_t)length < PLACE_SIZE ? CLI_OK : CLI_ERROR;
}

// SPDX-License-Identifier: Apache-2.0
/* Which side a place belongs to. */
#include "collector/engine.h"

#include <string.h>

bool engine_is_postgres(const char *place)
{
    return strncmp(place, "postgresql://", 13) == 0 || strncmp(place, "postgres://", 11) == 0;
}

enum lcm_err engine_open(const char *place, bool is_reader, struct engine **engine,
                         char text[ENGINE_ERROR_SIZE])
{
    return engine_is_postgres(place) ? engine_postgres_open(place, is_reader, engine, text)
                                     : engine_sqlite_open(place, is_reader, engine, text);
}

void engine_close(struct engine *engine)
{
    if (engine != NULL)
        engine->side->close(engine);
}

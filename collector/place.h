/* SPDX-License-Identifier: Apache-2.0 */
/* Where the store is when nobody says: the same for `lcm collect`, `devices` and `events`. */
#ifndef LCM_COLLECTOR_PLACE_H
#define LCM_COLLECTOR_PLACE_H

#include "host/cli.h"

#define PLACE_SIZE 512u

/* --store, else LCM_STORE, else $XDG_DATA_HOME/lcm/fleet.db (or ~/.local/share/lcm/fleet.db). The
 * folder is made when makes_folder. Printed with cli_error when it is no good: an exit code. */
int place_find(const struct cli_args *args, bool makes_folder, char place[PLACE_SIZE]);
/* A file beside the store. */
int place_beside(const char *store, const char *name, char place[PLACE_SIZE]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `lcm serve`: the shape of GitHub's release hosting on one machine.
 * docs/SERVE.md tells what is served, the faults, and how it differs from GitHub.
 */
#ifndef LCM_SERVER_SERVE_H
#define LCM_SERVER_SERVE_H

#include "host/cli.h"

extern const struct cli_command lcm_serve_command;

#endif

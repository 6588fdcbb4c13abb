// SPDX-License-Identifier: Apache-2.0
/* Entry of the lcm command line: the list of its commands. */
#include "host/cli.h"
#include "tools/commands.h"

int main(int argc, char **argv)
{
    return cli_main(lcm_commands, argc, argv);
}

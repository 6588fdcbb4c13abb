/* SPDX-License-Identifier: Apache-2.0 */
/* Ports that refuse everything: they stand in until the chip's own port exists. */
#ifndef LCM_DEVICE_LX106_PORTS_NONE_H
#define LCM_DEVICE_LX106_PORTS_NONE_H

#include "lcm/layout.h"
#include "lcm/ports.h"

extern const struct lcm_ports lcm_ports_none;

#endif

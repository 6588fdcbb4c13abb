/* SPDX-License-Identifier: Apache-2.0 */
/* What the updater tells on the UART. */
#ifndef LCM_DEVICE_LX106_CONSOLE_H
#define LCM_DEVICE_LX106_CONSOLE_H

#include "core/log/report.h"

extern const struct lcm_observer lx106_console;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The program's stack: from the end of DRAM down to the variables. */
#ifndef LCM_PORT_LX106_STACK_H
#define LCM_PORT_LX106_STACK_H

#include <stdint.h>

#define LX106_STACK_PAINT 0x5AC3A35Cu
#define LX106_STACK_MARGIN 32 /* words below the start-up code's own frame */

/* Bytes of the stack used at its deepest so far. */
uint32_t lx106_stack_used(void);

#endif

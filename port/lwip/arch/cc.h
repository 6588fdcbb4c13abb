/* SPDX-License-Identifier: Apache-2.0 */
/* What lwIP needs from compiler and port. Its own header: names are given by lwIP. */
#ifndef LCM_PORT_LWIP_ARCH_CC_H
#define LCM_PORT_LWIP_ARCH_CC_H

#include <stdint.h>
#include <stdlib.h>

#define LWIP_NO_STDINT_H 0
#define LWIP_NO_INTTYPES_H 1
#define X8_F "x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "u"

/* Provided by the chip's port: an unpredictable word, and the end of a program that is wrong. */
uint32_t lwip_port_random(void);
_Noreturn void lwip_port_assert(void);

#define LWIP_RAND() lwip_port_random()
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x) lwip_port_assert()

#endif

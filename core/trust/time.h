/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What time it is, as far as a device may believe it. The network's clock is a hint
 * that anyone on the way can forge; the floor is the newest time somebody trusted has
 * signed. All times are Unix seconds in 64 bits; 0 = no trusted time: certificate
 * dates are then not judged, everything else is.
 */
#ifndef LCM_TRUST_TIME_H
#define LCM_TRUST_TIME_H

#include <stdint.h>

#define LCM_TIME_NONE 0u
#define LCM_TIME_AHEAD_MAX_S (10u * 31557600u) /* ten Julian years */

/* The hint when it lies within ten years after the floor, else LCM_TIME_NONE. */
uint64_t lcm_time_trusted(uint64_t floor_s, uint64_t hint_s);

/* The floor after a signed time was seen: it only rises, and never by more than ten
 * years at once (a forged-ahead time would make every honest clock look wrong). */
uint64_t lcm_time_raise_floor(uint64_t floor_s, uint64_t signed_s);

#endif

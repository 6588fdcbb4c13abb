/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one TLS anchor item of a trust sector. */
#ifndef LCM_TRUST_ANCHOR_H
#define LCM_TRUST_ANCHOR_H

#include "core/base/tlv.h"
#include "core/trust/sector.h"
#include "lcm/err.h"

/* RSA moduli the device can and may use: 2,048 to 4,096 bits. */
#define LCM_ANCHOR_MODULUS_SIZE_MIN 256u
#define LCM_ANCHOR_MODULUS_SIZE_MAX 512u
#define LCM_ANCHOR_EXPONENT_SIZE_MAX 4u
#define LCM_ANCHOR_P384_KEY_SIZE 97u

/* Parse one item; the pointers of *anchor lead into it. LCM_ERR_FORMAT. */
LCM_MUST_CHECK enum lcm_err lcm_anchor_parse(const struct lcm_tlv_item *item,
                                             struct lcm_anchor *anchor);

#endif

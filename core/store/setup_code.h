/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set-up code: the device's own secret, 60 bits, on its label (docs/SPEC.md section 11.1). It
 * is the password of the access point and what the key exchange of set-up is about. It stays
 * through factory resets and updates.
 *
 * The sector holds it twice. A power cut while it is written leaves no code or the new one; none
 * other ever counts.
 */
#ifndef LCM_STORE_SETUP_CODE_H
#define LCM_STORE_SETUP_CODE_H

#include <stdbool.h>

#include "lcm/err.h"
#include "lcm/flash.h"
#include "lcm/ports.h"
#include "lcm/setup.h"

#define LCM_SETUP_CODE_SIZE (LCM_SETUP_CODE_LENGTH + 1u)      /* bytes, the NUL included */
#define LCM_SETUP_CODE_TEXT_SIZE (LCM_SETUP_CODE_LENGTH + 3u) /* "XXXX-XXXX-XXXX" and a NUL */

/* The code on flash. LCM_ERR_NOT_FOUND: there is none. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_setup_code_load(const struct lcm_flash *flash,
                                                char code[LCM_SETUP_CODE_SIZE]);

/* Make it the device's code, in place of any other. The same code again mends a missing second
 * copy. LCM_ERR_ARGUMENT: no code; LCM_ERR_FLASH: the old one, none, or the new one is there. */
LCM_MUST_CHECK enum lcm_err lcm_setup_code_store(const struct lcm_flash *flash,
                                                 const char code[LCM_SETUP_CODE_SIZE]);

/*
 * The code on flash, or a new one when there is none: *is_new then, and somebody has to be told.
 * LCM_ERR_ENTROPY or LCM_ERR_FLASH: there was none and there is none.
 */
LCM_MUST_CHECK enum lcm_err lcm_setup_code_ensure(const struct lcm_flash *flash,
                                                  const struct lcm_entropy *entropy,
                                                  char code[LCM_SETUP_CODE_SIZE], bool *is_new);

/* A new code; all 2^60 are equally likely. LCM_ERR_ENTROPY. Wipe it after use. */
LCM_MUST_CHECK enum lcm_err lcm_setup_code_make(const struct lcm_entropy *entropy,
                                                char code[LCM_SETUP_CODE_SIZE]);

/* What a person typed: any case, dashes and spaces anywhere, O for 0, I and L for 1.
 * LCM_ERR_FORMAT: another character, or not twelve that count. */
LCM_MUST_CHECK enum lcm_err lcm_setup_code_parse(const char *text, char code[LCM_SETUP_CODE_SIZE]);

/* "7K3MQ9XTA2HB" to "7K3M-Q9XT-A2HB". */
void lcm_setup_code_format(const char code[LCM_SETUP_CODE_SIZE],
                           char text[LCM_SETUP_CODE_TEXT_SIZE]);

#endif

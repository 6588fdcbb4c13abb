/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people read them: the same in every message of every command. */
#ifndef LCM_HOST_TEXT_H
#define LCM_HOST_TEXT_H

#include <stdint.h>

#define TEXT_NUMBER_SIZE 32u /* bytes, NUL included */

/* "1,048,576" into text of TEXT_NUMBER_SIZE bytes; returns text. */
const char *text_thousands(char text[TEXT_NUMBER_SIZE], uint64_t number);

#endif

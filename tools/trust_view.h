/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust sectors for people and for programs: keys, hosts, anchors, room left.
 */
#ifndef LCM_TOOLS_TRUST_VIEW_H
#define LCM_TOOLS_TRUST_VIEW_H

#include <cjson/cJSON.h>

#include "core/trust/sector.h"

/* Bytes behind the last item of a sector that decoded without error, less what the
 * signature of a later owner change needs. */
size_t trust_view_free_bytes(const uint8_t file[LCM_TRUST_SIZE]);

/* "active", "not in use yet" or "retired", as core/trust/trust_store.h judges byte 0. */
const char *trust_view_state(uint8_t state);

/* Print a sector as text or JSON. CLI_OK when its own signature is valid, else
 * CLI_VERIFY; also for a file that is no sector. */
LCM_MUST_CHECK int trust_view_print(const uint8_t file[LCM_TRUST_SIZE], bool as_json);

/* As trust_view_print for the reference's format: DER public key, then PEM certificates. */
LCM_MUST_CHECK int trust_view_print_reference(const uint8_t file[LCM_TRUST_SIZE], bool as_json);

/* true when the file has the reference's format. */
bool trust_view_is_reference(const uint8_t file[LCM_TRUST_SIZE]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What several commands need: keys from files, results as exit codes, and values
 * as people read them.
 */
#ifndef LCM_TOOLS_COMMON_H
#define LCM_TOOLS_COMMON_H

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "core/trust/manifest.h"
#include "core/trust/sector.h"
#include "host/cli.h"
#include "host/file.h"
#include "host/keys.h"
#include "host/text.h"

#define TOOL_TEXT_SIZE 160u /* bytes of a formatted value, the NUL included */

/* The exit code of a result: LCM_OK is CLI_OK; everything that says "not valid" or "a
 * rule refuses it" is CLI_VERIFY. */
int tool_exit(enum lcm_err err);

/* Print the failure (its text, or that of err when it has none) and return tool_exit. */
int tool_fail(enum lcm_err err, const struct lcm_failure *failure);

/* Load a private key; CLI_OK, or an exit code after one error line. Close the key. */
LCM_MUST_CHECK int tool_load_key(const struct cli_args *args, const char *path,
                                 struct lcm_key **key);

/* Load the public point of a private or public PEM file. As tool_load_key. */
LCM_MUST_CHECK int tool_load_public(const struct cli_args *args, const char *path,
                                    uint8_t point[LCM_KEY_SIZE]);

/* A u32 / Unix time option; false after an error line. *value stays when not given. */
bool tool_u32(const struct cli_args *args, const char *name, uint32_t low, uint32_t *value);
bool tool_time(const struct cli_args *args, const char *name, uint64_t *value);

/* Read a sector file of LCM_TRUST_SIZE bytes, decode it and verify its own signature. */
LCM_MUST_CHECK int tool_load_trust(const char *path, uint8_t file[LCM_TRUST_SIZE],
                                   struct lcm_trust *trust);

/* Read and decode a manifest; its signature is not judged. Free *content. */
LCM_MUST_CHECK int tool_load_manifest(const char *path, struct file_content *content,
                                      struct lcm_manifest *manifest);

/* "2026-11-22 12:14 UTC" and hex digits; text is TOOL_TEXT_SIZE bytes. The result is
 * text. Hex takes at most 72 bytes. */
const char *tool_date(char *text, uint64_t seconds);
const char *tool_hex(char *text, const uint8_t *bytes, size_t size);

/* "app", "updater" or "boot"; "?" for any other. And back: 0 when unknown. */
const char *tool_type_name(enum lcm_file_type type);
enum lcm_file_type tool_type_parse(const char *name);

/* Print one JSON document on stdout and release it. Returns CLI_OK, or CLI_ERROR
 * when memory ran out. */
LCM_MUST_CHECK int tool_print_json(cJSON *json);

/* Add bytes as hex digits. */
void tool_json_hex(cJSON *object, const char *name, const uint8_t *bytes, size_t size);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a release: from repository, tag and name to bytes in a sink.
 *
 * The release host answers every file with a redirect to a signed address on an
 * asset host that lives about five minutes. A download keeps two such addresses, so
 * that a manifest and its image are located back to back on one connection and then
 * fetched on one other: two handshakes for an app update.
 *
 * An address that expired is located again without the caller noticing (bounded).
 * A host that serves the file itself, without a redirect, works as well. Where a
 * redirect may lead is decided by the trust sector.
 */
#ifndef LCM_UPDATE_DOWNLOAD_H
#define LCM_UPDATE_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fetch/fetch.h"
#include "core/fetch/url.h"
#include "core/trust/sector.h"

#define LCM_DOWNLOAD_PLACES 2u
#define LCM_DOWNLOAD_RELOCATIONS_MAX 3u           /* per file: each address lives 300 s */
#define LCM_ASSET_FILE_SIZE (LCM_FILE_SIZE + 16u) /* main.bin + ".manifest" */

/* Where the located address of a file is kept. */
enum lcm_place {
    LCM_PLACE_FIRST,  /* manifest, signature */
    LCM_PLACE_SECOND, /* image */
};

struct lcm_asset {
    const char *repository;
    const char *tag;
    char file[LCM_ASSET_FILE_SIZE];
};

enum lcm_download_phase {
    LCM_DOWNLOAD_IDLE,
    LCM_DOWNLOAD_LOCATING,
    LCM_DOWNLOAD_FETCHING,
};

struct lcm_download {
    struct lcm_fetch *fetch;
    const struct lcm_trust *trust;
    const struct lcm_url *base; /* emergency server, or NULL */
    enum lcm_tls_mode mode;
    enum lcm_download_phase phase;
    enum lcm_place place;
    bool is_locate_only;
    uint8_t relocations;
    uint32_t range_first;
    uint32_t range_size; /* 0 = whole file */
    struct lcm_sink sink;
    struct lcm_asset asset[LCM_DOWNLOAD_PLACES];
    char address[LCM_DOWNLOAD_PLACES][LCM_URL_SIZE]; /* "" = not located */
    char path[LCM_PATH_SIZE];
    struct lcm_url url; /* of the request on its way */
};

/* fetch and trust stay the caller's and must live as long. */
void lcm_download_init(struct lcm_download *download, struct lcm_fetch *fetch,
                       const struct lcm_trust *trust);

/* Serve all files from this base address instead of a release host (emergency mode);
 * NULL = release host. */
void lcm_download_set_base(struct lcm_download *download, const struct lcm_url *base);

/*
 * Say which file a place stands for; forgets an address located before. file and
 * suffix are joined. LCM_ERR_TOO_LONG when they do not fit.
 */
LCM_MUST_CHECK enum lcm_err lcm_download_name(struct lcm_download *download, enum lcm_place place,
                                              const char *repository, const char *tag,
                                              const char *file, const char *suffix);

/* Begin to find the address of a place's file. Then step. Does nothing when it is known. */
LCM_MUST_CHECK enum lcm_err lcm_download_locate(struct lcm_download *download,
                                                enum lcm_place place);

/* Begin to fetch size bytes from first (size 0 = the whole file) of a place's file into
 * the sink, locating it before if needed. Then step. */
LCM_MUST_CHECK enum lcm_err lcm_download_get(struct lcm_download *download, enum lcm_place place,
                                             uint32_t first, uint32_t size,
                                             const struct lcm_sink *sink);

/*
 * Go on: LCM_PENDING, LCM_OK when located or fetched in full, or an error:
 * LCM_ERR_HTTP_NOT_FOUND, LCM_ERR_REDIRECT, LCM_ERR_CERTIFICATE, whatever the sink or
 * the fetch layer said. After an error nothing is on its way; addresses stay known.
 */
LCM_MUST_CHECK enum lcm_err lcm_download_step(struct lcm_download *download);

/* A sink that fills a caller's buffer; more bytes than size are LCM_ERR_TOO_LONG. */
struct lcm_buffer_sink {
    uint8_t *bytes;
    uint32_t size;
    uint32_t length; /* bytes so far */
};

struct lcm_sink lcm_buffer_sink(struct lcm_buffer_sink *buffer);

#endif

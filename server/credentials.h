/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two TLS hosts present: the real chain, and those of the certificate faults.
 *
 * The real ones are made at start; the others when they are first wanted (prepare), which
 * may take seconds for RSA. Thread-safe; credentials live until serve_credentials_free.
 */
#ifndef LCM_SERVER_CREDENTIALS_H
#define LCM_SERVER_CREDENTIALS_H

#include <pthread.h>

#include <gnutls/gnutls.h>

#include "server/fault.h"
#include "server/state.h"

enum serve_variant {
    SERVE_REAL,
    SERVE_NEW_CA,
    SERVE_WRONG_CA,
    SERVE_WRONG_NAME,
    SERVE_EXPIRED,
    SERVE_VARIANT_COUNT
};

#define SERVE_TLS_HOSTS 2u /* SERVE_RELEASE with ECC, SERVE_ASSET with RSA */

struct serve_credentials {
    pthread_mutex_t lock;
    const char *state;
    const char *host_names[SERVE_TLS_HOSTS];
    struct serve_authority authorities[SERVE_TLS_HOSTS];
    gnutls_certificate_credentials_t made[SERVE_TLS_HOSTS][SERVE_VARIANT_COUNT];
};

/* Load or make the authorities and the real credentials. is_made: keys are new. Errors as
 * serve_authority_open; nothing is left to free then. */
LCM_MUST_CHECK enum lcm_err serve_credentials_init(struct serve_credentials *credentials,
                                                   const char *state, const char *const *host_names,
                                                   bool *is_made);

/* Credentials of one TLS host, made when missing; NULL when that failed. */
gnutls_certificate_credentials_t serve_credentials_get(struct serve_credentials *credentials,
                                                       enum serve_host host,
                                                       enum serve_variant variant);

void serve_credentials_free(struct serve_credentials *credentials);

#endif

// SPDX-License-Identifier: Apache-2.0
/*
 * States that ask which releases are the latest: of LifeCycle Manager and of the app,
 * on one connection. Stable devices follow the redirect of releases/latest, beta
 * devices read the newest entry of the release feed.
 */
#include <string.h>

#include "core/base/text.h"
#include "core/update/states.h"

static enum lcm_err find_discard(void *context, const uint8_t *bytes, size_t size)
{
    uint32_t *received = context;

    (void)bytes;
    if (size > LCM_FEED_SIZE_MAX - *received)
        return LCM_ERR_TOO_LONG;
    *received += (uint32_t)size;
    return LCM_OK;
}

static enum lcm_err find_feed_path(struct lcm_lifecycle *lc, const char *repository)
{
    struct lcm_text text;

    lcm_text_init(&text, lc->path, sizeof(lc->path));
    lcm_text_char(&text, '/');
    lcm_text_string(&text, repository);
    lcm_text_string(&text, "/releases.atom");
    return text.truncated ? LCM_ERR_TOO_LONG : LCM_OK;
}

static enum lcm_err find_begin(struct lcm_lifecycle *lc, const char *repository, bool is_beta,
                               char *tag)
{
    struct lcm_request request = {
        .host = lc->trust.host, .path = lc->path, .mode = lc->download.mode};
    struct lcm_sink sink = {&lc->tag_scan.received, find_discard};
    enum lcm_err err;

    lcm_tag_scan_init(&lc->tag_scan, tag, LCM_TAG_SIZE);
    if (is_beta) {
        sink = lcm_tag_scan_sink(&lc->tag_scan);
        err = find_feed_path(lc, repository);
    } else {
        err = lcm_url_latest_path(lc->path, repository);
    }
    if (err != LCM_OK)
        return err;
    return lcm_fetch_begin(&lc->fetch, &request, sink, lc->location, sizeof(lc->location));
}

static enum lcm_err find_step(struct lcm_lifecycle *lc, bool is_beta, char *tag)
{
    struct lcm_url url;
    enum lcm_err err = lcm_fetch_step(&lc->fetch);

    /* The newest entry is the first: a feed may be longer than what is read of it. */
    if (is_beta && (err == LCM_OK || err == LCM_ERR_TOO_LONG))
        return lcm_tag_scan_finish(&lc->tag_scan);
    if (err != LCM_OK)
        return err;
    if (!lcm_fetch_response(&lc->fetch)->has_location)
        return LCM_ERR_REDIRECT;
    err = lcm_redirect_check(&lc->trust, lc->location, &url);
    return err == LCM_OK ? lcm_url_parse_tag(lc->location, tag) : err;
}

enum lcm_err state_find_lcm_begin(struct lcm_lifecycle *lc)
{
    return find_begin(lc, lc->trust.repository, lc->is_lcm_beta, lc->lcm_tag);
}

enum lcm_err state_find_lcm_step(struct lcm_lifecycle *lc)
{
    return find_step(lc, lc->is_lcm_beta, lc->lcm_tag);
}

static bool find_is_app_wanted(const struct lcm_lifecycle *lc)
{
    return lc->config.running_slot == 1 && !lc->is_server_invalid && lc->app_repository[0] != '\0';
}

/* LifeCycle Manager's own repository is gone or empty: no reason to leave the app behind. */
static enum lcm_state find_without_lcm(struct lcm_lifecycle *lc, enum lcm_err result)
{
    lc->lcm_tag[0] = '\0';
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_CHECK,
                          .severity = LCM_SEVERITY_WARNING,
                          .phase = "check",
                          .file = lc->trust.repository,
                          .text = "no release of LifeCycle Manager found, looking for the app only",
                          .result = result,
                      });
    return STATE_FIND_APP;
}

enum lcm_state state_find_lcm_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    if ((result == LCM_ERR_HTTP_NOT_FOUND || result == LCM_ERR_NO_VERSION) &&
        find_is_app_wanted(lc))
        return find_without_lcm(lc, result);
    if (result != LCM_OK)
        return STATE_FAILED;
    return find_is_app_wanted(lc) ? STATE_FIND_APP : STATE_TRUST_LOCATE;
}

enum lcm_err state_find_app_begin(struct lcm_lifecycle *lc)
{
    return find_begin(lc, lc->app_repository, lc->is_app_beta, lc->app_tag);
}

enum lcm_err state_find_app_step(struct lcm_lifecycle *lc)
{
    return find_step(lc, lc->is_app_beta, lc->app_tag);
}

/* A release never changes: one that was processed in full holds nothing new, so on a
 * valid host nothing of it is fetched again. A missing app must not keep LifeCycle
 * Manager from updating itself, so that failure is only kept for later. */
enum lcm_state state_find_app_choose(struct lcm_lifecycle *lc, enum lcm_err result)
{
    uint32_t lcm_hash = lcm_record_repository_hash(lc->trust.repository);

    lc->app_failure = result;
    if (result != LCM_OK)
        lc->app_tag[0] = '\0';
    if (lc->config.trial != NULL)
        return state_app_decide(lc);
    if (lc->lcm_tag[0] == '\0' ||
        lcm_record_tag_is_processed(&lc->state_log, LCM_STATE_TAG_LCM, lcm_hash, lc->lcm_tag,
                                    lc->trust.sequence))
        return state_app_decide(lc);
    return STATE_TRUST_LOCATE;
}

/*
 * The host's certificate is not trusted. From here on the connection is only a pipe:
 * files of LifeCycle Manager may still come through it, because their signatures
 * decide; that is how a new certificate authority reaches the device. No app does.
 */
enum lcm_err state_server_invalid_step(struct lcm_lifecycle *lc)
{
    lc->is_server_invalid = true;
    lc->app_tag[0] = '\0';
    lc->app_failure = LCM_ERR_CERTIFICATE;
    lc->download.mode = LCM_TLS_UNTRUSTED;
    lcm_fetch_close(&lc->fetch);
    lifecycle_say(lc, &(struct lifecycle_message){
                          .id = LCM_EVENT_CERTINVALID,
                          .severity = LCM_SEVERITY_WARNING,
                          .phase = "check",
                          .file = lc->trust.host,
                          .text = "server certificate is not trusted, updates of the app wait",
                          .result = LCM_ERR_CERTIFICATE,
                      });
    return LCM_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the page share. */
#ifndef LCM_COLLECTOR_PAGE_INTERNAL_H
#define LCM_COLLECTOR_PAGE_INTERNAL_H

#include <cjson/cJSON.h>
#include <microhttpd.h>

#include "collector/limit.h"
#include "collector/page.h"
#include "collector/store_read.h"

#define PAGE_READERS 3u
#define PAGE_STREAMS_MAX 24u

struct page_reader {
    struct store store;
    bool is_open, is_taken;
    uint64_t generation;
};

struct page {
    struct collect *collect;
    struct MHD_Daemon *daemon;
    uint16_t port;
    bool is_loopback;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct page_reader readers[PAGE_READERS];
    struct limit limit;
    _Atomic unsigned streams;
    _Atomic uint64_t requests, refused;
    char *tls_key, *tls_certificate;
};

struct page_request {
    struct page *page;
    struct MHD_Connection *connection;
    const char *path; /* behind the route's prefix */
    struct store *store;
};

/* An answer: json or response; status 0 = 200. */
struct page_reply {
    unsigned status;
    cJSON *json;
    struct MHD_Response *response;
    const char *type;
    const char *error; /* of a status of 400 and above */
};

/* A connection to the store, or NULL when there is none now. */
struct page_reader *page_reader_take(struct page *page);
void page_reader_give(struct page *page, struct page_reader *reader);

/* A query parameter, or NULL. page_number: NULL, or what is no number, gives otherwise. */
const char *page_argument(const struct page_request *request, const char *name);
int64_t page_number(const struct page_request *request, const char *name, int64_t otherwise);
/* The filter of the query's parameters; false: error is set. */
bool page_filter(const struct page_request *request, struct read_filter *filter,
                 struct page_reply *reply);
int64_t page_online_since_ms(const struct collect *collect);

/* Every route: LCM_OK, or the store's error. */
enum lcm_err page_summary(struct page_request *request, struct page_reply *reply);
enum lcm_err page_devices(struct page_request *request, struct page_reply *reply);
enum lcm_err page_device(struct page_request *request, struct page_reply *reply);
enum lcm_err page_groups(struct page_request *request, struct page_reply *reply);
enum lcm_err page_events(struct page_request *request, struct page_reply *reply);
enum lcm_err page_releases(struct page_request *request, struct page_reply *reply);
enum lcm_err page_adoption(struct page_request *request, struct page_reply *reply);
enum lcm_err page_failures(struct page_request *request, struct page_reply *reply);
enum lcm_err page_alerts(struct page_request *request, struct page_reply *reply);
enum lcm_err page_export(struct page_request *request, struct page_reply *reply);
enum lcm_err page_metrics(struct page_request *request, struct page_reply *reply);
enum lcm_err page_health(struct page_request *request, struct page_reply *reply);
enum lcm_err page_stream(struct page_request *request, struct page_reply *reply);
/* A file of the page, NOT_FOUND when there is none of this name. */
enum lcm_err page_file(const char *path, struct page_reply *reply);

/* Times are Unix seconds with a fraction, null for "never". */
void page_add_time(cJSON *object, const char *name, int64_t at_ms);
cJSON *page_device_json(const struct device *device, int64_t online_ms);
cJSON *page_event_json(const struct store_event *event);
/* What is wrong with the collector itself: texts. */
cJSON *page_problems(struct collect *collect);
/* Also when none is asked for. */
bool page_token_is_right(const struct page *page, struct MHD_Connection *connection);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nginx as the release host: a server that nobody here wrote. Its configuration is made
 * from the world: the same files, certificates below the same authorities.
 */
#ifndef LCM_TESTS_FIXTURE_NGINX_H
#define LCM_TESTS_FIXTURE_NGINX_H

#include "tests/lib/fixture_world.h"

struct fixture_nginx_options {
    const char *suite_tag; /* what releases/latest of LifeCycle Manager leads to */
    const char *app_tag;   /* and of the app */
    const char *protocols; /* "TLSv1.2 TLSv1.3" */
    unsigned rate;         /* bytes per second of each connection; 0 = all it can */
    bool is_direct;        /* files come from the release host itself, without redirect */
};

struct fixture_nginx {
    struct fixture_process process;
    char folder[FIXTURE_PATH_SIZE];
    unsigned release_port, asset_port;
    char resolve[2][128]; /* values of --resolve for a device */
    size_t mark;          /* byte of the access log */
};

/* Make certificates and choose ports. nginx must be installed: its absence fails the test. */
void fixture_nginx_open(struct fixture_nginx *nginx, struct fixture_world *world);

/* Start (after a stop also again) with these options; returns when it accepts. */
void fixture_nginx_start(struct fixture_nginx *nginx, const struct fixture_world *world,
                         const struct fixture_nginx_options *options);
void fixture_nginx_stop(struct fixture_nginx *nginx);

/* Since the last call of fixture_nginx_mark: connections that made a request, requests, and
 * body bytes of paths that end in file. Stop nginx first: it then has written its log. */
struct fixture_nginx_count {
    unsigned connections, requests;
    unsigned long bytes;
};
void fixture_nginx_mark(struct fixture_nginx *nginx);
struct fixture_nginx_count fixture_nginx_count(const struct fixture_nginx *nginx, const char *file);

#endif

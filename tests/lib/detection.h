/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How systems find out that a network wants them to look at a page first: their probes, and their
 * rule for what the answer means, written down from their sources and documentation.
 */
#ifndef LCM_TESTS_DETECTION_H
#define LCM_TESTS_DETECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum detection_verdict {
    DETECTION_ONLINE,
    DETECTION_PORTAL,
    DETECTION_FAILED, /* neither: no pop-up, "no internet" */
};

/* What came back for a probe. */
struct detection_answer {
    uint8_t address[4];   /* that DNS gave for the host */
    uint16_t status;      /* 0: no HTTP answer */
    const char *location; /* of a redirect; "" = none */
    const char *body;
    size_t body_size;
    bool has_length;
};

struct detection_probe {
    const char *system;
    const char *host;
    const char *path;
    const char *user_agent;
    enum detection_verdict (*rule)(const struct detection_probe *probe,
                                   const struct detection_answer *answer);
    const char *online; /* the body that means "online"; NULL = 204 without a body */
};

extern const struct detection_probe detection_probes[];
extern const size_t detection_probe_count;

/* The rule of a probe, on an answer. */
enum detection_verdict detection_judge(const struct detection_probe *probe,
                                       const struct detection_answer *answer);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Home Assistant: every device as an `update` entity by MQTT discovery. The collector publishes,
 * the devices need nothing for it. Retained, so that the hub knows them after its own restart.
 */
#ifndef LCM_COLLECTOR_MQTT_H
#define LCM_COLLECTOR_MQTT_H

#include "collector/collect.h"
#include "collector/store.h"

struct mqtt;

/* NULL without a broker in the options; *code tells when that is an error. */
struct mqtt *mqtt_start(struct collect *collect, int *code);
void mqtt_stop(struct mqtt *mqtt);

/* A device changed. */
void mqtt_device(struct mqtt *mqtt, struct store *store, const struct device *device);
/* There is a new release: all devices are published again, a few with every step. */
void mqtt_all_again(struct mqtt *mqtt);
void mqtt_step(struct mqtt *mqtt, struct store *store);

/* The page of a release, whatever its names hold; inside. */
#define MQTT_URL_SIZE (64u + 3 * (COLLECT_NAME_SIZE + COLLECT_VERSION_SIZE))
void mqtt_release_url(const char *repo, const char *tag, char url[MQTT_URL_SIZE]);

#endif

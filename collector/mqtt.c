// SPDX-License-Identifier: Apache-2.0
/* Publishing by MQTT; see the header. Holds no list of devices: the store has them. */
#include "collector/mqtt.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"

#define KEEPALIVE_S 60
#define STEP_DEVICES 200
#define TOPIC_SIZE 160
#define PASSWORD_SIZE_MAX 256u
#define DEFAULT_PORT 1883
#define HOST_SIZE 256

struct mqtt {
    struct collect *collect;
    struct mosquitto *client;
    _Atomic bool is_again; /* publish all */
    bool is_sweeping;
    char after[COLLECT_ID_SIZE]; /* the last device of the sweep so far */
};

static void mqtt_on_connect(struct mosquitto *client, void *context, int code)
{
    struct mqtt *mqtt = context;

    (void)client;
    if (code == 0)
        mqtt->is_again = true;
}

static int mqtt_password(struct mqtt *mqtt)
{
    const struct collect_options *options = &mqtt->collect->options;
    struct file_content content = {NULL, 0};
    int code = CLI_OK;

    if (options->mqtt_user == NULL)
        return CLI_OK;
    if (options->mqtt_password_file != NULL)
        code = file_read(options->mqtt_password_file, PASSWORD_SIZE_MAX, &content);
    if (code != CLI_OK)
        return code;
    char *password = (char *)content.bytes;
    if (password != NULL)
        password[strcspn(password, "\r\n")] = '\0';
    mosquitto_username_pw_set(mqtt->client, options->mqtt_user, password);
    file_free(&content);
    return CLI_OK;
}

static int mqtt_connect(struct mqtt *mqtt)
{
    const char *place = mqtt->collect->options.mqtt;
    const char *colon = strrchr(place, ':');
    char host[HOST_SIZE];
    long port = colon != NULL ? strtol(colon + 1, NULL, 10) : DEFAULT_PORT;

    snprintf(host, sizeof(host), "%.*s", colon != NULL ? (int)(colon - place) : (int)strlen(place),
             place);
    if (port < 1 || port > 65535 || host[0] == '\0') {
        cli_error("--mqtt '%s' is malformed: write HOST or HOST:PORT", place);
        return CLI_USAGE;
    }
    mosquitto_connect_callback_set(mqtt->client, mqtt_on_connect);
    mosquitto_reconnect_delay_set(mqtt->client, 1, 60, true);
    /* A broker that is not there yet is no error: the client goes on trying. */
    (void)mosquitto_connect_async(mqtt->client, host, (int)port, KEEPALIVE_S);
    if (mosquitto_loop_start(mqtt->client) == MOSQ_ERR_SUCCESS)
        return CLI_OK;
    cli_error("MQTT does not start");
    return CLI_ERROR;
}

struct mqtt *mqtt_start(struct collect *collect, int *code)
{
    struct mqtt *mqtt;

    *code = CLI_OK;
    if (collect->options.mqtt == NULL)
        return NULL;
    mosquitto_lib_init();
    mqtt = calloc(1, sizeof(*mqtt));
    if (mqtt != NULL)
        mqtt->client = mosquitto_new(NULL, true, mqtt);
    if (mqtt == NULL || mqtt->client == NULL) {
        free(mqtt);
        cli_error("out of memory");
        *code = CLI_ERROR;
        return NULL;
    }
    mqtt->collect = collect;
    *code = mqtt_password(mqtt);
    if (*code == CLI_OK)
        *code = mqtt_connect(mqtt);
    if (*code == CLI_OK)
        return mqtt;
    mosquitto_destroy(mqtt->client);
    free(mqtt);
    return NULL;
}

void mqtt_stop(struct mqtt *mqtt)
{
    if (mqtt == NULL)
        return;
    mosquitto_disconnect(mqtt->client);
    mosquitto_loop_stop(mqtt->client, false);
    mosquitto_destroy(mqtt->client);
    mosquitto_lib_cleanup();
    free(mqtt);
}

static void mqtt_publish(struct mqtt *mqtt, const char *topic, cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);

    if (text != NULL && mosquitto_publish(mqtt->client, NULL, topic, (int)strlen(text), text, 0,
                                          true) == MOSQ_ERR_SUCCESS)
        mqtt->collect->counters.mqtt_published++;
    cJSON_free(text);
    cJSON_Delete(object);
}

/* Ids of other hosts may hold what a topic or an object id may not. */
static void mqtt_object_id(const char *id, char object[COLLECT_ID_SIZE])
{
    size_t i = 0;

    for (; id[i] != '\0' && i + 1 < COLLECT_ID_SIZE; i++)
        object[i] = (char)(isalnum((unsigned char)id[i]) || id[i] == '-' ? id[i] : '_');
    object[i] = '\0';
}

static cJSON *mqtt_config(const struct device *device, const char *object, const char *state_topic)
{
    char name[COLLECT_ID_SIZE + 8];
    cJSON *config = cJSON_CreateObject();
    cJSON *owner = cJSON_CreateObject();

    snprintf(name, sizeof(name), "lcm_%s", object);
    cJSON_AddStringToObject(config, "name", "Firmware");
    cJSON_AddStringToObject(config, "unique_id", name);
    cJSON_AddStringToObject(config, "state_topic", state_topic);
    cJSON_AddStringToObject(config, "device_class", "firmware");
    cJSON_AddStringToObject(config, "entity_category", "diagnostic");
    cJSON *identifiers = cJSON_AddArrayToObject(owner, "identifiers");
    cJSON_AddItemToArray(identifiers, cJSON_CreateString(name));
    cJSON_AddStringToObject(owner, "name", device->id);
    cJSON_AddStringToObject(owner, "manufacturer", "LifeCycle Manager");
    cJSON_AddStringToObject(owner, "model", device->repo);
    cJSON_AddStringToObject(owner, "sw_version", device->app);
    cJSON_AddStringToObject(owner, "hw_version", device->lcm);
    cJSON_AddItemToObject(config, "device", owner);
    return config;
}

struct latest {
    char version[COLLECT_VERSION_SIZE];
    bool is_verified; /* a device that proved who it is runs it */
};

static bool latest_row(void *context, const struct engine_row *row)
{
    struct latest *latest = context;

    snprintf(latest->version, sizeof(latest->version), "%s",
             row->values[0].text != NULL ? row->values[0].text : "");
    latest->is_verified = row->values[1].integer != 0;
    return false;
}

static void mqtt_latest(struct store *store, const struct device *device, struct latest *latest)
{
    const struct engine_value values[] = {ENGINE_TEXT(device->repo), ENGINE_TEXT(device->channel)};
    const struct engine_call call = {
        .sql = "SELECT version, verified FROM releases WHERE repo = $1 AND (channel = $2 OR "
               "channel <> 'beta') ORDER BY version_key DESC LIMIT 1",
        .is_fixed = true,
        .values = values,
        .count = 2,
        .row = latest_row,
        .context = latest,
    };

    latest->is_verified = false;
    snprintf(latest->version, sizeof(latest->version), "%s", device->app);
    (void)store->engine->side->call(store->engine, &call);
}

/* What is no letter, digit or mark of RFC 3986, 2.3 becomes %XX; also_kept is one more. */
static size_t url_encode(char *url, size_t size, size_t length, const char *text, char also_kept)
{
    for (; *text != '\0' && length + sizeof("%XX") <= size; text++) {
        bool is_kept = (isalnum((unsigned char)*text) && (unsigned char)*text < 0x80) ||
                       strchr("-._~", *text) != NULL || *text == also_kept;

        length += (size_t)snprintf(url + length, size - length, is_kept ? "%c" : "%%%02X",
                                   (unsigned char)*text);
    }
    return length;
}

void mqtt_release_url(const char *repo, const char *tag, char url[MQTT_URL_SIZE])
{
    size_t length = (size_t)snprintf(url, MQTT_URL_SIZE, "https://github.com/");

    length = url_encode(url, MQTT_URL_SIZE, length, repo, '/');
    length += (size_t)snprintf(url + length, MQTT_URL_SIZE - length, "/releases/tag/");
    url_encode(url, MQTT_URL_SIZE, length, tag, '\0');
}

void mqtt_device(struct mqtt *mqtt, struct store *store, const struct device *device)
{
    char object[COLLECT_ID_SIZE], topic[TOPIC_SIZE], config_topic[TOPIC_SIZE];
    char url[MQTT_URL_SIZE];
    struct latest latest;

    if (mqtt == NULL || device->app[0] == '\0')
        return;
    mqtt_object_id(device->id, object);
    snprintf(topic, sizeof(topic), "lcm/%s/update", object);
    snprintf(config_topic, sizeof(config_topic), "homeassistant/update/lcm_%s/config", object);
    mqtt_publish(mqtt, config_topic, mqtt_config(device, object, topic));
    mqtt_latest(store, device, &latest);
    cJSON *state = cJSON_CreateObject();
    cJSON_AddStringToObject(state, "installed_version", device->app);
    cJSON_AddStringToObject(state, "latest_version", latest.version);
    cJSON_AddStringToObject(state, "title", device->repo);
    if (latest.is_verified) {
        mqtt_release_url(device->repo, latest.version, url);
        cJSON_AddStringToObject(state, "release_url", url);
    }
    cJSON_AddBoolToObject(state, "in_progress", device->state == DEVICE_UPDATING);
    mqtt_publish(mqtt, topic, state);
}

void mqtt_all_again(struct mqtt *mqtt)
{
    if (mqtt != NULL)
        mqtt->is_again = true;
}

struct sweep {
    struct device *devices;
    size_t count;
};

static bool sweep_row(void *context, const struct engine_row *row)
{
    struct sweep *sweep = context;

    store_device_from_row(&sweep->devices[sweep->count++], row, 0);
    return sweep->count < STEP_DEVICES;
}

void mqtt_step(struct mqtt *mqtt, struct store *store)
{
    char sql[STORE_SQL_SIZE], columns[STORE_SQL_SIZE - 128];

    if (mqtt == NULL)
        return;
    if (mqtt->is_again) {
        mqtt->is_again = false;
        mqtt->is_sweeping = true;
        mqtt->after[0] = '\0';
    }
    struct sweep sweep = {NULL, 0};
    if (!mqtt->is_sweeping || (sweep.devices = calloc(STEP_DEVICES, sizeof(struct device))) == NULL)
        return;
    store_device_columns(columns, sizeof(columns));
    snprintf(sql, sizeof(sql), "SELECT %s FROM devices WHERE id > $1 ORDER BY id LIMIT 200",
             columns);
    const struct engine_value values[] = {ENGINE_TEXT(mqtt->after)};
    const struct engine_call call = {sql, false, values, 1, sweep_row, &sweep};
    if (store->engine->side->call(store->engine, &call) == LCM_OK) {
        for (size_t i = 0; i < sweep.count; i++)
            mqtt_device(mqtt, store, &sweep.devices[i]);
        mqtt->is_sweeping = sweep.count == STEP_DEVICES;
        if (sweep.count > 0)
            memcpy(mqtt->after, sweep.devices[sweep.count - 1].id, sizeof(mqtt->after));
    }
    free(sweep.devices);
}

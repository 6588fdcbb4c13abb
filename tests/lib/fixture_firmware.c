// SPDX-License-Identifier: Apache-2.0
/* Built firmware in the world of a test; see the header. */
#include "tests/lib/fixture_firmware.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_release.h"

#define WORLD_SIZE 1024u
#define HTTP_WAIT_S 10
#define COMPOSE_TIMEOUT_MS 10000u

/* A published file gets the bytes of a built program. */
static void firmware_publish(struct fixture_world *world, struct fixture_file *file,
                             const char *program)
{
    size_t size = 0;
    char *bytes = fixture_chip_program(program, &size);

    file->image = (uint8_t *)bytes;
    file->spec.image = file->image;
    file->spec.image_size = size;
    fixture_publish(world, file);
    free(bytes);
}

static void firmware_publish_boot(struct fixture_world *world, const char *version,
                                  uint32_t sequence)
{
    struct fixture_file file;

    fixture_updater(world, &file, 0, version, sequence);
    file.spec.type = LCM_FILE_BOOT;
    file.spec.file = "boot.bin";
    file.spec.slot_addr = LCM_BOOT_ADDR;
    firmware_publish(world, &file, "boot.bin");
}

void fixture_publish_firmware(struct fixture_world *world, const char *version, uint32_t sequence)
{
    for (unsigned slot = 0; slot < LCM_SLOT_COUNT; slot++) {
        struct fixture_file file;
        char program[64];

        fixture_updater(world, &file, slot, version, sequence);
        snprintf(program, sizeof(program), "%s/%s", version, file.spec.file);
        firmware_publish(world, &file, program);
    }
    firmware_publish_boot(world, version, sequence);
}

void fixture_publish_blink(struct fixture_world *world, const char *version, const char *build,
                           uint32_t sequence)
{
    struct fixture_file file;
    char program[64];

    fixture_app(world, &file, version, sequence);
    snprintf(program, sizeof(program), "blink/%s/main.bin", build);
    firmware_publish(world, &file, program);
}

void fixture_firmware_compose(struct fixture_world *world)
{
    static const char *const settings[] = {"wifi_ssid=home", "wifi_password=" FIXTURE_PASSWORD,
                                           "ota_repo=" FIXTURE_REPOSITORY};
    char release[FIXTURE_PATH_SIZE], path[3][FIXTURE_PATH_SIZE + 16], output[FIXTURE_PATH_SIZE];
    const char *arguments[] = {fixture_lcm(), "flash",     "compose",   "--out", world->flash_path,
                               "--boot",      path[0],     "--slot0",   path[1], "--trust",
                               path[2],       "--set",     settings[0], "--set", settings[1],
                               "--set",       settings[2], NULL};

    fixture_join(release, world->root, FIXTURE_SUITE_REPOSITORY "/1.0.0");
    snprintf(path[0], sizeof(path[0]), "%s/boot.bin", release);
    snprintf(path[1], sizeof(path[1]), "%s/otaboot.bin", release);
    snprintf(path[2], sizeof(path[2]), "%s/certs.sector", release);
    fixture_join(output, world->folder, "compose.out");
    assert_int_equal(fixture_process_run(arguments, output, COMPOSE_TIMEOUT_MS), 0);
}

void fixture_firmware_prepare(struct fixture_world *world)
{
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT);

    fixture_publish_trust(world, "1.0.0", &spec);
    fixture_publish_firmware(world, "1.0.0", 1);
    fixture_publish_blink(world, "1.0.0", "1.0.0", 1);
    fixture_firmware_compose(world);
}

/* ---- chips ---- */

void fixture_chip_live(struct fixture_chip *chip, const struct fixture_world *world,
                       const uint8_t *flash)
{
    fixture_chip_open(chip);
    fixture_chip_write(chip, 0, flash, LCM_FLASH_SIZE);
    fixture_chip_set_network(chip, world, "", 0);
}

void fixture_chip_set_network(struct fixture_chip *chip, const struct fixture_world *world,
                              const char *attributes, unsigned web_port)
{
    char text[WORLD_SIZE], forward[64] = "";

    if (web_port != 0)
        snprintf(forward, sizeof(forward), "forward %u 80\n", web_port);
    snprintf(text, sizeof(text),
             "network home password \"" FIXTURE_PASSWORD "\" %s\n"
             "resolve " FIXTURE_RELEASE_HOST " 127.0.0.1:%u\n"
             "resolve " FIXTURE_ASSET_HOST " 127.0.0.1:%u\n"
             "time now\n%s",
             attributes, world->server.release_port, world->server.asset_port, forward);
    fixture_chip_set_world(chip, text);
}

void fixture_chip_add_name(struct fixture_chip *chip, const char *name, const char *address)
{
    char *before = fixture_read_file(chip->world_path, NULL);
    char text[WORLD_SIZE];

    snprintf(text, sizeof(text), "%sresolve %s %s\n", before, name, address);
    free(before);
    fixture_chip_set_world(chip, text);
}

void fixture_chip_load(const struct fixture_chip *chip, struct fixture_world *world)
{
    fixture_chip_read(chip, 0, world->flash, LCM_FLASH_SIZE);
    assert_int_equal(flash_view_read(&world->view, world->flash), LCM_OK);
}

/* ---- the way to its web page ---- */

static struct sockaddr_in http_address(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

void fixture_http(unsigned port, const char *request, char answer[FIXTURE_HTTP_SIZE])
{
    const struct timeval patience = {.tv_sec = HTTP_WAIT_S};
    struct sockaddr_in address = http_address(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char text[128];
    size_t count = 0;
    ssize_t size = 0;

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: chip\r\n\r\n", request);
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
    while (count + 1 < FIXTURE_HTTP_SIZE &&
           (size = recv(fd, answer + count, FIXTURE_HTTP_SIZE - 1 - count, 0)) > 0)
        count += (size_t)size;
    answer[count] = '\0';
    close(fd);
    assert_int_equal(size, 0);
}

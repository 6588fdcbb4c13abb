// SPDX-License-Identifier: Apache-2.0
/* The classic pcap format: one header, then a record a frame, little-endian
 * (draft-ietf-opsawg-pcap). */
#include "port/emulator/radio_capture.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "core/base/bytes.h"
#include "host/cli.h"

#define PCAP_MAGIC 0xA1B2C3D4u /* time stamps in microseconds */
#define PCAP_VERSION 0x00040002u
#define PCAP_FRAME_MAX 65535u
#define PCAP_ETHERNET 1u
#define PCAP_HEADER_SIZE 24u
#define PCAP_RECORD_SIZE 16u

static void capture_write(struct radio_capture *capture, const void *bytes, size_t size)
{
    (void)!fwrite(bytes, 1, size, capture->file); /* a full disk ends the capture, not the run */
}

bool radio_capture_open(struct radio_capture *capture, const char *path)
{
    uint8_t header[PCAP_HEADER_SIZE] = {0};

    capture->file = fopen(path, "we");
    if (capture->file == NULL) {
        cli_error("cannot write the capture '%s': %s", path, strerror(errno));
        return false;
    }
    lcm_put_u32(header, PCAP_MAGIC);
    lcm_put_u32(header + 4, PCAP_VERSION);
    lcm_put_u32(header + 16, PCAP_FRAME_MAX);
    lcm_put_u32(header + 20, PCAP_ETHERNET);
    capture_write(capture, header, sizeof(header));
    return true;
}

void radio_capture_frame(struct radio_capture *capture, const uint8_t *frame, size_t size)
{
    uint8_t record[PCAP_RECORD_SIZE];
    struct timespec now;

    if (capture->file == NULL)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    lcm_put_u32(record, (uint32_t)now.tv_sec);
    lcm_put_u32(record + 4, (uint32_t)(now.tv_nsec / 1000));
    lcm_put_u32(record + 8, (uint32_t)size);
    lcm_put_u32(record + 12, (uint32_t)size);
    capture_write(capture, record, sizeof(record));
    capture_write(capture, frame, size);
    fflush(capture->file);
}

void radio_capture_close(struct radio_capture *capture)
{
    if (capture->file != NULL)
        fclose(capture->file);
    capture->file = NULL;
}

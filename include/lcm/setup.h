/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers of the set-up protocol (docs/SPEC.md section 11), for both of its ends. Numbers are
 * append-only and never reused.
 */
#ifndef LCM_SETUP_H
#define LCM_SETUP_H

#define LCM_SETUP_PROTOCOL 1 /* the version of all of this */

/* Key exchange, section 11.2. */
#define LCM_SETUP_CLIENT_ID "lcm-setup" /* the client's identity; the device's is its id */
#define LCM_SETUP_SALT "LCM-SPAKE2-v1"
#define LCM_SETUP_DEVICE_ID_SIZE 12u /* characters: the MAC address in lower-case hex */
#define LCM_SETUP_CODE_LENGTH 12u    /* characters */
#define LCM_SETUP_SESSION_SIZE 8u    /* bytes */
#define LCM_SETUP_POINT_SIZE 65u     /* 04 || X || Y */
#define LCM_SETUP_CONFIRM_SIZE 32u   /* cA, cB */
#define LCM_SETUP_KEY_SIZE 32u

/* A message, section 11.3. */
#define LCM_MESSAGE_NUMBER_OFFSET 8u
#define LCM_MESSAGE_TEXT_OFFSET 16u
#define LCM_MESSAGE_TEXT_SIZE 1024u
#define LCM_MESSAGE_TAG_OFFSET (LCM_MESSAGE_TEXT_OFFSET + LCM_MESSAGE_TEXT_SIZE)
#define LCM_MESSAGE_TAG_SIZE 16u
#define LCM_MESSAGE_SIZE (LCM_MESSAGE_TAG_OFFSET + LCM_MESSAGE_TAG_SIZE)

enum lcm_setup_command {
    LCM_SETUP_READ = 1,
    LCM_SETUP_SCAN = 2,
    LCM_SETUP_SET = 3,
    LCM_SETUP_STATUS = 4,
    LCM_SETUP_IDENTIFY = 5,
    LCM_SETUP_FACTORY_RESET = 6,
    LCM_SETUP_FINISH = 7,
};

enum lcm_setup_result {
    LCM_SETUP_DONE = 0,
    LCM_SETUP_REFUSED = 1, /* LCM_ITEM_FIELD_ERROR says why */
    LCM_SETUP_BUSY = 2,
    LCM_SETUP_MALFORMED = 3,
};

/* How far a trial of new settings is. */
enum lcm_setup_phase {
    LCM_SETUP_PHASE_NONE = 0,
    LCM_SETUP_PHASE_JOIN = 1,
    LCM_SETUP_PHASE_CLOCK = 2,
    LCM_SETUP_PHASE_HOST = 3,
    LCM_SETUP_PHASE_REPOSITORY = 4,
    LCM_SETUP_PHASE_FILE = 5,
    LCM_SETUP_PHASE_DONE = 6,
    LCM_SETUP_PHASE_FAILED = 7,
};

/* Tags of the items in a message. */
enum lcm_item {
    LCM_ITEM_END = 0x00,
    LCM_ITEM_COMMAND = 0x01,
    LCM_ITEM_RESULT = 0x02,
    LCM_ITEM_FIELD_ERROR = 0x03, /* u16 tag of the field, u16 error */
    LCM_ITEM_NO_TRIAL = 0x04,
    LCM_ITEM_CONFIRMATION = 0x05, /* LCM_SETUP_CONFIRMATION */
    LCM_ITEM_RESCAN = 0x06,

    LCM_ITEM_SSID = 0x10,
    LCM_ITEM_PASSWORD = 0x11,
    LCM_ITEM_REPOSITORY = 0x12,
    LCM_ITEM_FILE = 0x13,
    LCM_ITEM_APP_KEY = 0x14,
    LCM_ITEM_CHANNEL = 0x15,
    LCM_ITEM_UNSIGNED = 0x16,
    LCM_ITEM_OTA_STRING = 0x17,
    LCM_ITEM_LED_PIN = 0x18,
    LCM_ITEM_SYSLOG = 0x19,
    LCM_ITEM_EMERGENCY = 0x1A,
    LCM_ITEM_TELEMETRY = 0x1B,

    LCM_ITEM_DEVICE_ID = 0x30,
    LCM_ITEM_LCM_VERSION = 0x31,
    LCM_ITEM_APP_VERSION = 0x32,
    LCM_ITEM_HAS_APP = 0x33,
    LCM_ITEM_LCM_BETA = 0x34,
    LCM_ITEM_HAS_PASSWORD = 0x35,

    LCM_ITEM_NETWORK = 0x40, /* i8 dBm, u8 channel, u8 secured, name */
    LCM_ITEM_SCANNING = 0x41,

    LCM_ITEM_PHASE = 0x50,
    LCM_ITEM_ERROR = 0x51,
    LCM_ITEM_FAILED_PHASE = 0x52,
    LCM_ITEM_ADDRESS = 0x53,
    LCM_ITEM_RELEASE = 0x54,
    LCM_ITEM_STORED = 0x55,
    LCM_ITEM_LEAVES_IN = 0x56, /* u16 seconds */
    LCM_ITEM_LIMIT = 0x60      /* tags are below */
};

#define LCM_SETUP_CONFIRMATION "erase" /* what a factory reset must say */

#endif

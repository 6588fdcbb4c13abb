/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Result codes of every function that can fail.
 *
 * One table generates the enum, the names used in logs and events, and the
 * sentence a person reads. Numbers are part of the event format: they are
 * append-only and never reused.
 *
 * LCM_PENDING is not an error: a begin/step function returns it while work
 * remains. Results are passed by out-parameter and written only on LCM_OK.
 */
#ifndef LCM_ERR_H
#define LCM_ERR_H

/* X(number, NAME, "what a person reads") */
#define LCM_ERR_TABLE(X) \
    X(0, OK, "ok") \
    X(1, PENDING, "not finished yet") \
    X(2, ARGUMENT, "argument outside its range") \
    X(3, NOT_FOUND, "not found") \
    X(4, NO_SPACE, "no space left") \
    X(5, TOO_LONG, "longer than the limit") \
    X(6, FORMAT, "malformed data") \
    X(7, CORRUPT, "checksum or hash does not match") \
    X(8, FLASH, "flash refused or did not keep the data") \
    X(9, GUARD, "write outside the allowed flash region") \
    X(10, SIGNATURE, "signature is not valid") \
    X(11, KEY_UNKNOWN, "signed by an unknown key") \
    X(12, UNSIGNED, "not signed and unsigned apps are not allowed") \
    X(13, ROLLBACK, "older than what this device already accepted") \
    X(14, EQUIVOCATION, "same sequence number with different content") \
    X(15, WRONG_REPOSITORY, "made for another repository") \
    X(16, WRONG_FILE, "made for another file") \
    X(17, WRONG_TYPE, "wrong kind of file") \
    X(18, WRONG_SLOT, "linked for another flash address") \
    X(19, WRONG_FLASH, "made for another flash size") \
    X(20, WRONG_CHANNEL, "made for another channel") \
    X(21, UPDATER_TOO_OLD, "needs a newer LifeCycle Manager") \
    X(22, TOO_LARGE, "larger than its slot") \
    X(23, CRITICAL_FIELD, "contains a critical field this version does not know") \
    X(24, NO_WIFI_SETTINGS, "no Wi-Fi network is stored") \
    X(25, WIFI_PASSWORD, "the Wi-Fi password was refused") \
    X(26, WIFI_NOT_FOUND, "the Wi-Fi network was not found") \
    X(27, WIFI, "the Wi-Fi connection failed") \
    X(28, DNS, "host name not resolved") \
    X(29, CONNECT, "host not reachable") \
    X(30, CLOSED, "connection closed early") \
    X(31, TIMEOUT, "deadline passed") \
    X(32, TOO_SLOW, "data arrives below the minimum rate") \
    X(33, TLS, "TLS failed") \
    X(34, CERTIFICATE, "server certificate is not trusted") \
    X(35, HTTP, "malformed HTTP response") \
    X(36, HTTP_STATUS, "unexpected HTTP status") \
    X(37, HTTP_NOT_FOUND, "file or repository does not exist") \
    X(38, HTTP_EXPIRED, "signed download address expired") \
    X(39, HTTP_BUSY, "host asks to come back later") \
    X(40, RANGE, "host answered another range than asked") \
    X(41, REDIRECT, "redirect is missing, malformed or not allowed") \
    X(42, NO_TRUST, "no valid trust sector") \
    X(43, NO_REPOSITORY, "no app repository is configured") \
    X(44, NO_VERSION, "no version in the release address") \
    X(45, ENTROPY, "no entropy") \
    X(46, CHAIN_TOO_LONG, "more key changes than one run follows") \
    X(47, HOLD_OFF, "held off after earlier failures") \
    X(48, ABORTED, "stopped on request") \
    X(49, IMAGE, "not a bootable image") \
    X(50, SETTING, "setting is unknown or its value is not valid") \
    X(51, NO_ADDRESS, "the network gives no address")

enum lcm_err {
#define LCM_ERR_ENUM(number, name, text) LCM_ERR_##name = (number),
    LCM_ERR_TABLE(LCM_ERR_ENUM)
#undef LCM_ERR_ENUM
        LCM_ERR_COUNT
};

#define LCM_OK LCM_ERR_OK
#define LCM_PENDING LCM_ERR_PENDING

#define LCM_MUST_CHECK __attribute__((warn_unused_result))

/*
 * Name of a result, for logs and events: "ROLLBACK". Never NULL; an unknown
 * number gives "UNKNOWN". Static storage.
 */
const char *lcm_err_name(enum lcm_err err);

/* One sentence for people: "older than what this device already accepted". Never NULL. */
const char *lcm_err_text(enum lcm_err err);

#endif

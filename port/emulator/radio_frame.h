/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes over the radio channel between the emulated chip and its host.
 *
 * A SOCK_SEQPACKET socket: one message per packet, at most RADIO_MESSAGE_SIZE_MAX bytes. The first
 * byte is its kind; texts are a length byte and that many bytes. Unknown kinds are ignored.
 *
 *   kind               direction   content
 *   ETHERNET           both        an Ethernet frame without checksum; only while joined
 *   STATION_ETHERNET   both        the same between the chip as an access point and its stations
 *   SCAN               to host     nothing
 *   SCAN_RESULT        to chip     signal in dBm + 128, channel, secured (0 or 1), ssid; one each
 *   SCAN_END           to chip     nothing
 *   JOIN               to host     ssid, password ("" = open), a number
 *   JOIN_RESULT        to chip     enum radio_join, the number of the JOIN it belongs to
 *   LEAVE              to host     nothing: away from the network that was joined
 *   RESET              to host     nothing: the first message of a program; the chip has left its
 *                                  network, and its access point is off
 *   LOST               to chip     nothing: the network went away
 *   ACCESS_POINT       to host     channel, ssid, password; starts or changes it
 *   ACCESS_POINT_STOP  to host     nothing
 *   STATIONS           to host     nothing
 *   STATION_LIST       to chip     count, then 6 address bytes each
 *
 * A station of the chip's access point (lcm emu --station PATH) speaks the same language over a
 * connection of its own:
 *
 *   kind               direction   content
 *   STATION_JOIN       to host     6 address bytes, ssid, password
 *   JOIN_RESULT        to station  enum radio_join
 *   STATION_ETHERNET   both        an Ethernet frame; only while joined, from the joined address
 *   LEAVE              to host     nothing; so does closing the connection
 *   LOST               to station  nothing: the access point went away or changed
 */
#ifndef LCM_PORT_EMULATOR_RADIO_FRAME_H
#define LCM_PORT_EMULATOR_RADIO_FRAME_H

#define RADIO_FD 3 /* of the chip's program: inherited by the emulator */
#define RADIO_ETHERNET_SIZE_MAX 1514u
#define RADIO_MESSAGE_SIZE_MAX (1u + RADIO_ETHERNET_SIZE_MAX)
#define RADIO_SSID_LENGTH_MAX 32u
#define RADIO_PASSWORD_LENGTH_MAX 64u
#define RADIO_SIGNAL_OFFSET 128
#define RADIO_STATIONS_MAX 8u /* of an access point: what the chip can keep */
#define RADIO_MAC_SIZE 6u

enum radio_kind {
    RADIO_ETHERNET = 0x01,
    RADIO_STATION_ETHERNET = 0x02,
    RADIO_SCAN = 0x10,
    RADIO_SCAN_RESULT = 0x11,
    RADIO_SCAN_END = 0x12,
    RADIO_JOIN = 0x13,
    RADIO_JOIN_RESULT = 0x14,
    RADIO_LEAVE = 0x15,
    RADIO_LOST = 0x16,
    RADIO_ACCESS_POINT = 0x17,
    RADIO_ACCESS_POINT_STOP = 0x18,
    RADIO_STATIONS = 0x19,
    RADIO_STATION_LIST = 0x1A,
    RADIO_STATION_JOIN = 0x1B,
    RADIO_RESET = 0x1C,
};

enum radio_join {
    RADIO_JOINED = 0,
    RADIO_WRONG_PASSWORD = 1,
    RADIO_NOT_FOUND = 2,
    RADIO_FAILED = 3,
};

#endif

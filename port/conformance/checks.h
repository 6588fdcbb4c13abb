/* SPDX-License-Identifier: Apache-2.0 */
/* The single checks, private to port/conformance. Each is polled until it is not LCM_PENDING;
 * LCM_ERR_CORRUPT says that a contract was broken, other errors came from the port. */
#ifndef LCM_PORT_CONFORMANCE_CHECKS_H
#define LCM_PORT_CONFORMANCE_CHECKS_H

#include "port/conformance/conformance.h"

enum lcm_err check_flash_geometry(struct lcm_conformance *conformance);
enum lcm_err check_flash_erase(struct lcm_conformance *conformance);
enum lcm_err check_flash_program(struct lcm_conformance *conformance);
enum lcm_err check_flash_neighbours(struct lcm_conformance *conformance);
enum lcm_err check_flash_read(struct lcm_conformance *conformance);
enum lcm_err check_clock(struct lcm_conformance *conformance);
enum lcm_err check_clock_utc(struct lcm_conformance *conformance);
enum lcm_err check_entropy(struct lcm_conformance *conformance);
enum lcm_err check_system_rtc(struct lcm_conformance *conformance);
enum lcm_err check_system_id(struct lcm_conformance *conformance);
enum lcm_err check_wifi_join(struct lcm_conformance *conformance);
enum lcm_err check_wifi_leave(struct lcm_conformance *conformance);
enum lcm_err check_wifi_wrong(struct lcm_conformance *conformance);
enum lcm_err check_wifi_again(struct lcm_conformance *conformance);
enum lcm_err check_net_resolve(struct lcm_conformance *conformance);
enum lcm_err check_net_missing(struct lcm_conformance *conformance);
enum lcm_err check_net_refused(struct lcm_conformance *conformance);
enum lcm_err check_net_echo(struct lcm_conformance *conformance);
enum lcm_err check_net_again(struct lcm_conformance *conformance);
enum lcm_err check_net_datagram(struct lcm_conformance *conformance);

#endif

// SPDX-License-Identifier: Apache-2.0
// The networks of a scan as a person wants to see them.
import { toHex } from './bytes.js';

const ITEM_NETWORK = 0x40;

// One entry for each name and kind of lock, the strongest of its access points. An open network
// with the name of a secured one stays apart: it may be somebody else's.
export function listNetworks(items) {
    const networks = items.filter(item => item[0] === ITEM_NETWORK && item[1].length > 3)
        .map(([, value]) => ({
            signal: value[0] << 24 >> 24,
            channel: value[1],
            secured: value[2] === 1,
            name: value.slice(3),
            key: toHex(value.slice(2)),
        }))
        .sort((a, b) => b.signal - a.signal);
    return networks.filter((network, i) =>
        networks.findIndex(other => other.key === network.key) === i);
}

// 1 .. 4; -70 dBm is where phones begin to complain.
export function barsOf(signal) {
    return 1 + [-80, -70, -60].filter(bound => signal >= bound).length;
}

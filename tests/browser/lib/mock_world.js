// SPDX-License-Identifier: Apache-2.0
// The world the mock device lives in, and a device in it that serves the page of build/page/.
import { readFileSync } from 'node:fs';
import { HOST } from './browser.js';
import { MockDevice } from './mock_device.js';

const BUILD = new URL('../../../build/page/', import.meta.url);
export const bytesOf = text => new Uint8Array(Buffer.from(text, 'utf8'));

export const RAW_NAME = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + 3 * i);
export const STRANGE_NAMES = [
    bytesOf('Tom\'s "net" & <script>document.title="stolen"</script>').slice(0, 32),
    bytesOf('<b id=x>'),
    bytesOf('Café 🚲👩‍💻'),
    bytesOf('\'"`${1}\\'),
    bytesOf('  spaces  '),
    bytesOf('\u202Eesrever'),
    bytesOf('line\nbreak'),
    RAW_NAME,
];

export function createWorld() {
    return {
        networks: [
            { ssid: bytesOf('Home'), password: 'correct horse', signal: -48, channel: 6 },
            { ssid: bytesOf('Home'), password: 'correct horse', signal: -71, channel: 11 },
            { ssid: bytesOf('Library'), signal: -63, channel: 1 },
            { ssid: bytesOf('Neighbour'), password: 'whatever it is', signal: -85, channel: 13 },
            {
                ssid: bytesOf('Attic'),
                password: 'under the roof',
                signal: -70,
                channel: 1,
                isHidden: true,
            },
        ],
        repositories: {
            'lifecycle-manager/blink': { tag: 'v1.2.0', files: ['main.bin', 'other.bin'] },
        },
    };
}

// Closed at the end of the test t. target is what SetupPage wants.
export async function openDevice(t, options = {}) {
    const page = {
        body: readFileSync(new URL('index.html.gz', BUILD)),
        policy: readFileSync(new URL('policy', BUILD), 'utf8').trim(),
    };
    const device = new MockDevice({ page, world: createWorld(), ...options });
    await device.open();
    t.after(() => device.close());
    const target = { base: `http://${HOST}:${device.port}`, code: device.code, name: device.name };
    return { device, target };
}

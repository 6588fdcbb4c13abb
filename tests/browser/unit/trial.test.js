// SPDX-License-Identifier: Apache-2.0
// Goal: every way an attempt can end leads to the right words.
// Method: a table over the numbers of include/lcm/err.h, read from there, and phases.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../../', import.meta.url);
const header = readFileSync(new URL('include/lcm/err.h', ROOT), 'utf8');
const ERRORS = Object.fromEntries(
    [...header.matchAll(/X\((\d+), (\w+),/g)].map(([, number, name]) => [name, Number(number)]),
);

// The build puts numbers in the place of TEXT.name; names tell more here.
globalThis.TEXT = new Proxy({}, { get: (target, name) => name });
const { DONE, FAILED, RUNNING, reasonOf, stateOf } = await import('../../../web/setup/trial.js');

const EXPECTED = {
    WIFI_PASSWORD: 'badPassword',
    WIFI_NOT_FOUND: 'notFound',
    NO_ADDRESS: 'noAddress',
    DNS: 'noDns',
    CERTIFICATE: 'certificate',
    NO_REPOSITORY: 'noRepo',
    NO_VERSION: 'noRepo',
    UNSIGNED: 'noFile',
};
const NETWORK = ['WIFI', 'CONNECT', 'CLOSED', 'TIMEOUT', 'TOO_SLOW', 'TLS'];

test('every error in every phase', () => {
    assert.ok(Object.keys(ERRORS).length > 50);
    for (const [name, number] of Object.entries(ERRORS))
        for (let phase = 1; phase <= 5; phase++) {
            const expected =
                EXPECTED[name] ||
                (name === 'HTTP_NOT_FOUND'
                    ? phase === 5
                        ? 'noFile'
                        : 'noRepo'
                    : NETWORK.includes(name)
                      ? phase === 1
                          ? 'noJoin'
                          : 'noHost'
                      : 'otherError');
            assert.equal(reasonOf(number, phase), expected, `${name} in phase ${phase}`);
        }
    assert.equal(reasonOf(999, 3), 'otherError');
});

test('states of an attempt', () => {
    const items = (phase, stored) => [
        [0x50, Uint8Array.of(phase)],
        ...(stored ? [[0x55, Uint8Array.of(1)]] : []),
    ];
    assert.equal(stateOf([]), 0);
    assert.equal(stateOf(items(0)), 0);
    for (const phase of [1, 2, 3, 4, 5]) assert.equal(stateOf(items(phase)), RUNNING);
    assert.equal(stateOf(items(6)), DONE);
    assert.equal(stateOf(items(7)), FAILED);
    assert.equal(stateOf(items(7, true)), DONE, 'stored without trying');
    assert.equal(stateOf(items(0, true)), DONE);
});

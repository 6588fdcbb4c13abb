// SPDX-License-Identifier: Apache-2.0
// Goal: items go into a message and come out of it as docs/SPEC.md 11.3 lays them down.
// Method: bytes written by hand, sizes at the limit, the strict reader of lib/device_protocol.js.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
    TEXT_SIZE,
    decodeItems,
    encodeItems,
    itemOf,
    numberOf,
} from '../../../web/setup/messages.js';
import * as device from '../lib/device_protocol.js';
import { createRandom } from '../lib/random.js';

const filled = size => new Uint8Array(size).fill(0x5a);

test('bytes of a message', () => {
    const text = encodeItems([
        [1, [3]],
        [0x0110, [0x61, 0x62]],
        [0x11, []],
    ]);
    assert.equal(text.length, 1024);
    assert.deepEqual(
        [...text.slice(0, 15)],
        [1, 0, 1, 0, 3, 0x10, 1, 2, 0, 0x61, 0x62, 0x11, 0, 0, 0],
    );
    assert.ok(text.slice(15).every(byte => byte === 0));
});

test('what fits exactly, and one byte more', () => {
    assert.deepEqual(decodeItems(encodeItems([[7, filled(TEXT_SIZE - 4)]])), [
        [7, filled(TEXT_SIZE - 4)],
    ]);
    assert.throws(() => encodeItems([[7, filled(TEXT_SIZE - 3)]]), RangeError);
    assert.throws(
        () =>
            encodeItems([
                [1, filled(600)],
                [2, filled(420)],
            ]),
        RangeError,
    );
});

test('there and back, against the device', t => {
    const random = createRandom(t);
    for (let i = 0; i < 100; i++) {
        const items = [];
        for (let room = TEXT_SIZE - 4; room > 0 && items.length < 40;) {
            const value = random.bytes(random.below(Math.min(room, 60)));
            items.push([1 + items.length * 257, value]);
            room -= 4 + value.length;
            if (room < 4) break;
        }
        const text = encodeItems(items);
        assert.deepEqual(text, device.encodeItems(items));
        assert.deepEqual(decodeItems(text), items);
        assert.deepEqual(device.decodeItems(text), items);
    }
});

test('items that reach behind the end are refused', () => {
    const text = new Uint8Array(TEXT_SIZE);
    const last = TEXT_SIZE - 4;
    assert.deepEqual(decodeItems(text), []);
    text.set([7, 0, last & 255, last >> 8]);
    assert.equal(decodeItems(text)[0][1].length, last);
    text[2]++;
    assert.throws(() => decodeItems(text), RangeError);
    text.set([7, 0, 0xff, 0xff]);
    assert.throws(() => decodeItems(text), RangeError);
    // A head cut by the end.
    text.set([7, 0, (last - 2) & 255, (last - 2) >> 8]);
    text.set([8, 0], TEXT_SIZE - 2);
    assert.throws(() => decodeItems(text), RangeError);
    text.set([8], TEXT_SIZE - 2);
    text.set([7, 0, (last - 1) & 255, (last - 1) >> 8]);
    text.set([8], TEXT_SIZE - 1);
    assert.throws(() => decodeItems(text), RangeError);
});

test('random bytes never do worse than throw', t => {
    const random = createRandom(t);
    for (let i = 0; i < 300; i++) {
        const text = random.bytes(TEXT_SIZE);
        text.fill(0, random.below(TEXT_SIZE));
        try {
            for (const [tag, value] of decodeItems(text))
                assert.ok(tag > 0 && value.length < TEXT_SIZE);
        } catch (error) {
            assert.ok(error instanceof RangeError);
        }
    }
});

test('one item of an answer', () => {
    const items = [
        [0x50, Uint8Array.of(6)],
        [0x56, Uint8Array.of(0x2c, 1)],
        [0x56, Uint8Array.of(9)],
    ];
    assert.equal(numberOf(items, 0x50), 6);
    assert.equal(numberOf(items, 0x56), 300);
    assert.equal(numberOf(items, 0x51), 0);
    assert.equal(itemOf(items, 0x51).length, 0);
});

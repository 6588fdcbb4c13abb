// SPDX-License-Identifier: Apache-2.0
// Goal: the page's arithmetic on P-256 is right for every pair of points, and nothing that is not a
// point gets in.
// Method: multiples by chance and at the edges against @noble/curves; encodings broken on purpose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { p256 } from '@noble/curves/p256';
import {
    BASE,
    ORDER,
    addPoints,
    decodePoint,
    encodePoint,
    multiplyPoint,
    pointOf,
} from '../../../web/setup/p256.js';
import { fromHex, toHex } from '../../../web/setup/bytes.js';
import { createRandom } from '../lib/random.js';

const P = p256.Point.Fp.ORDER;
const INFINITY = [0n, 1n, 0n];

const toNumber = bytes => BigInt('0x' + Buffer.from(bytes).toString('hex'));
const noble = scalar => p256.Point.BASE.multiply(scalar).toHex(false);
const ours = point => toHex(encodePoint(point));

test('the order is that of the curve', () => {
    assert.equal(ORDER, p256.Point.Fn.ORDER);
    assert.equal(ours(BASE), p256.Point.BASE.toHex(false));
});

test('small and large multiples of the base', () => {
    for (const scalar of [1n, 2n, 3n, 4n, 15n, 16n, 17n, 1n << 128n, ORDER - 2n, ORDER - 1n])
        assert.equal(ours(multiplyPoint(scalar, BASE)), noble(scalar), String(scalar));
    assert.deepEqual(multiplyPoint(ORDER + 5n, BASE)[2] !== 0n, true);
    assert.equal(ours(multiplyPoint(ORDER + 5n, BASE)), noble(5n));
});

test('multiples by chance', t => {
    const random = createRandom(t);
    for (let i = 0; i < 12; i++) {
        const a = toNumber(random.bytes(32)) % ORDER || 1n;
        const b = toNumber(random.bytes(32)) % ORDER || 1n;
        const point = multiplyPoint(a, BASE);
        assert.equal(ours(point), noble(a));
        assert.equal(ours(multiplyPoint(b, point)), noble((a * b) % ORDER));
        assert.equal(ours(addPoints(point, multiplyPoint(b, BASE))), noble((a + b) % ORDER));
    }
});

test('sums without special cases: infinity, doubling, opposite points', () => {
    const minus = [BASE[0], P - BASE[1], 1n];
    assert.equal(ours(addPoints(INFINITY, BASE)), noble(1n));
    assert.equal(ours(addPoints(BASE, INFINITY)), noble(1n));
    assert.equal(ours(addPoints(BASE, BASE)), noble(2n));
    assert.equal(addPoints(BASE, minus)[2], 0n);
    assert.equal(addPoints(INFINITY, INFINITY)[2], 0n);
    assert.equal(multiplyPoint(0n, BASE)[2], 0n);
    assert.equal(multiplyPoint(ORDER, BASE)[2], 0n);
});

test('infinity has no encoding', () => {
    assert.throws(() => encodePoint(INFINITY), RangeError);
    assert.throws(() => encodePoint(multiplyPoint(ORDER, BASE)), RangeError);
});

test('a point from its x', () => {
    const [x, y] = BASE;
    assert.deepEqual(pointOf(x, y & 1n), BASE);
    assert.deepEqual(pointOf(x, (y & 1n) ^ 1n), [x, P - y, 1n]);
});

test('decoding gives back what was encoded', t => {
    const random = createRandom(t);
    for (let i = 0; i < 5; i++) {
        const bytes = fromHex(noble(toNumber(random.bytes(32)) % ORDER || 1n));
        assert.deepEqual(encodePoint(decodePoint(bytes)), bytes);
    }
});

test('what is no point is refused', () => {
    const good = encodePoint(BASE);
    const hex = number => number.toString(16).padStart(64, '0');
    const bad = {
        empty: [],
        short: good.slice(0, 64),
        long: [...good, 0],
        'one byte: infinity in SEC 1': [0],
        'zeros: infinity of some libraries': new Uint8Array(65),
        '4 and zeros': [4, ...new Uint8Array(64)],
        compressed: [2, ...good.slice(1, 33)],
        'compressed, filled up': [2, ...good.slice(1)],
        hybrid: [6, ...good.slice(1)],
        'form 0': [0, ...good.slice(1)],
        'x and y swapped': [4, ...good.slice(33), ...good.slice(1, 33)],
        'x + p': fromHex('04' + hex(5n + P) + hex(5n)),
        'y = p': [4, ...good.slice(1, 33), ...fromHex(hex(P))],
        'minus x': fromHex('04' + hex(P - BASE[0]) + hex(BASE[1])),
    };
    for (const [name, bytes] of Object.entries(bad))
        assert.throws(() => decodePoint(Uint8Array.from(bytes)), RangeError, name);
    for (let bit = 8; bit < 65 * 8; bit++) {
        const bytes = good.slice();
        bytes[bit >> 3] ^= 1 << (bit & 7);
        assert.throws(() => decodePoint(bytes), RangeError, `bit ${bit}`);
    }
});

test('a coordinate above p is refused even where its rest is on the curve', () => {
    // The smallest x with a point, so that x + p still fits 32 bytes.
    let x = 0n;
    for (; ; x++) {
        try {
            p256.Point.fromHex('02' + x.toString(16).padStart(64, '0'));
            break;
        } catch {
            // No point has this x.
        }
    }
    const y = p256.Point.fromHex('02' + x.toString(16).padStart(64, '0')).toAffine().y;
    const hex = number => number.toString(16).padStart(64, '0');
    assert.ok(decodePoint(fromHex('04' + hex(x) + hex(y))));
    assert.throws(() => decodePoint(fromHex('04' + hex(x + P) + hex(y))), RangeError);
});

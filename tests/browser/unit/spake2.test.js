// SPDX-License-Identifier: Apache-2.0
// Goal: the page's SPAKE2 is RFC 9382's, and agrees with the device's side on @noble/curves.
// Method: the vectors of Appendix B through both, exchanges by chance, shares broken on purpose.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { p256 } from '@noble/curves/p256';
import { fromHex, toHex, utf8 } from '../../../web/setup/bytes.js';
import { spake2Finish, spake2Share, toScalar } from '../../../web/setup/spake2.js';
import { hkdf } from '../../../web/setup/sha256.js';
import {
    N,
    ORDER,
    answerShare,
    keySchedule,
    multiply,
    scalarOfCode,
    toNumber,
} from '../lib/device_protocol.js';
import { createRandom } from '../lib/random.js';
import { SPAKE2_VECTORS } from '../lib/vectors.js';

const number = hex => BigInt('0x' + hex);

test('RFC 9382, Appendix B: the side of A', () => {
    for (const vector of SPAKE2_VECTORS) {
        const w = number(vector.w);
        const x = number(vector.x);
        const share = spake2Share(w, x);
        assert.equal(toHex(share), vector.shareA);
        const [key, hash, proofA, proofB] = spake2Finish(
            w,
            x,
            [vector.idA, vector.idB],
            [share, fromHex(vector.shareB)],
            [],
        );
        assert.equal(toHex(key), vector.hash.slice(0, 32));
        assert.equal(toHex(hash), vector.hash);
        assert.equal(toHex(proofA), vector.proofA);
        assert.equal(toHex(proofB), vector.proofB);
    }
});

test('RFC 9382, Appendix B: the side of B on @noble/curves', () => {
    for (const vector of SPAKE2_VECTORS) {
        const w = number(vector.w);
        const { shareB, shared } = answerShare(w, number(vector.y), fromHex(vector.shareA));
        assert.equal(toHex(shareB), vector.shareB);
        assert.equal(toHex(shared), vector.shared);
        const keys = keySchedule({
            idA: vector.idA,
            idB: vector.idB,
            shareA: fromHex(vector.shareA),
            shareB,
            shared,
            w,
            extra: new Uint8Array(0),
        });
        assert.equal(toHex(keys.hash), vector.hash);
        assert.equal(toHex(keys.proofA), vector.proofA);
        assert.equal(toHex(keys.proofB), vector.proofB);
    }
});

test('both sides agree, and only with the same w', t => {
    const random = createRandom(t);
    for (let i = 0; i < 4; i++) {
        const [w, x, y] = [0, 1, 2].map(() => toNumber(random.bytes(40)) % ORDER);
        const extra = random.bytes(12);
        const shareA = spake2Share(w, x);
        const { shareB, shared } = answerShare(w, y, shareA);
        const keys = keySchedule({
            idA: 'lcm-setup',
            idB: '5ccf7f000001',
            shareA,
            shareB,
            shared,
            w,
            extra,
        });
        const names = ['lcm-setup', '5ccf7f000001'];
        const [key, hash, proofA, proofB] = spake2Finish(w, x, names, [shareA, shareB], extra);
        assert.deepEqual(
            [key, hash, proofA, proofB],
            [keys.key, keys.hash, keys.proofA, keys.proofB],
        );
        for (const other of [
            spake2Finish(w + 1n, x, names, [shareA, shareB], extra),
            spake2Finish(w, x, ['lcm-setup', '5ccf7f000002'], [shareA, shareB], extra),
            spake2Finish(w, x, names, [shareA, shareB], random.bytes(12)),
        ])
            assert.notDeepEqual(other[3], proofB);
    }
});

test('the scalar of a set-up code', () => {
    const code = '7K3MQ9XTA2HB';
    const id = '5ccf7f000001';
    assert.equal(
        toScalar(hkdf(utf8(code), utf8('LCM-SPAKE2-v1'), utf8('w' + id), 40)),
        scalarOfCode(code, id),
    );
    assert.notEqual(scalarOfCode(code, id), scalarOfCode(code, '5ccf7f000002'));
});

test('a share of B that is no point, or hides infinity, is refused', () => {
    const w = number(SPAKE2_VECTORS[0].w);
    const x = number(SPAKE2_VECTORS[0].x);
    const share = spake2Share(w, x);
    const good = fromHex(SPAKE2_VECTORS[0].shareB);
    const finish = shareB => spake2Finish(w, x, ['a', 'b'], [share, Uint8Array.from(shareB)], []);
    const flipped = good.slice();
    flipped[40] ^= 1;
    assert.throws(() => finish(flipped), RangeError, 'off the curve');
    assert.throws(() => finish(good.slice(1)), RangeError, 'short');
    assert.throws(() => finish([...good, 0]), RangeError, 'long');
    assert.throws(() => finish([0]), RangeError, 'infinity');
    assert.throws(() => finish(multiply(N, w).toBytes(false)), RangeError, 'w * N: K is infinity');
    assert.ok(finish(p256.Point.BASE.toBytes(false)));
});

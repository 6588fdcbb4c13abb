// SPDX-License-Identifier: Apache-2.0
// Goal: the page's ChaCha20-Poly1305 is RFC 8439's and opens nothing that was changed.
// Method: the RFC's vectors, messages by chance against @noble/ciphers, every bit of a message.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chacha20poly1305 } from '@noble/ciphers/chacha';
import { fromHex, toHex } from '../../../web/setup/bytes.js';
import { chachaBlock, poly1305, seal, unseal } from '../../../web/setup/chacha.js';
import { createRandom } from '../lib/random.js';
import { AEAD_VECTOR, CHACHA_BLOCK, POLY1305_VECTORS } from '../lib/vectors.js';

test('block of RFC 8439, 2.3.2', () => {
    const { key, counter, nonce, block } = CHACHA_BLOCK;
    assert.equal(toHex(chachaBlock(fromHex(key), counter, fromHex(nonce))), block);
});

test('authenticators of RFC 8439, 2.5.2 and A.3', () => {
    for (const [key, message, tag] of POLY1305_VECTORS)
        assert.equal(toHex(poly1305(fromHex(key), fromHex(message))), tag);
});

test('message of RFC 8439, 2.8.2', () => {
    const [key, nonce, extra, message] = ['key', 'nonce', 'extra', 'message'].map(name =>
        fromHex(AEAD_VECTOR[name]),
    );
    assert.equal(toHex(seal(key, nonce, extra, message)), AEAD_VECTOR.sealed);
    assert.deepEqual(unseal(key, nonce, extra, fromHex(AEAD_VECTOR.sealed)), message);
});

test('messages by chance, empty ones and whole blocks among them', t => {
    const random = createRandom(t);
    for (const size of [0, 1, 15, 16, 17, 63, 64, 65, 128, 1024, 1000, 4095]) {
        const [key, nonce, message] = [32, 12, size].map(length => random.bytes(length));
        const extra = random.bytes(random.below(40));
        const sealed = seal(key, nonce, extra, message);
        assert.deepEqual(
            sealed,
            chacha20poly1305(key, nonce, extra).encrypt(message),
            `${size} bytes`,
        );
        assert.deepEqual(unseal(key, nonce, extra, sealed), message);
    }
});

test('a changed bit anywhere is noticed', t => {
    const random = createRandom(t);
    const [key, nonce, extra, message] = [32, 12, 8, 33].map(size => random.bytes(size));
    const sealed = seal(key, nonce, extra, message);
    const flip = (bytes, bit) =>
        bytes.map((byte, i) => byte ^ (i === bit >> 3 ? 1 << (bit & 7) : 0));
    for (let bit = 0; bit < 8 * sealed.length; bit++)
        assert.equal(unseal(key, nonce, extra, flip(sealed, bit)), null, `sealed, bit ${bit}`);
    for (let bit = 0; bit < 64; bit++)
        assert.equal(unseal(key, nonce, flip(extra, bit), sealed), null, `extra, bit ${bit}`);
    for (let bit = 0; bit < 96; bit++)
        assert.equal(unseal(key, flip(nonce, bit), extra, sealed), null, `nonce, bit ${bit}`);
    for (let bit = 0; bit < 256; bit += 7)
        assert.equal(unseal(flip(key, bit), nonce, extra, sealed), null, `key, bit ${bit}`);
    for (let size = 0; size < sealed.length; size++)
        assert.equal(unseal(key, nonce, extra, sealed.slice(0, size)), null, `${size} bytes`);
});

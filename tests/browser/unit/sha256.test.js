// SPDX-License-Identifier: Apache-2.0
// Goal: SHA-256, HMAC and HKDF of the page are the standard ones.
// Method: published vectors, and messages by chance against @noble/hashes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf';
import { hmac as nobleHmac } from '@noble/hashes/hmac';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2';
import { fromHex, toHex, utf8 } from '../../../web/setup/bytes.js';
import { ROUND_WORDS, START_WORDS, hkdf, hmac, sha256 } from '../../../web/setup/sha256.js';
import { createRandom } from '../lib/random.js';
import {
    HKDF_VECTORS,
    HMAC_VECTORS,
    SHA256_ROUNDS,
    SHA256_START,
    SHA256_VECTORS,
} from '../lib/vectors.js';

const wordsToHex = words => words.map(word => (word >>> 0).toString(16).padStart(8, '0')).join('');

test('constants of FIPS 180-4', () => {
    assert.equal(wordsToHex(START_WORDS), SHA256_START);
    assert.equal(wordsToHex(ROUND_WORDS), SHA256_ROUNDS);
});

test('SHA-256 vectors', () => {
    for (const [message, hash] of SHA256_VECTORS) assert.equal(toHex(sha256(utf8(message))), hash);
});

test('SHA-256 of every length around the blocks', t => {
    const random = createRandom(t);
    for (let size = 0; size < 200; size++) {
        const message = random.bytes(size);
        assert.deepEqual(sha256(message), nobleSha256(message), `${size} bytes`);
    }
});

test('HMAC, RFC 4231', () => {
    for (const [key, message, tag] of HMAC_VECTORS)
        assert.equal(toHex(hmac(fromHex(key), fromHex(message))), tag);
});

test('HKDF, RFC 5869', () => {
    for (const [secret, salt, info, output] of HKDF_VECTORS)
        assert.equal(
            toHex(hkdf(fromHex(secret), fromHex(salt), fromHex(info), output.length / 2)),
            output,
        );
});

test('HMAC and HKDF by chance', t => {
    const random = createRandom(t);
    for (let i = 0; i < 50; i++) {
        const [key, message, info] = [130, 90, 40].map(limit => random.bytes(random.below(limit)));
        assert.deepEqual(hmac(key, message), nobleHmac(nobleSha256, key, message));
        const size = 1 + random.below(100);
        assert.deepEqual(
            hkdf(message, key, info, size),
            nobleHkdf(nobleSha256, message, key, info, size),
        );
    }
});

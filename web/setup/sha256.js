// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF (RFC 5869) on it. The page is no secure context
// for a browser, so its own crypto is out of reach.
import { concat } from './bytes.js';

// The first 32 bits behind the point of the root of a prime, as FIPS 180-4 defines its constants;
// in whole numbers, so they are the same everywhere. degree: 2n or 3n.
function rootBits(prime, degree) {
    let root = 0n;
    for (let bit = 1n << 36n; bit; bit >>= 1n)
        if ((root + bit) ** degree <= prime << 32n * degree)
            root += bit;
    return Number(BigInt.asIntN(32, root));
}

const primes = [];
for (let number = 2n; primes.length < 64; number++)
    if (!primes.some(prime => number % prime === 0n))
        primes.push(number);

export const START_WORDS = primes.slice(0, 8).map(prime => rootBits(prime, 2n));
export const ROUND_WORDS = primes.map(prime => rootBits(prime, 3n));

// To the right.
export function rotate(word, bits) {
    return word >>> bits | word << 32 - bits;
}

// State after the 16 words at offset of view.
function sha256Block(state, view, offset) {
    const words = [];
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
        const s = words[i - 15];
        const t = words[i - 2];
        words[i] = i < 16 ? view.getUint32(offset + 4 * i)
            : words[i - 16] + (rotate(s, 7) ^ rotate(s, 18) ^ s >>> 3) +
            words[i - 7] + (rotate(t, 17) ^ rotate(t, 19) ^ t >>> 10) | 0;
        const sum = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (e & f ^ ~e & g) +
            ROUND_WORDS[i] + words[i];
        [h, g, f, e, d, c, b, a] = [g, f, e, d + sum | 0, c, b, a,
            sum + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + (a & b ^ a & c ^ b & c) | 0];
    }
    return [a, b, c, d, e, f, g, h].map((word, i) => word + state[i] | 0);
}

// message: less than 256 MiB.
export function sha256(message) {
    const padded = new Uint8Array((message.length + 8 >> 6) + 1 << 6);
    const view = new DataView(padded.buffer);
    padded.set(message);
    padded[message.length] = 128;
    view.setUint32(padded.length - 4, message.length << 3);
    let state = START_WORDS;
    for (let offset = 0; offset < padded.length; offset += 64)
        state = sha256Block(state, view, offset);
    state.forEach((word, i) => view.setUint32(4 * i, word));
    return padded.slice(0, 32);
}

export function hmac(key, message) {
    const padded = new Uint8Array(64);
    padded.set(key.length > 64 ? sha256(key) : key);
    const inner = sha256(concat(padded.map(byte => byte ^ 0x36), message));
    return sha256(concat(padded.map(byte => byte ^ 0x5c), inner));
}

// An empty salt is the same as RFC 5869's 32 zero bytes: HMAC fills its key up with zeros.
export function hkdf(secret, salt, info, size) {
    const key = hmac(salt, secret);
    let output = concat();
    for (let i = 1, block = output; output.length < size; i++) {
        block = hmac(key, concat(block, info, [i]));
        output = concat(output, block);
    }
    return output.slice(0, size);
}

// SPDX-License-Identifier: Apache-2.0
// ChaCha20-Poly1305 (RFC 8439) for messages of less than 16,320 bytes. A key and nonce must be used
// for one message only; the session counts its messages for that. Words in memory are
// little-endian, as on every machine that has a browser.
import { concat, isEqual, toNumber, utf8 } from './bytes.js';
import { rotate } from './sha256.js';

const POLY_PRIME = (1n << 130n) - 5n;

function quarterRound(x, a, b, c, d) {
    for (const bits of [16, 20, 24, 25]) {
        x[a] += x[b];
        x[d] = rotate(x[d] ^ x[a], bits);
        [a, b, c, d] = [c, d, a, b];
    }
}

// counter: 0 .. 255.
export function chachaBlock(key, counter, nonce) {
    const start = new Uint32Array(
        concat(utf8('expand 32-byte k'), key, [counter, 0, 0, 0], nonce).buffer);
    const words = start.slice();
    for (let i = 0; i < 80; i++) {
        const shift = i >> 2 & 1;
        quarterRound(words, i % 4, 4 + (i + shift) % 4, 8 + (i + 2 * shift) % 4,
            12 + (i + 3 * shift) % 4);
    }
    return new Uint8Array(words.map((word, i) => word + start[i]).buffer);
}

function chacha20(key, nonce, message) {
    let block;
    return message.map((byte, i) => {
        if (i % 64 === 0)
            block = chachaBlock(key, 1 + i / 64, nonce);
        return byte ^ block[i % 64];
    });
}

function littleEndian(bytes) {
    return toNumber(bytes.slice().reverse());
}

export function poly1305(key, message) {
    const r = littleEndian(key.slice(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
    let sum = 0n;
    for (let offset = 0; offset < message.length; offset += 16)
        sum = (sum + littleEndian(concat(message.slice(offset, offset + 16), [1]))) * r %
            POLY_PRIME;
    sum += littleEndian(key.slice(16));
    return Uint8Array.from({ length: 16 }, (_, i) => Number(sum >> BigInt(8 * i) & 255n));
}

function aeadTag(key, nonce, extra, sealed) {
    const parts = [extra, sealed];
    return poly1305(chachaBlock(key, 0, nonce).slice(0, 32), concat(
        ...parts.map(part => concat(part, new Uint8Array(-part.length & 15))),
        ...parts.map(part => [part.length, part.length >> 8, 0, 0, 0, 0, 0, 0])));
}

// key 32 bytes, nonce 12; returns the ciphertext with its tag of 16 bytes.
export function seal(key, nonce, extra, message) {
    const sealed = chacha20(key, nonce, message);
    return concat(sealed, aeadTag(key, nonce, extra, sealed));
}

// Returns the message, or null when it is not what the other side sealed.
export function unseal(key, nonce, extra, sealed) {
    const message = sealed.slice(0, -16);
    return isEqual(aeadTag(key, nonce, extra, message), sealed.slice(-16))
        ? chacha20(key, nonce, message) : null;
}

// SPDX-License-Identifier: Apache-2.0
// Byte strings (Uint8Array): joining, comparing, hexadecimal, big-endian numbers, UTF-8.
// Nothing here fails on input of the declared kind.

export function utf8(text) {
    return new TextEncoder().encode(text);
}

// parts: byte strings or arrays of numbers.
export function concat(...parts) {
    return Uint8Array.from(parts.flatMap(part => [...part]));
}

// Looks at every byte, so that the time tells nothing about the first difference.
export function isEqual(a, b) {
    return a.length === b.length && a.reduce((sum, byte, i) => sum | byte ^ b[i], 0) === 0;
}

export function toHex(bytes) {
    return bytes.reduce((text, byte) => text + (256 + byte).toString(16).slice(1), '');
}

// text: pairs of hexadecimal digits.
export function fromHex(text) {
    return Uint8Array.from(text.match(/../g) || [], pair => parseInt(pair, 16));
}

export function toNumber(bytes) {
    return BigInt('0x0' + toHex(bytes));
}

// size bytes, big-endian; number must fit.
export function fromNumber(number, size) {
    return fromHex(number.toString(16).padStart(2 * size, '0'));
}

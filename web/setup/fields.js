// SPDX-License-Identifier: Apache-2.0
// What a person types, and the values the device takes. A parser returns bytes, none of them for
// "delete this", or null for what the device would refuse as well.
import { fromHex, toHex, utf8 } from './bytes.js';

// The 12 characters of a set-up code, or '' (docs/SPEC.md 11.1).
export function parseCode(text) {
    const code = text.toUpperCase().replace(/[-\s]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
    return /^[0-9A-HJKMNP-TV-Z]{12}$/.test(code) ? code : '';
}

// owner/name, or the address of the repository's page as people copy it.
export function parseRepository(text) {
    const name = text.trim().replace(/^.*github\.com\/([^/]+\/[^/]+?)(\.git|\/.*)?$/, '$1');
    return /^((?!\.\.?\/)[\w.-]+\/(?!\.\.?$)[\w.-]+)?$/.test(name) && name.length < 64
        ? utf8(name) : null;
}

export function parseFingerprint(text) {
    const digits = text.replace(/[\s:]/g, '');
    return /^([0-9a-f]{64})?$/i.test(digits) ? fromHex(digits) : null;
}

// Text of least to most bytes.
function within(least, most) {
    return text => {
        const bytes = utf8(text);
        return bytes.length < least || bytes.length > most || bytes.includes(0) ? null : bytes;
    };
}

export const parseNetworkName = within(1, 32);
const parsePhrase = within(8, 63);

// What the device judges: it says so before it tries anything.
export const parseText = within(0, 255);

// A password of a secured network: a phrase, or its key.
export function parsePassword(text) {
    return /^[0-9a-f]{64}$/i.test(text) ? utf8(text) : parsePhrase(text);
}

// A number of one byte.
export function parseNumber(text) {
    return text === '' ? utf8('') : Uint8Array.of(text);
}

// Bytes as text where they are readable UTF-8; else with \x for each byte that is not plain ASCII.
// Characters that steer the direction of text could make one name look like another.
export function showBytes(bytes) {
    try {
        const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
        if (!/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u.test(text))
            return text;
    } catch {
        // Not UTF-8.
    }
    return Array.from(bytes, byte =>
        byte > 31 && byte < 127 ? String.fromCharCode(byte) : '\\x' + toHex([byte])).join('');
}

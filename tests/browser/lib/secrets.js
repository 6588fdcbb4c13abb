// SPDX-License-Identifier: Apache-2.0
// Looks for a secret in bytes, in every form in which somebody could have written it down.

export const contains = (bytes, secret) => bytes.includes(Buffer.from(secret));

const map = (bytes, change) => Buffer.from(bytes.map(change));
const percent = (bytes, isUpper) => [...bytes].map(byte => {
    const digits = byte.toString(16).padStart(2, '0');
    return '%' + (isUpper ? digits.toUpperCase() : digits);
}).join('');

// What base64 makes of a secret that begins `shift` bytes after a group of three: the characters that
// depend on nothing else.
function base64At(bytes, shift) {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    const first = Math.ceil(shift * 8 / 6);
    return text.slice(first, Math.floor((shift + bytes.length) * 8 / 6));
}

function utf16(bytes, isBig) {
    const wide = Buffer.from(bytes.toString('latin1'), 'utf16le');
    return isBig ? wide.swap16() : wide;
}

const unicodeEscapes = bytes => [...bytes].map(byte => '\\u' + byte.toString(16).padStart(4, '0')).join('');

// What a text would become in a document, a form, a program.
function formsOfText(text) {
    return {
        'percent, where needed': encodeURIComponent(text),
        'form': new URLSearchParams({ s: text }).toString().slice(2),
        'JSON': JSON.stringify(text).slice(1, -1),
        'HTML': text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`),
        'HTML, names': text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
            .replaceAll('"', '&quot;'),
    };
}

// { name: bytes } for a secret, a text or bytes.
export function formsOf(secret) {
    const bytes = Buffer.from(secret);
    const hex = bytes.toString('hex');
    const forms = {
        'as it is': bytes,
        'hex': hex,
        'HEX': hex.toUpperCase(),
        'hex, spaced': hex.match(/../g).join(' '),
        'hex, colons': hex.match(/../g).join(':'),
        'percent': percent(bytes, false),
        'PERCENT': percent(bytes, true),
        'UTF-16LE': utf16(bytes, false),
        'UTF-16BE': utf16(bytes, true),
        'Unicode escapes': unicodeEscapes(bytes),
        'backwards': Buffer.from(bytes).reverse(),
        'nibbles swapped': map(bytes, byte => byte << 4 & 0xf0 | byte >> 4),
        ...(typeof secret === 'string' && formsOfText(secret)),
    };
    for (const shift of [0, 1, 2]) {
        const text = base64At(bytes, shift);
        forms[`base64 + ${shift}`] = text;
        forms[`base64url + ${shift}`] = text.replaceAll('+', '-').replaceAll('/', '_');
    }
    return Object.fromEntries(Object.entries(forms).map(([name, value]) => [name, Buffer.from(value)]));
}

// Neighbours of each other: what stays the same when every byte is XORed with the same one.
const steps = bytes => map(bytes.subarray(1), (byte, i) => byte ^ bytes[i]);

// The forms in which secret is in bytes: names. "XOR" is any single byte, all bits turned included.
export function findSecret(bytes, secret) {
    const found = Object.entries(formsOf(secret)).filter(([, form]) => bytes.includes(form)).map(([name]) => name);
    if (steps(bytes).includes(steps(Buffer.from(secret))))
        found.push('XOR');
    return found;
}

// A copy of bytes with form in the middle of it.
export function plant(bytes, form) {
    const copy = Buffer.from(bytes);
    form.copy(copy, Math.floor((copy.length - form.length) / 2));
    return copy;
}

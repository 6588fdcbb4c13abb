// SPDX-License-Identifier: Apache-2.0
// What the messages of docs/SPEC.md 11.3 say: a row of items [tag, value] in a plaintext of fixed
// size. Tags that are not known here are left to the caller.
import { concat } from './bytes.js';

export const TEXT_SIZE = 1024;

export const READ = 1;
export const SCAN = 2;
export const SET = 3;
export const STATUS = 4;
export const IDENTIFY = 5;
export const ERASE = 6;
export const FINISH = 7;

// Throws when the items do not fit.
export function encodeItems(items) {
    const text = new Uint8Array(TEXT_SIZE);
    text.set(concat(...items.map(([tag, value]) =>
        concat([tag, tag >> 8, value.length, value.length >> 8], value))));
    return text;
}

// Throws when an item reaches behind the end. Bytes that are not there read as 0.
export function decodeItems(text) {
    const items = [];
    let offset = 0;
    const take16 = () => text[offset++] | text[offset++] << 8;
    for (let tag = take16(); tag; tag = take16()) {
        const end = take16() + offset;
        if (end > text.length)
            throw new RangeError('item');
        items.push([tag, text.slice(offset, end)]);
        offset = end;
    }
    return items;
}

// The value of the first item with this tag, or one of no bytes.
export function itemOf(items, tag) {
    return (items.find(item => item[0] === tag) || [0, []])[1];
}

// The same as a number, little-endian; 0 when there is none.
export function numberOf(items, tag) {
    return itemOf(items, tag).reduceRight((number, byte) => number * 256 + byte, 0);
}

// SPDX-License-Identifier: Apache-2.0
// The device's side of docs/SPEC.md 11.2 and 11.3, written from that text on @noble/*: nothing of
// it is shared with web/setup/, so that a mistake there cannot agree with itself here.
import { randomBytes } from 'node:crypto';
import { chacha20poly1305 } from '@noble/ciphers/chacha';
import { p256 } from '@noble/curves/p256';
import { expand, extract, hkdf } from '@noble/hashes/hkdf';
import { hmac } from '@noble/hashes/hmac';
import { sha256 } from '@noble/hashes/sha2';

const Point = p256.Point;
export const ORDER = Point.Fn.ORDER;
export const M = Point.fromHex(
    '02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f',
);
export const N = Point.fromHex(
    '03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49',
);

export const PLAINTEXT_SIZE = 1024;

const text = string => new Uint8Array(Buffer.from(string, 'utf8'));
const join = (...parts) => new Uint8Array(Buffer.concat(parts));

export function toNumber(bytes) {
    return BigInt('0x' + Buffer.from(bytes).toString('hex'));
}

export function toBytes(number) {
    return new Uint8Array(Buffer.from(number.toString(16).padStart(64, '0'), 'hex'));
}

function counted(bytes) {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(bytes.length));
    return join(size, bytes);
}

// The password scalar of a set-up code.
export function scalarOfCode(code, deviceId) {
    return (
        toNumber(hkdf(sha256, text(code), text('LCM-SPAKE2-v1'), text('w' + deviceId), 40)) % ORDER
    );
}

// What RFC 9382, 4 makes of the values both sides know.
export function keySchedule({ idA, idB, shareA, shareB, shared, w, extra }) {
    const transcript = join(
        ...[text(idA), text(idB), shareA, shareB, shared, toBytes(w)].map(counted),
    );
    const hash = sha256(transcript);
    const confirmation = expand(
        sha256,
        extract(sha256, hash.slice(16), new Uint8Array(32)),
        join(text('ConfirmationKeys'), extra),
        32,
    );
    return {
        hash,
        key: hash.slice(0, 16),
        proofA: hmac(sha256, confirmation.slice(0, 16), transcript),
        proofB: hmac(sha256, confirmation.slice(16), transcript),
    };
}

export function multiply(point, scalar) {
    return scalar === 0n ? Point.ZERO : point.multiply(scalar);
}

// B's share and shared point; throws for a share of A that is no point.
export function answerShare(w, y, shareA) {
    if (shareA.length !== 65 || shareA[0] !== 4) throw new RangeError('point');
    const point = Point.fromHex(Buffer.from(shareA).toString('hex'));
    return {
        shareB: Point.BASE.multiply(y).add(multiply(N, w)).toBytes(false),
        shared: point.subtract(multiply(M, w)).multiply(y).toBytes(false),
    };
}

// One key exchange, and the messages after it.
export class DeviceSession {
    constructor(deviceId, code, shareA) {
        const w = scalarOfCode(code, deviceId);
        const y = 1n + (toNumber(randomBytes(40)) % (ORDER - 1n));
        const { shareB, shared } = answerShare(w, y, shareA);
        this.id = new Uint8Array(randomBytes(8));
        this.shareB = shareB;
        this.keys = keySchedule({
            idA: 'lcm-setup',
            idB: deviceId,
            shareA,
            shareB,
            shared,
            w,
            extra: join(text('LCM1'), this.id),
        });
        this.last = 0n;
        this.isConfirmed = false;
    }

    // Returns cB, or null for a wrong code.
    confirm(proofA) {
        if (!Buffer.from(this.keys.proofA).equals(Buffer.from(proofA))) return null;
        const derive = way =>
            hkdf(sha256, this.keys.key, text('LCM1'), join(text(way), this.keys.hash), 32);
        this.keyIn = derive('c2d');
        this.keyOut = derive('d2c');
        this.isConfirmed = true;
        return this.keys.proofB;
    }

    cipher(key, number) {
        const nonce = Buffer.alloc(12);
        nonce.writeBigUInt64LE(number, 4);
        return chacha20poly1305(key, new Uint8Array(nonce), this.id);
    }

    // body: number, ciphertext, tag. Returns the plaintext; throws for anything but a new message
    // of the other side.
    open(body) {
        const number = Buffer.from(body).readBigUInt64LE(0);
        if (number <= this.last) throw new RangeError('number');
        const plain = this.cipher(this.keyIn, number).decrypt(body.slice(8));
        this.last = number;
        return plain;
    }

    // The answer to the message that was opened last.
    seal(items) {
        const head = Buffer.alloc(8);
        head.writeBigUInt64LE(this.last);
        return join(this.id, head, this.cipher(this.keyOut, this.last).encrypt(encodeItems(items)));
    }
}

// items: [tag, bytes]...
export function encodeItems(items) {
    const plain = Buffer.alloc(PLAINTEXT_SIZE);
    let offset = 0;
    for (const [tag, value] of items) {
        if (offset + 4 + value.length > PLAINTEXT_SIZE) throw new RangeError('items');
        plain.writeUInt16LE(tag, offset);
        plain.writeUInt16LE(value.length, offset + 2);
        Buffer.from(value).copy(plain, offset + 4);
        offset += 4 + value.length;
    }
    return new Uint8Array(plain);
}

// Strict, as the device is: throws where the specification says malformed.
export function decodeItems(plain) {
    const buffer = Buffer.from(plain);
    const items = [];
    let offset = 0;
    while (offset + 2 <= buffer.length) {
        const tag = buffer.readUInt16LE(offset);
        if (tag === 0) break;
        const end = offset + 4 + buffer.readUInt16LE(offset + 2);
        if (end > buffer.length || items.some(item => item[0] === tag))
            throw new RangeError('item');
        items.push([tag, new Uint8Array(buffer.subarray(offset + 4, end))]);
        offset = end;
    }
    if (buffer.subarray(offset).some(byte => byte !== 0)) throw new RangeError('padding');
    return items;
}

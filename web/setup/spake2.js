// SPDX-License-Identifier: Apache-2.0
// SPAKE2 (RFC 9382), suite P-256, SHA-256, HKDF, HMAC: the side of A. Both sides prove that they
// know the code; who listens, or answers in place of the device, learns nothing to guess with.
import { concat, fromNumber, toNumber, utf8 } from './bytes.js';
import { hkdf, hmac, sha256 } from './sha256.js';
import { BASE, ORDER, addPoints, decodePoint, encodePoint, multiplyPoint, pointOf }
    from './p256.js';

// The RFC's points: 02 and 03 followed by x.
const POINT_M = pointOf(0x886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12fn, 0n);
const POINT_N = pointOf(0xd8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49n, 1n);

// A number below the order of the curve, as good as even from 40 bytes.
export function toScalar(bytes) {
    return toNumber(bytes) % ORDER;
}

// pA for the password scalar w and the secret scalar x.
export function spake2Share(w, x) {
    return encodePoint(addPoints(multiplyPoint(x, BASE), multiplyPoint(w, POINT_M)));
}

function withLength(bytes) {
    return concat([bytes.length, 0, 0, 0, 0, 0, 0, 0], bytes);
}

// K = x * (pB - w * N). Throws for a pB that is no point, or leads to infinity.
function sharedPoint(w, x, shareB) {
    const masked = multiplyPoint(ORDER - w, POINT_N);
    return encodePoint(multiplyPoint(x, addPoints(decodePoint(shareB), masked)));
}

// names and shares: those of A and B. Returns Ke, the hash of the transcript, the proofs of both.
export function spake2Finish(w, x, names, shares, extra) {
    const transcript = concat(...[
        ...names.map(utf8), ...shares, sharedPoint(w, x, shares[1]), fromNumber(w, 32),
    ].map(withLength));
    const hash = sha256(transcript);
    const keys = hkdf(hash.slice(16), [], concat(utf8('ConfirmationKeys'), extra), 32);
    return [hash.slice(0, 16), hash, hmac(keys.slice(0, 16), transcript),
        hmac(keys.slice(16), transcript)];
}

// SPDX-License-Identifier: Apache-2.0
// The curve P-256: y^2 = x^3 - 3x + b over the field of P. A point is [x, y, z] in projective
// coordinates, [0, 1, 0] is infinity. Addition is complete (Renes, Costello, Batina 2015, equation
// 3 with a = -3): no case is special, neither doubling nor infinity.
import { concat, fromNumber, toNumber } from './bytes.js';

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;

export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
export const BASE = [
    0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    1n,
];

function modulo(number) {
    const rest = number % P;
    return rest < 0n ? rest + P : rest;
}

// The b of the curve on which x, y is.
function offsetOf(x, y) {
    return modulo(y * y - x * x * x + 3n * x);
}

const CURVE_B = offsetOf(...BASE);

export function addPoints(p, q) {
    const [x, y, z] = p;
    const [X, Y, Z] = q;
    const xx = x * X;
    const yy = y * Y;
    const zz = z * Z % P;
    const xy = x * Y + X * y;
    const xz = (x * Z + X * z) % P;
    const yz = y * Z + Y * z;
    const u = 3n * (CURVE_B * zz - xz) % P;
    const v = 3n * (CURVE_B * xz - xx - 3n * zz) % P;
    const w = 3n * (xx - zz);
    return [
        modulo(xy * (yy - u) - yz * v),
        modulo(w * v + (yy + u) * (yy - u)),
        modulo(yz * (yy + u) + xy * w),
    ];
}

// scalar: 0 .. 2^256-1. Each of 256 steps doubles and adds, whatever the scalar is.
export function multiplyPoint(scalar, point) {
    let result = [0n, 1n, 0n];
    for (let bit = 255n; bit >= 0n; bit--) {
        result = addPoints(result, result);
        const sum = addPoints(result, point);
        result = scalar >> bit & 1n ? sum : result;
    }
    return result;
}

function power(base, exponent) {
    let result = 1n;
    for (let bit = 255n; bit >= 0n; bit--)
        result = result * result * (exponent >> bit & 1n ? base : 1n) % P;
    return result;
}

// The point with this x and an even or odd y (0n, 1n); there must be one.
export function pointOf(x, parity) {
    const y = power(modulo(x * x * x - 3n * x + CURVE_B), P + 1n >> 2n);
    return [x, (y & 1n) === parity ? y : P - y, 1n];
}

// 65 bytes: 4, x, y. Throws for infinity, which has no such form.
export function encodePoint(point) {
    const inverse = power(point[2], P - 2n);
    if (!inverse)
        throw new RangeError('infinity');
    return concat([4], ...[0, 1].map(i => fromNumber(point[i] * inverse % P, 32)));
}

// Throws unless the bytes are the one uncompressed form of a point on the curve.
export function decodePoint(bytes) {
    const x = toNumber(bytes.slice(1, 33));
    const y = toNumber(bytes.slice(33));
    if (bytes.length !== 65 || bytes[0] !== 4 || x >= P || y >= P || offsetOf(x, y) !== CURVE_B)
        throw new RangeError('point');
    return [x, y, 1n];
}

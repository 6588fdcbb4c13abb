// SPDX-License-Identifier: Apache-2.0
// Bytes and numbers by chance that a seed repeats: LCM_TEST_SEED=number. The seed is printed.
import { createHash, randomInt } from 'node:crypto';

export function createRandom(test) {
    const seed = process.env.LCM_TEST_SEED || String(randomInt(2 ** 32));
    let counter = 0;
    test.diagnostic('LCM_TEST_SEED=' + seed);
    const block = () => createHash('sha256').update(`${seed} ${counter++}`).digest();
    return {
        bytes(size) {
            const parts = [];
            for (let got = 0; got < size; got += 32) parts.push(block());
            return new Uint8Array(Buffer.concat(parts).subarray(0, size));
        },
        below(limit) {
            return block().readUInt32LE(0) % limit;
        },
    };
}

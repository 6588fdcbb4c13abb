// SPDX-License-Identifier: Apache-2.0
// Reads the settings out of a flash image, written from docs/SPEC.md 4 alone: what is stored is seen
// byte by byte, without the code that stored it.
const REGIONS = [0xf7000, 0xf8000];
const REGION_SIZE = 4096;
const MAGIC = 0x70524f45;
const ACTIVE = 0x4000;
const ALIVE = 0x8000, INCOMPLETE = 0x4000, IS_VALUE = 0x2000, ID_MASK = 0xfff;

function activeRegion(flash) {
    const active = REGIONS.filter(addr =>
        flash.readUInt32LE(addr) === MAGIC && flash.readUInt16LE(addr + 4) & ACTIVE);
    if (active.length === 0)
        throw new Error('no settings area in the flash image');
    return flash.subarray(active[0], active[0] + REGION_SIZE);
}

// { key: Buffer }
export function readSettings(flash) {
    const region = activeRegion(flash);
    const keys = new Map();
    const settings = {};
    for (let at = 8; at + 4 <= REGION_SIZE && region.readUInt16LE(at) !== 0xffff;) {
        const flags = region.readUInt16LE(at);
        const end = at + 4 + region.readUInt16LE(at + 2);
        const payload = region.subarray(at + 4, end);
        const isGood = (flags & ALIVE) !== 0 && (flags & INCOMPLETE) === 0;
        if (isGood && flags & IS_VALUE)
            settings[keys.get(flags & ID_MASK)] = Buffer.from(payload);
        else if (isGood)
            keys.set(flags & ID_MASK, payload.toString('latin1'));
        at = end;
    }
    return settings;
}

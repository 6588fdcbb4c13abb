// SPDX-License-Identifier: Apache-2.0
// Reads what lcm emu --capture wrote: Ethernet frames, and the bytes of each TCP direction in their
// order, so that nothing hides at the border of two segments.
const FILE_HEADER = 24, FRAME_HEADER = 16, ETHERNET = 14;
const MAGIC = 0xa1b2c3d4;

export function readFrames(file) {
    const frames = [];
    if (file.readUInt32LE(0) !== MAGIC)
        throw new Error('not a pcap file');
    for (let at = FILE_HEADER; at + FRAME_HEADER <= file.length;) {
        const size = file.readUInt32LE(at + 8);
        frames.push(file.subarray(at + FRAME_HEADER, at + FRAME_HEADER + size));
        at += FRAME_HEADER + size;
    }
    return frames;
}

// { flow, sequence, payload } of a TCP segment, or null.
function segmentOf(frame) {
    if (frame.length < ETHERNET + 40 || frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 6)
        return null;
    const ip = frame.subarray(ETHERNET, ETHERNET + frame.readUInt16BE(16));
    const tcp = ip.subarray((ip[0] & 15) * 4);
    return {
        flow: `${ip.subarray(12, 20).toString('hex')} ${tcp.subarray(0, 4).toString('hex')}`,
        sequence: tcp.readUInt32BE(4),
        payload: tcp.subarray((tcp[12] >> 4) * 4),
    };
}

// { flow: bytes }. A segment that came before is left out.
export function readStreams(frames) {
    const flows = new Map();
    for (const frame of frames) {
        const segment = segmentOf(frame);
        if (!segment || !segment.payload.length)
            continue;
        const parts = flows.get(segment.flow) ?? new Map();
        flows.set(segment.flow, parts.set(segment.sequence, segment.payload));
    }
    return Object.fromEntries([...flows].map(([flow, parts]) => [flow, Buffer.concat(
        [...parts].sort((a, b) => (a[0] - b[0]) | 0).map(part => part[1]))]));
}

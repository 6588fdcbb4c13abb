// SPDX-License-Identifier: Apache-2.0
// A device to develop and test the page against: docs/SPEC.md 11 over node's HTTP server, with
// fields in memory and a small world of networks and repositories. It stands in for the firmware
// only where a test needs a device that says what the test wants; the tests in page/ that take a
// base URL run against a real one as well.
import { createServer } from 'node:http';
import { DeviceSession, decodeItems } from './device_protocol.js';

const text = value => new Uint8Array(Buffer.from(value, 'utf8'));
const byte = number => Uint8Array.of(number);
const u16 = number => Uint8Array.of(number & 255, number >> 8);

const READ = 1,
    SCAN = 2,
    SET = 3,
    STATUS = 4,
    IDENTIFY = 5,
    ERASE = 6,
    FINISH = 7;
const DONE = 0,
    REFUSED = 1,
    BUSY = 2,
    MALFORMED = 3;
const TAG_SSID = 0x10,
    TAG_PASSWORD = 0x11,
    TAG_REPOSITORY = 0x12,
    TAG_FILE = 0x13;
const ERR_SETTING = 50,
    ERR_WIFI_PASSWORD = 25,
    ERR_WIFI_NOT_FOUND = 26,
    ERR_HTTP_NOT_FOUND = 37;
const PHASE_DONE = 6,
    PHASE_FAILED = 7;
const FIELD_TAGS = [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a];

const isName = value =>
    /^(?!\.\.?(\/|$))[\w.-]+\/(?!\.\.?$)[\w.-]{1,}$/.test(value) && value.length < 64;
const isHost = value => /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(value) && value.length < 64;
const CHECKS = {
    0x10: v => v.length >= 1 && v.length <= 32,
    0x11: v =>
        v.length === 0 ||
        (v.length >= 8 && v.length <= 63) ||
        /^[0-9a-f]{64}$/i.test(Buffer.from(v)),
    0x12: v => !v.length || isName(String(Buffer.from(v))),
    0x13: v => !v.length || /^[\w-][\w.-]{0,30}$/.test(Buffer.from(v)),
    0x14: v => !v.length || v.length === 32,
    0x15: v => !v.length || (v.length === 1 && v[0] < 2),
    0x16: v => !v.length || (v.length === 1 && v[0] < 2),
    0x17: v => v.length <= 255,
    0x18: v => !v.length || (v.length === 1 && Math.abs((v[0] << 24) >> 24) < 16),
    0x19: v => !v.length || isHost(String(Buffer.from(v))),
    0x1a: v => !v.length || /^(https?:\/\/)?[A-Za-z0-9.-]+(:\d+)?(\/[!-~]*)?$/.test(Buffer.from(v)),
};

export class MockDevice {
    // page: { body, policy }. world: { networks: [{ ssid, password, signal, channel, isHidden,
    // error }], repositories: { 'owner/name': { tag, files } }, failAt: { phase: error } }.
    constructor({
        page,
        world,
        code = '7K3MQ9XTA2HB',
        id = '5ccf7f000001',
        fields = {},
        isBeta = false,
    }) {
        Object.assign(this, { page, world, code, id, isBeta });
        this.name = 'LCM-' + id.slice(6).toUpperCase();
        this.fields = new Map(Object.entries(fields).map(([tag, value]) => [Number(tag), value]));
        this.sessions = [];
        this.wrongCodes = 0;
        this.waitUntil = 0;
        this.stepMs = 60;
        this.resetPhases = [];
        this.holdPhase = 0;
        this.leaveSeconds = 20;
        this.trial = { phase: 0 };
        this.requests = [];
        this.commands = [];
        this.isOffline = false;
        this.hasEnded = '';
    }

    async open() {
        this.server = createServer((request, response) => this.serve(request, response));
        this.server.keepAliveTimeout = 1;
        await new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve));
        this.port = this.server.address().port;
    }

    async close() {
        clearTimeout(this.timer);
        this.server.closeAllConnections();
        await new Promise(resolve => this.server.close(resolve));
    }

    serve(request, response) {
        const parts = [];
        if (this.isOffline || this.resetPhases.includes(this.trial.phase)) {
            request.socket.destroy();
            return;
        }
        request.on('data', part => parts.push(part));
        request.on('end', () => {
            const body = new Uint8Array(Buffer.concat(parts));
            this.requests.push({ path: request.url, body });
            const [status, answer, headers] = this.answer(request, body);
            response.writeHead(status, { 'Cache-Control': 'no-store', ...headers });
            response.end(answer);
        });
    }

    answer(request, body) {
        const route = request.method + ' ' + request.url;
        if (route === 'GET /')
            return [
                200,
                this.page.body,
                {
                    'Content-Type': 'text/html; charset=utf-8',
                    'Content-Encoding': 'gzip',
                    'Content-Security-Policy': this.page.policy,
                },
            ];
        if (route === 'GET /i')
            return [
                200,
                JSON.stringify({
                    protocol: 1,
                    id: this.id,
                    name: this.name,
                    version: '1.0.0',
                    wait: this.waitSeconds(),
                }),
                { 'Content-Type': 'application/json' },
            ];
        if (request.headers.origin && new URL(request.headers.origin).host !== request.headers.host)
            return [403, 'origin\n'];
        const post = { 'POST /p1': 'share', 'POST /p2': 'confirm', 'POST /x': 'exchange' }[route];
        return post ? this[post](body) : [404, 'not found\n'];
    }

    waitSeconds() {
        return Math.max(0, Math.ceil((this.waitUntil - Date.now()) / 1000));
    }

    share(body) {
        if (this.waitSeconds())
            return [429, 'wait\n', { 'Retry-After': String(this.waitSeconds()) }];
        let session;
        try {
            session = new DeviceSession(this.id, this.code, body);
        } catch {
            return [400, 'point\n'];
        }
        if (this.sessions.length === 3) {
            const oldest = this.sessions.findIndex(other => !other.isConfirmed);
            if (oldest < 0) return [503, 'no room\n', { 'Retry-After': '2' }];
            this.sessions.splice(oldest, 1);
        }
        this.sessions.push(session);
        return [200, Buffer.concat([session.id, session.shareB])];
    }

    sessionOf(body) {
        return this.sessions.find(session => Buffer.from(session.id).equals(body.slice(0, 8)));
    }

    confirm(body) {
        const session = this.sessionOf(body);
        if (!session || session.isConfirmed) return [404, 'session\n'];
        const proof = session.confirm(body.slice(8));
        if (proof) return [200, proof];
        this.sessions = this.sessions.filter(other => other !== session);
        this.wrongCodes++;
        const seconds = this.wrongCodes < 10 ? Math.min(64, 2 ** (this.wrongCodes - 1)) : 300;
        this.waitUntil = Date.now() + 1000 * seconds;
        return [403, 'code\n'];
    }

    exchange(body) {
        const session = this.sessionOf(body);
        if (!session || !session.isConfirmed) return [404, 'session\n'];
        let items;
        try {
            items = session.open(body.slice(8));
        } catch {
            return [403, 'message\n'];
        }
        try {
            items = decodeItems(items);
            return [200, session.seal(this.command(items))];
        } catch {
            return [200, session.seal([[2, byte(MALFORMED)]])];
        }
    }

    command(items) {
        if (items.length === 0 || items[0][0] !== 1 || items[0][1].length !== 1)
            throw new RangeError('command');
        const command = items[0][1][0];
        const rest = new Map(items.slice(1));
        this.commands.push({ command, items: rest });
        const commands = {
            [READ]: () => [[2, byte(DONE)], ...this.readItems(), ...this.statusItems()],
            [SCAN]: () => [[2, byte(DONE)], ...this.scanItems(rest)],
            [SET]: () => this.set(rest),
            [STATUS]: () => [[2, byte(DONE)], ...this.statusItems()],
            [IDENTIFY]: () => [[2, byte(DONE)]],
            [ERASE]: () => this.erase(rest),
            [FINISH]: () => this.finish(),
        };
        return commands[command]();
    }

    readItems() {
        const flag = (tag, value) => [tag, byte(value ? 1 : 0)];
        return [
            ...FIELD_TAGS.filter(tag => tag !== TAG_PASSWORD && this.fields.has(tag)).map(tag => [
                tag,
                this.fields.get(tag),
            ]),
            [0x30, text(this.id)],
            [0x31, text('1.0.0')],
            ...(this.appVersion ? [[0x32, text(this.appVersion)]] : []),
            flag(0x33, this.appVersion),
            flag(0x34, this.isBeta),
            flag(0x35, (this.fields.get(TAG_PASSWORD) || []).length),
        ];
    }

    statusItems() {
        const { phase, error, failedIn, address, tag, isStored } = this.trial;
        return [
            [0x50, byte(phase)],
            ...(error
                ? [
                      [0x51, u16(error)],
                      [0x52, byte(failedIn)],
                  ]
                : []),
            ...(address ? [[0x53, Uint8Array.from(address)]] : []),
            ...(tag ? [[0x54, text(tag)]] : []),
            ...(isStored
                ? [
                      [0x55, byte(1)],
                      [0x56, u16(this.leaveSeconds)],
                  ]
                : []),
        ];
    }

    scanItems(items) {
        if (items.has(6)) this.scansLeft = 2;
        const heard = this.world.networks.filter(network => !network.isHidden);
        const isGoingOn = this.scansLeft > 0;
        this.scansLeft = Math.max(0, (this.scansLeft || 0) - 1);
        return [
            ...heard
                .sort((a, b) => b.signal - a.signal)
                .map(network => [
                    0x40,
                    Uint8Array.from([
                        network.signal & 255,
                        network.channel,
                        network.password ? 1 : 0,
                        ...network.ssid,
                    ]),
                ]),
            ...(isGoingOn ? [[0x41, byte(1)]] : []),
        ];
    }

    set(items) {
        const isForced = items.has(4);
        items.delete(4);
        if (this.trial.phase > 0 && this.trial.phase < PHASE_DONE) return [[2, byte(BUSY)]];
        for (const tag of items.keys()) if (!CHECKS[tag]) throw new RangeError('tag');
        const refused = [...items]
            .filter(([tag, value]) => !CHECKS[tag](value) || (tag === 0x1a && !this.isBeta))
            .map(([tag]) => tag);
        if (refused.length)
            return [
                [2, byte(REFUSED)],
                ...refused.map(tag => [3, Uint8Array.of(tag, 0, ERR_SETTING, 0)]),
            ];
        const wanted = new Map(this.fields);
        if (items.has(TAG_SSID) && !items.has(TAG_PASSWORD)) wanted.delete(TAG_PASSWORD);
        for (const [tag, value] of items)
            value.length ? wanted.set(tag, value) : wanted.delete(tag);
        if (isForced) this.storeUntried(wanted);
        else this.startTrial(wanted);
        return [[2, byte(DONE)]];
    }

    // As the device does: nothing yet, then done, without what an attempt would have found out.
    storeUntried(wanted) {
        this.trial = { phase: 0 };
        this.timer = setTimeout(() => {
            this.trial.phase = PHASE_DONE;
            this.store(wanted);
        }, 500);
    }

    store(wanted) {
        this.fields = wanted;
        this.trial.isStored = true;
    }

    startTrial(wanted) {
        this.trial = { phase: 1 };
        const repository = String(Buffer.from(wanted.get(TAG_REPOSITORY) || []));
        const step = () => {
            const phase = this.trial.phase;
            if (phase === this.holdPhase) {
                this.timer = setTimeout(step, this.stepMs);
                return;
            }
            const error = this.errorIn(phase, wanted, repository);
            if (error) {
                Object.assign(this.trial, { phase: PHASE_FAILED, error, failedIn: phase });
                return;
            }
            if (phase === 1) this.trial.address = [10, 0, 3, 17];
            if (phase === 4) this.trial.tag = this.world.repositories[repository].tag;
            this.trial.phase = repository ? phase + 1 : PHASE_DONE;
            if (this.trial.phase === PHASE_DONE) this.store(wanted);
            else this.timer = setTimeout(step, this.stepMs);
        };
        this.timer = setTimeout(step, this.stepMs);
    }

    errorIn(phase, wanted, repository) {
        const failAt = this.world.failAt || {};
        if (failAt[phase]) return failAt[phase];
        if (phase === 1) {
            const network = this.world.networks.find(other =>
                Buffer.from(other.ssid).equals(Buffer.from(wanted.get(TAG_SSID) || [])),
            );
            const password = String(Buffer.from(wanted.get(TAG_PASSWORD) || []));
            return !network
                ? ERR_WIFI_NOT_FOUND
                : (network.password || '') !== password
                  ? ERR_WIFI_PASSWORD
                  : network.error;
        }
        const known = this.world.repositories[repository];
        const file = String(Buffer.from(wanted.get(TAG_FILE) || text('main.bin')));
        return (phase === 4 && !known) || (phase === 5 && !known.files.includes(file))
            ? ERR_HTTP_NOT_FOUND
            : 0;
    }

    erase(items) {
        if (String(Buffer.from(items.get(5) || [])) !== 'erase') return [[2, byte(REFUSED)]];
        this.fields = new Map();
        this.hasEnded = 'erased';
        return [[2, byte(DONE)]];
    }

    finish() {
        this.hasEnded = 'finished';
        return [[2, byte(DONE)]];
    }
}

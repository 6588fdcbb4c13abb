// SPDX-License-Identifier: Apache-2.0
// A real device in front of its set-up: the emulated chip (lcm emu) or the Linux device (lcm device),
// from a flash image of its own, in a world of its own. Everything it says is kept: the serial line,
// the log that it broadcasts, its flash.
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOST } from './browser.js';
import { Program, mustRun } from './program.js';
import { LCM, ROOT } from './real_world.js';
import { readSettings } from './settings_area.js';

// In slot 0, as a maker writes it: set-up is in it.
const UPDATER = join(ROOT, 'build/lx106/1.0.0/otaboot.bin');
const READY_MS = 60000;
export const CODE = '7K3M-Q9XT-A2HB';

export const bytesOf = text => Buffer.from(text, 'utf8');

// A word of a world file, for text or any bytes.
export function quote(value) {
    const escape = byte => byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c
        ? '\\x' + byte.toString(16).padStart(2, '0') : String.fromCharCode(byte);
    return '"' + [...Buffer.from(value)].map(escape).join('') + '"';
}

// network: { ssid, password, signal, channel, more: 'hidden' ... }
function networkLine({ ssid, password, signal, channel, more = '' }) {
    return ['network', quote(ssid), password === undefined ? '' : 'password ' + quote(password),
        signal === undefined ? '' : 'signal ' + signal, channel === undefined ? '' : 'channel ' + channel, more].join(' ');
}

// A port nobody uses at this moment.
export async function freePort() {
    const server = createServer();
    await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    await new Promise(resolve => server.close(resolve));
    return port;
}

// Datagrams to a port of this machine, all of them.
export class Listener {
    async open() {
        this.messages = [];
        this.socket = createSocket('udp4', message => this.messages.push(message));
        await new Promise(resolve => this.socket.bind(0, '127.0.0.1', resolve));
        this.port = this.socket.address().port;
        return this;
    }

    close() {
        return new Promise(resolve => this.socket.close(resolve));
    }
}

export class RealDevice {
    // kind: 'chip' or 'host'. world: a RealWorld. networks: see networkLine. lines: more of the world
    // file; a name that is listed here does not lead to the world. settings: { key: text } stored before.
    constructor({ kind, world, networks = [], lines = [], settings = {}, code = CODE, id = '5ccf7f000001' }) {
        Object.assign(this, { kind, world, networks, lines, code, id });
        this.folder = mkdtempSync(join(tmpdir(), `lcm-${kind}-`));
        this.flash = join(this.folder, 'flash.bin');
        this.name = 'LCM-' + id.slice(6).toUpperCase();
        this.compose(settings);
    }

    compose(settings) {
        const file = join(this.folder, 'settings');
        const code = this.code ? ['--code', this.code] : [];
        writeFileSync(file, Object.entries(settings).map(entry => entry.join('=') + '\n').join(''), { mode: 0o600 });
        mustRun([LCM, 'flash', 'compose', '--out', this.flash, '--boot', this.world.boot, '--slot0', UPDATER,
            '--trust', this.world.trust, '--settings', file, ...code]);
        rmSync(file);
    }

    worldText() {
        const names = new Set(this.lines.map(line => line.split(' ').slice(0, 2).join(' ')));
        const others = this.world.lines.filter(line => !names.has(line.split(' ').slice(0, 2).join(' ')));
        return [...this.networks.map(networkLine), ...others, ...this.lines,
            `broadcast 127.0.0.1:${this.log.port}`, ''].join('\n');
    }

    // Power on, and wait for set-up unless until says for what. options: more words of the command
    // line. enter: words in front of it. portal: null = none of ours.
    async start({ options = [], enter = [], portal, until = 'LCM setup code: ' } = {}) {
        this.log ??= await new Listener().open();
        this.port ??= await freePort();
        const worldFile = join(this.folder, 'world');
        writeFileSync(worldFile, this.worldText());
        const command = [LCM, this.kind === 'chip' ? 'emu' : 'device', '--flash', this.flash, '--world', worldFile,
            '--id', this.id, '--json', ...(portal ?? ['--portal', `127.0.0.1:${this.port}`]), ...options];
        this.first = 0;
        this.program = new Program(command, { enter });
        const line = await this.program.waitFor(until, { timeoutMs: READY_MS });
        if (until.startsWith('LCM setup code'))
            this.code = JSON.parse(line).line.slice(until.length);
        return this;
    }

    // What SetupPage wants.
    get target() {
        return { base: `http://${HOST}:${this.port}`, code: this.code, name: this.name };
    }

    // Set-up opens for the count-th time since power-on.
    waitForSetup(count) {
        return this.program.waitFor('LCM setup code: ', { count, timeoutMs: READY_MS });
    }

    // What was printed on the serial line.
    get uart() {
        return this.program.lines.filter(line => line.includes('"uart"')).map(line => JSON.parse(line).line);
    }

    image() {
        return readFileSync(this.flash);
    }

    // { key: text } of what is stored now; a byte is a character.
    settings() {
        return Object.fromEntries(Object.entries(readSettings(this.image()))
            .map(([key, value]) => [key, value.toString('latin1')]));
    }

    stop(signal) {
        return this.program.stop(signal);
    }

    story() {
        return this.program ? this.program.story() : 'never started';
    }

    async close() {
        await this.program?.stop();
        await this.log?.close();
        rmSync(this.folder, { recursive: true, force: true });
    }
}

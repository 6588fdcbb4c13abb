// SPDX-License-Identifier: Apache-2.0
// A release host for one test file: lcm serve on the releases and certificate authorities that
// lib/make_world.sh made.
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program, mustRun } from './program.js';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const LCM = join(ROOT, process.env.LCM || 'build/host/lcm');
export const BUILD = join(LCM, '..');
export const WORLD = join(BUILD, 'tests-world');
export const REPOSITORY = 'lifecycle-manager/blink';

export class RealWorld {
    constructor() {
        if (!existsSync(join(WORLD, 'ready')))
            throw new Error(`${WORLD} is not there: run these tests by "make page-system"`);
        this.folder = mkdtempSync(join(tmpdir(), 'lcm-world-'));
        this.state = join(this.folder, 'server');
        this.trust = join(WORLD, 'releases/lifecycle-manager/lifecycle-manager/1.0.0/certs.sector');
        this.boot = join(WORLD, 'boot.bin');
    }

    // faults: from the start, as lcm serve --fault takes them. enter: words in front of the command.
    async open(faults = [], enter = []) {
        cpSync(join(WORLD, 'server'), this.state, { recursive: true });
        this.server = new Program([LCM, 'serve', join(WORLD, 'releases'), '--port', 0, '--state', this.state,
            '--json', ...faults.flatMap(fault => ['--fault', fault])], { enter });
        const start = JSON.parse(await this.server.waitFor('"start"'));
        this.releasePort = start.release_port;
        this.assetPort = start.asset_port;
        return this;
    }

    // The lines of a world file that lead to it.
    get lines() {
        return [
            `resolve github.com 127.0.0.1:${this.releasePort}`,
            `resolve release-assets.githubusercontent.com 127.0.0.1:${this.assetPort}`,
            'time now',
        ];
    }

    send(line) {
        mustRun([LCM, 'serve', '--state', this.state, '--send', line]);
    }

    async close() {
        await this.server.stop();
        rmSync(this.folder, { recursive: true, force: true });
    }
}

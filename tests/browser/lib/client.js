// SPDX-License-Identifier: Apache-2.0
// The page's own session with a device (web/setup/session.js), without a browser.
import { randomBytes } from 'node:crypto';
import { createSession } from '../../../web/setup/session.js';

export const READ = 1, SCAN = 2, SET = 3, STATUS = 4;
export const ITEM_RESULT = 2, ITEM_ANYWAY = 4, ITEM_SSID = 0x10, ITEM_PASSWORD = 0x11, ITEM_REPOSITORY = 0x12;
const PHASE = 0x50;
const TRIES = 400, PAUSE_MS = 100;

// As the page asks; status 0: no answer.
async function request(base, path, body) {
    try {
        const answer = await fetch(base + path, { method: body ? 'POST' : 'GET', body });
        return {
            status: answer.status,
            wait: Number(answer.headers.get('Retry-After')),
            body: new Uint8Array(await answer.arrayBuffer()),
        };
    } catch {
        return { status: 0 };
    }
}

export class Client {
    constructor(port, code, id = '5ccf7f000001') {
        this.base = `http://127.0.0.1:${port}`;
        this.session = createSession((path, body) => request(this.base, path, body),
            size => new Uint8Array(randomBytes(size)));
        this.session.open(code.replaceAll('-', ''), id);
    }

    // The items of the answer. Throws { status, wait } for anything but one that can be opened.
    send(command, items = []) {
        return this.session.send([[1, [command]], ...items]);
    }

    // The same, with the patience of the page.
    async talk(command, items) {
        for (let i = 0; ; i++) {
            try {
                return await this.send(command, items);
            } catch (error) {
                if (i === TRIES)
                    throw error;
                await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
            }
        }
    }

    // Until the attempt has ended: its phase.
    async end() {
        for (let i = 0; i < TRIES; i++) {
            const phase = (await this.talk(STATUS)).find(([tag]) => tag === PHASE)[1][0];
            if (phase > 5)
                return phase;
            await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
        }
        throw new Error('the attempt does not end');
    }
}

// /i, and its wait.
export async function waitSeconds(port) {
    return (await (await fetch(`http://127.0.0.1:${port}/i`)).json()).wait;
}

// SPDX-License-Identifier: Apache-2.0
// What a test on real devices needs, closed at its end in any case; a test that fails tells what its
// devices said.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openBrowser } from './browser.js';
import { RealDevice } from './real_device.js';
import { RealWorld } from './real_world.js';
import { SetupPage } from './setup_page.js';

const PAGE_MS = 60000; // real devices, on a busy machine

export class Stage {
    constructor(t) {
        this.t = t;
        this.devices = [];
        this.pages = [];
        this.closers = [];
        this.folder = mkdtempSync(join(tmpdir(), 'lcm-stage-'));
        this.onClose(() => rmSync(this.folder, { recursive: true, force: true }));
    }

    // The newest is closed first.
    onClose(close) {
        this.closers.unshift(close);
    }

    // faults: of the release host.
    async world(...faults) {
        const world = new RealWorld();
        this.onClose(() => world.close());
        return world.open(faults);
    }

    // options of RealDevice, and start: those of its start.
    async device({ start, ...options }) {
        const device = new RealDevice(options);
        this.devices.push(device);
        this.onClose(() => device.close());
        return device.start(start);
    }

    async browser(flags) {
        const browser = await openBrowser(flags);
        this.onClose(() => browser.close());
        return browser;
    }

    // A person in front of a device.
    async visit(browser, device, pageOptions) {
        const page = await browser.newPage(pageOptions);
        page.setDefaultTimeout(PAGE_MS);
        this.pages.push(page);
        this.onClose(() => page.context().close());
        return new SetupPage(page, device.target);
    }

    // For a person who has to find out why a test failed.
    async tell() {
        for (const page of this.pages) {
            const text = await page.innerText('body').catch(String);
            this.t.diagnostic(['the page:', ...page.problems, text].join('\n'));
        }
        for (const device of this.devices)
            this.t.diagnostic(device.story());
    }

    // Until look() holds; the last error or nothing after a minute fails the test.
    async until(look) {
        for (const end = Date.now() + PAGE_MS; ;) {
            if (await look())
                return;
            if (Date.now() > end)
                throw new Error(`it never came to: ${look}`);
            await this.pause(50);
        }
    }

    pause(ms) {
        return new Promise(resolve => setTimeout(resolve, ms));
    }

    async close() {
        for (const close of this.closers)
            await close();
    }
}

// A test whose body gets a Stage.
export function play(name, options, body) {
    return test(name, options, async t => {
        const stage = new Stage(t);
        try {
            await body(stage);
        } catch (error) {
            await stage.tell();
            throw error;
        } finally {
            await stage.close();
        }
    });
}

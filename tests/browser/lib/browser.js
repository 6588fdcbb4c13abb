// SPDX-License-Identifier: Apache-2.0
// Chromium of the system with a new profile for each start. The page is opened under a host name
// that is no secure context, as on a device: the browser then has no crypto.subtle.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export const HOST = 'lcm.setup';

// options of a browser context: locale, colorScheme, viewport ... Returns { page, close, problems }:
// problems collects errors of the page and what its policy blocked.
export async function openBrowser(options = {}) {
    const profile = mkdtempSync(join(tmpdir(), 'lcm-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        headless: true,
        args: [...FLAGS, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
        viewport: { width: 390, height: 844 },
        locale: 'en-GB',
        ...options,
    });
    const page = context.pages()[0] || await context.newPage();
    const problems = [];
    page.on('pageerror', error => problems.push(String(error)));
    page.on('dialog', dialog => problems.push('dialog: ' + dialog.message()));
    page.on('console', message => {
        if (message.type() === 'error' && !/net::ERR_|status of 40[34]|status of 429/.test(message.text()))
            problems.push(message.text());
    });
    const close = async () => {
        await context.close();
        rmSync(profile, { recursive: true, force: true });
    };
    return { page, close, problems };
}

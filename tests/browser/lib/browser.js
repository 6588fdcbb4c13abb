// SPDX-License-Identifier: Apache-2.0
// Chromium of the system, with a profile that lives as long as the test file. Pages are opened
// under a host name that is no secure context, as on a device: the browser then has no
// crypto.subtle.
import { chromium } from 'playwright-core';

const FLAGS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];

// Leads to this machine, whatever the port.
export const HOST = 'lcm.setup';

export async function openBrowser(flags = []) {
    const browser = await chromium.launch({
        executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
        args: [...FLAGS, `--host-resolver-rules=MAP ${HOST} 127.0.0.1`, ...flags],
    });
    return { newPage: options => newPage(browser, options), close: () => browser.close() };
}

// options of a browser context: locale, colorScheme, viewport ... page.problems collects errors of
// the page, dialogs, and what its policy blocked; answers 403, 404, 429 and lost ones are none.
async function newPage(browser, options = {}) {
    const context = await browser.newContext({
        viewport: { width: 390, height: 844 },
        locale: 'en-GB',
        hasTouch: true,
        ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(30000);
    page.problems = [];
    page.on('pageerror', error => page.problems.push(String(error)));
    page.on('dialog', dialog => page.problems.push('dialog: ' + dialog.message()));
    page.on('popup', () => page.problems.push('a new window'));
    page.on('console', message => {
        if (
            message.type() === 'error' &&
            !/net::ERR_|status of (40[034]|429|503)/.test(message.text())
        )
            page.problems.push(message.text());
    });
    return page;
}

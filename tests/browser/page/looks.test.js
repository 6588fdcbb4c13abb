// SPDX-License-Identifier: Apache-2.0
// Goal: the page can be read, reached and used by everybody, on any screen, in any mini-browser.
// Method: Chromium on the built page: sizes, contrast, focus, removed browser features. With
// LCM_SHOTS set to a folder, it leaves pictures there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openBrowser } from '../lib/browser.js';
import { setUp, submit } from '../lib/journeys.js';
import { bytesOf, openDevice } from '../lib/mock_world.js';
import { SetupPage } from '../lib/setup_page.js';
import { textsOf } from '../lib/texts.js';

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());

const WISHES = { network: 'Home', password: 'correct horse', repo: 'lifecycle-manager/blink' };

async function visit(t, deviceOptions, pageOptions, from = browser) {
    const { device, target } = await openDevice(t, deviceOptions);
    const page = await from.newPage(pageOptions);
    t.after(() => page.context().close());
    return { device, page, setup: new SetupPage(page, target) };
}

async function shoot(page, name) {
    if (process.env.LCM_SHOTS)
        await page.screenshot({
            path: join(process.env.LCM_SHOTS, `setup-${name}.png`),
            fullPage: true,
        });
}

// Calls look(name) in each view of the page.
async function walk(device, setup, look) {
    const page = setup.page;
    await setup.open();
    await look('code');
    await setup.connect();
    await setup.scanEnd();
    await look('form');
    await setup.chooseNetwork('Home');
    await setup.reveal('#syslog');
    await setup.reveal('#erase');
    await look('everything');
    await submit(setup, { ...WISHES, password: 'wrong password' });
    await setup.result();
    await look('failed');
    await setup.press('#change');
    device.holdPhase = 3;
    await submit(setup, WISHES);
    await page.waitForFunction(() => document.querySelectorAll('.ok').length === 2);
    await look('trying');
    device.holdPhase = 0;
    await setup.result();
    await look('done');
    await setup.press('#finish');
    await page.waitForSelector('#end:not([hidden])');
    await look('end');
}

// [0] when nothing is wider than the page, or than the element it is in; else what is.
const overflow = page =>
    page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        const isWide = element =>
            element.getBoundingClientRect().right > width + 0.5 ||
            (element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1);
        const wide = [
            ...document.querySelectorAll('body, body *:not(input, select, option)'),
        ].filter(element => element.checkVisibility() && isWide(element));
        return [
            document.documentElement.scrollWidth - width,
            ...wide.map(element => element.outerHTML.slice(0, 60)),
        ];
    });

test('no sideways scrolling at 360 px, in the languages with the longest words', async t => {
    for (const locale of ['de', 'fr']) {
        const { device, page, setup } = await visit(
            t,
            { isBeta: true },
            { locale, viewport: { width: 360, height: 640 } },
        );
        device.world.networks.push(
            { ssid: bytesOf('W'.repeat(32)), password: '12345678', signal: -50, channel: 2 },
            { ssid: new Uint8Array(32).fill(0xff), password: '12345678', signal: -55, channel: 2 },
        );
        await walk(device, setup, async name => {
            assert.deepEqual(await overflow(page), [0], `${locale} ${name}`);
            await shoot(page, `${locale}-360-${name}`);
        });
        assert.deepEqual(page.problems, []);
    }
});

test('no sideways scrolling with letters of double size', async t => {
    const large = await openBrowser(['--blink-settings=defaultFontSize=32']);
    t.after(() => large.close());
    const { device, page, setup } = await visit(
        t,
        {},
        { locale: 'de', viewport: { width: 360, height: 640 } },
        large,
    );
    assert.equal(
        await page.evaluate(() => getComputedStyle(document.documentElement).fontSize),
        '32px',
    );
    await walk(device, setup, async name => {
        assert.deepEqual(await overflow(page), [0], name);
        await shoot(page, `large-${name}`);
    });
    assert.deepEqual(page.problems, []);
});

// The lowest contrast of visible text to what is behind it (WCAG 2.2, 1.4.3), and whose it is.
const contrast = page =>
    page.evaluate(() => {
        const channels = color => color.match(/[\d.]+/g).map(Number);
        const over = (top, below) =>
            top
                .slice(0, 3)
                .map((value, i) => value * (top[3] ?? 1) + below[i] * (1 - (top[3] ?? 1)));
        const luminance = color =>
            color
                .map(value => value / 255)
                .map(value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
                .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = element => {
            const color = channels(getComputedStyle(element).backgroundColor);
            return color[3] === 0 ? behind(element.parentElement) : color.slice(0, 3);
        };
        const ratio = element => {
            const back = behind(element);
            const [a, b] = [
                luminance(over(channels(getComputedStyle(element).color), back)),
                luminance(back),
            ];
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        };
        return [...document.querySelectorAll('body *')]
            .filter(
                element =>
                    element.checkVisibility() &&
                    !element.closest(':disabled') &&
                    ([...element.childNodes].some(
                        node => node.nodeType === 3 && node.textContent.trim(),
                    ) ||
                        element.value),
            )
            .map(element => [ratio(element), element.outerHTML.slice(0, 60)])
            .sort((a, b) => a[0] - b[0])[0];
    });

test('contrast of every text, light and dark', async t => {
    const pages = [];
    for (const colorScheme of ['light', 'dark']) {
        const { device, page, setup } = await visit(t, {}, { colorScheme });
        await walk(device, setup, async name => {
            const [ratio, element] = await contrast(page);
            assert.ok(ratio >= 4.5, `${colorScheme} ${name}: ${ratio.toFixed(2)} ${element}`);
            await shoot(page, `${colorScheme}-${name}`);
        });
        pages.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
        assert.deepEqual(page.problems, []);
    }
    assert.notEqual(pages[0], pages[1]);
});

test('what is to be touched is large enough', async t => {
    const { device, page, setup } = await visit(t, { isBeta: true });
    await walk(device, setup, async name => {
        const small = await page.$$eval(
            'button, select, summary, .row, input:not([type=radio], [type=checkbox])',
            elements =>
                elements
                    .filter(element => element.checkVisibility())
                    .map(element => [
                        element.getBoundingClientRect(),
                        element.outerHTML.slice(0, 60),
                    ])
                    .filter(([box]) => box.height < 44 || box.width < 44)
                    .map(([, html]) => html),
        );
        assert.deepEqual(small, [], name);
    });
});

test('where the keyboard is can be seen, in the order of the page', async t => {
    const { page, setup } = await visit(t);
    await setup.enter();
    await setup.chooseNetwork('Home');
    await setup.reveal('#erase');
    await page.focus('#language');
    const seen = [];
    for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        const [id, outline, top] = await page.evaluate(() => [
            document.activeElement.id || document.activeElement.tagName,
            getComputedStyle(document.activeElement).outlineStyle +
                getComputedStyle(document.activeElement).outlineWidth,
            document.activeElement.getBoundingClientRect().top + scrollY,
        ]);
        if (id === 'BODY' || id === 'language') break;
        assert.equal(outline, 'solid3px', id);
        seen.push([id, top]);
    }
    assert.ok(seen.length > 10, String(seen));
    assert.deepEqual(
        seen.map(entry => entry[1]),
        seen.map(entry => entry[1]).sort((a, b) => a - b),
    );
});

test('what changes is told to people who do not see it', async t => {
    const { device, page, setup } = await visit(t);
    assert.equal(await setup.open(), undefined);
    assert.ok(await setup.isFocused('#enter h2'), 'a new view is read from its heading');
    await setup.enter();
    assert.ok(await setup.isFocused('#form h2'));
    assert.equal(await page.getAttribute('#say', 'role'), 'status');
    assert.equal(await page.getAttribute('#fault', 'role'), 'alert');
    assert.equal(await page.getAttribute('#state', 'role'), 'status');
    device.world.failAt = { 1: 26 };
    await submit(setup, WISHES);
    await setup.result();
    assert.ok(await setup.isFocused('#state'));
});

test('a browser without storage, crypto.subtle and history', async t => {
    const { device, page, setup } = await visit(t);
    await page.addInitScript(() => {
        for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
            Object.defineProperty(window, name, {
                get: () => {
                    throw new DOMException('denied', 'SecurityError');
                },
            });
        for (const name of ['alert', 'confirm', 'prompt', 'open']) delete window[name];
        delete Crypto.prototype.subtle;
        Object.defineProperty(Document.prototype, 'cookie', {
            get: () => {
                throw new Error('denied');
            },
        });
        history.replaceState = () => {
            throw new DOMException('denied', 'SecurityError');
        };
    });
    const outcome = await setUp(setup, WISHES);
    assert.equal(outcome.result, 'done');
    assert.equal(device.fields.size, 3);
    assert.deepEqual(page.problems, []);
});

test('a second QR code on the open page fills the field', async t => {
    const { device, page, setup } = await visit(t);
    await setup.open('#0000-0000-0000');
    await page.evaluate(code => {
        location.hash = code;
    }, device.code);
    await page.waitForFunction(code => document.getElementById('code').value === code, device.code);
    assert.equal(new URL(page.url()).hash, '');
});

test('the password is hidden until a person wants to see it', async t => {
    const { page, setup } = await visit(t);
    await setup.enter();
    await setup.chooseNetwork('Home');
    assert.equal(await page.getAttribute('#password', 'type'), 'password');
    await setup.check('reveal', true);
    assert.equal(await page.getAttribute('#password', 'type'), 'text');
    await setup.check('reveal', false);
    assert.equal(await page.getAttribute('#password', 'type'), 'password');
});

test('networks: bars, lock, channel, each once, strongest first', async t => {
    const { setup } = await visit(t);
    await setup.enter();
    assert.deepEqual(await setup.networks(), [
        { name: 'Home', title: '-48 dBm, CH 6', isSecured: true, bars: '4/4', isChecked: false },
        {
            name: 'Library',
            title: '-63 dBm, CH 1',
            isSecured: false,
            bars: '3/4',
            isChecked: false,
        },
        {
            name: 'Neighbour',
            title: '-85 dBm, CH 13',
            isSecured: true,
            bars: '1/4',
            isChecked: false,
        },
    ]);
    const drawn = await setup.page.$$eval('#list path + path:last-child', paths =>
        paths.map(path => path.getAttribute('d')).filter(Boolean),
    );
    assert.deepEqual(drawn, ['M0 9v-2M3 9v-4M6 9v-6M9 9v-8', 'M0 9v-2M3 9v-4M6 9v-6', 'M0 9v-2']);
});

test('searching again keeps the choice, finds what is new, and can be watched', async t => {
    const { device, page, setup } = await visit(t);
    await setup.enter();
    await setup.chooseNetwork('Library');
    device.world.networks.push({ ssid: bytesOf('New'), signal: -40, channel: 9 });
    await setup.press('#scan');
    await page.waitForSelector('#scan:disabled');
    assert.equal(await setup.text('#scan'), textsOf('en').moment.replace('{}', ''));
    await setup.scanEnd();
    const rows = await setup.networks();
    assert.deepEqual(
        rows.map(row => row.name),
        ['New', 'Home', 'Library', 'Neighbour'],
    );
    assert.deepEqual(
        rows.filter(row => row.isChecked).map(row => row.name),
        ['Library'],
    );
    assert.ok(device.commands.some(entry => entry.command === 2 && entry.items.has(6)));
});

test('this device: what it is, blinking, factory reset in two steps', async t => {
    const { device, page, setup } = await visit(t, { fields: { 0x10: bytesOf('Library') } });
    device.appVersion = '1.1.0';
    await setup.enter();
    assert.equal(await setup.isVisible('#erase'), false);
    await setup.reveal('#identify');
    assert.deepEqual(await page.$$eval('#form dd', items => items.map(item => item.textContent)), [
        '5ccf7f000001',
        '1.0.0',
        '1.1.0',
        '',
    ]);
    await setup.press('#identify');
    await page.waitForTimeout(200);
    assert.ok(device.commands.some(entry => entry.command === 5));
    assert.equal(await setup.isVisible('#erase'), false);
    await setup.reveal('#erase');
    assert.ok(device.commands.every(entry => entry.command !== 6));
    await setup.press('#erase');
    await page.waitForSelector('#end:not([hidden])');
    assert.equal(device.hasEnded, 'erased');
    assert.equal(await setup.text('#bye'), textsOf('en').erased.replace('{}', 'LCM-000001'));
    assert.deepEqual(page.problems, []);
});

test('the emergency server is there in beta mode only', async t => {
    for (const isBeta of [false, true]) {
        const { setup } = await visit(t, { isBeta });
        await setup.enter();
        await setup.reveal('#syslog');
        assert.equal(await setup.isVisible('#server'), isBeta);
    }
});

test('on a desktop', async t => {
    const { device, page, setup } = await visit(
        t,
        {},
        { viewport: { width: 1280, height: 800 }, hasTouch: false },
    );
    await walk(device, setup, async name => {
        assert.deepEqual(await overflow(page), [0], name);
        await shoot(page, `desktop-${name}`);
    });
    assert.deepEqual(page.problems, []);
});

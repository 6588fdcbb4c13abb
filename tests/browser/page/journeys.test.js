// SPDX-License-Identifier: Apache-2.0
// Goal: a person gets a device to work: by mouse, by keyboard alone, in several languages, and
// after mistakes.
// Method: Chromium on the built page, under its own policy, in front of lib/mock_device.js.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser } from '../lib/browser.js';
import { setUp, setUpAfterWrongPassword, submit } from '../lib/journeys.js';
import { RAW_NAME, STRANGE_NAMES, bytesOf, openDevice } from '../lib/mock_world.js';
import { SetupPage } from '../lib/setup_page.js';
import { textsOf } from '../lib/texts.js';

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());

const WISHES = { network: 'Home', password: 'correct horse', repo: 'lifecycle-manager/blink' };
const text = bytes => bytes && Buffer.from(bytes).toString('utf8');

async function visit(t, deviceOptions, pageOptions) {
    const { device, target } = await openDevice(t, deviceOptions);
    const page = await browser.newPage(pageOptions);
    t.after(() => page.context().close());
    const setup = new SetupPage(page, target);
    return { device, page, setup };
}

function assertStored(device, fields) {
    for (const [tag, value] of Object.entries(fields))
        assert.equal(
            text(device.fields.get(Number(tag))),
            value,
            `field 0x${Number(tag).toString(16)}`,
        );
}

test('by mouse, from the QR code to the end', async t => {
    const { device, page, setup } = await visit(t);
    await setup.open();
    assert.equal(await page.evaluate(() => isSecureContext || 'subtle' in crypto), false);
    assert.equal(await page.inputValue('#code'), device.code);
    assert.equal(new URL(page.url()).hash, '', 'the code does not stay in the address bar');
    assert.equal(await setup.text('#title'), 'LCM-000001');
    await setup.connect();
    assert.equal(await page.inputValue('#code'), '', 'the code does not stay in the page');
    await setup.scanEnd();
    await submit(setup, WISHES);
    assert.equal(await setup.result(), 'done');
    assert.equal(await setup.text('#state'), textsOf('en').works);
    assert.equal(await setup.text('#address'), '10.0.3.17');
    assert.equal(await setup.text('#release'), 'v1.2.0');
    assert.deepEqual(
        (await setup.steps()).map(step => step[1]),
        ['ok', 'ok', 'ok', 'ok', 'ok'],
    );
    assert.match(await setup.text('#restart'), /^Restart in (19|20) s/);
    assertStored(device, { 0x10: 'Home', 0x11: 'correct horse', 0x12: 'lifecycle-manager/blink' });
    await setup.press('#finish');
    await page.waitForSelector('#end:not([hidden])');
    assert.equal(device.hasEnded, 'finished');
    assert.deepEqual(page.problems, []);
});

test('by keyboard alone, in German', async t => {
    const { device, page, setup } = await visit(t, {}, { locale: 'de-DE' });
    const german = textsOf('de');
    setup.isKeyboard = true;
    await setup.open('');
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    assert.equal(await setup.text('#enter h2'), german.hello);
    await setup.focus('#code');
    await page.keyboard.type('7k3m-q9xt-a2hb');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#form:not([hidden])');
    await setup.scanEnd();
    await submit(setup, {
        ...WISHES,
        password: 'not this one',
        file: 'other.bin',
        syslog: 'log.lan:514',
    });
    assert.equal(await setup.result(), 'failed');
    assert.equal(await setup.text('#why'), german.badPassword);
    await setup.press('#change');
    await setup.fill('password', 'correct horse');
    await page.keyboard.press('Enter');
    assert.equal(await setup.result(), 'done');
    assert.equal(await setup.text('#state'), german.works);
    assertStored(device, {
        0x10: 'Home',
        0x11: 'correct horse',
        0x13: 'other.bin',
        0x19: 'log.lan:514',
    });
    await setup.press('#finish');
    await page.waitForSelector('#end:not([hidden])');
    assert.deepEqual(page.problems, []);
});

test('in French, and in a language chosen on the way', async t => {
    const { page, setup } = await visit(t, {}, { locale: 'fr-CA' });
    await setup.open();
    assert.equal(await setup.text('#enter h2'), textsOf('fr').hello);
    await setup.connect();
    await setup.scanEnd();
    assert.equal(await setup.text('#form b[data-t]'), textsOf('fr').other);
    await page.selectOption('#language', 'nl');
    assert.equal(await page.getAttribute('html', 'lang'), 'nl');
    await submit(setup, { ...WISHES, password: 'falsch falsch' });
    assert.equal(await setup.result(), 'failed');
    assert.equal(await setup.text('#why'), textsOf('nl').badPassword);
    await page.selectOption('#language', 'es');
    assert.equal(await setup.text('#why'), textsOf('es').badPassword);
    assert.equal(await setup.text('#state'), textsOf('es').failed);
    assert.deepEqual(page.problems, []);
});

test('a language the page does not speak: the next choice counts, then English', async t => {
    for (const [languages, expected] of [
        ["['ja', 'es-MX', 'de']", 'es'],
        ["['ja']", 'en'],
        ['undefined', 'en'],
    ]) {
        const { page, setup } = await visit(t);
        await page.addInitScript(
            `Object.defineProperty(navigator, 'languages', { get: () => ${languages} })`,
        );
        await setup.open();
        assert.equal(await page.getAttribute('html', 'lang'), expected);
        assert.equal(await page.inputValue('#language'), expected);
    }
});

test('a wrong password, then the right one', async t => {
    const { device, page, setup } = await visit(t, {
        fields: { 0x10: bytesOf('Old'), 0x11: bytesOf('old password') },
    });
    const outcome = await setUpAfterWrongPassword(setup, WISHES, 'wrong password');
    assert.equal(outcome.first.result, 'failed');
    assert.equal(outcome.first.why, textsOf('en').badPassword);
    assert.equal(outcome.first.heading, textsOf('en').failed);
    assert.deepEqual(outcome.first.steps[0], ['Wi-Fi', 'no']);
    assert.deepEqual(
        outcome.first.steps.slice(1).map(step => step[1]),
        ['', '', '', ''],
    );
    assert.equal(outcome.result, 'done');
    assertStored(device, { 0x10: 'Home', 0x11: 'correct horse' });
    assert.deepEqual(page.problems, []);
});

test('a hidden network', async t => {
    const { device, page, setup } = await visit(t);
    const outcome = await setUp(setup, {
        network: 'Attic',
        isHidden: true,
        password: 'under the roof',
        repo: 'lifecycle-manager/blink',
    });
    assert.equal(outcome.result, 'done');
    assertStored(device, { 0x10: 'Attic', 0x11: 'under the roof' });
    assert.deepEqual(page.problems, []);
});

test('an open network asks for no password and takes the old one away', async t => {
    const { device, page, setup } = await visit(t, {
        fields: { 0x10: bytesOf('Old'), 0x11: bytesOf('old password') },
    });
    await setup.enter();
    await setup.chooseNetwork('Neighbour');
    await setup.fill('password', 'typed in vain');
    await setup.chooseNetwork('Library');
    assert.equal(await setup.isVisible('#secret'), false);
    await submit(setup, { repo: 'lifecycle-manager/blink' });
    assert.equal(await setup.result(), 'done');
    assertStored(device, { 0x10: 'Library', 0x11: undefined });
    assert.deepEqual(page.problems, []);
});

test('names of networks are shown, not run, and go back byte for byte', async t => {
    const { device, page, setup } = await visit(t);
    device.world.networks = STRANGE_NAMES.map((ssid, i) => ({
        ssid,
        password: 'password ' + i,
        signal: -40 - i,
        channel: 1 + i,
    }));
    await setup.enter();
    const names = (await setup.networks()).map(network => network.name);
    assert.equal(names[0], text(STRANGE_NAMES[0]));
    assert.equal(names[2], 'Café 🚲👩‍💻');
    assert.equal(names[4], '  spaces  ');
    assert.equal(names[5], '\\xe2\\x80\\xaeesrever');
    assert.equal(names[6], 'line\\x0abreak');
    assert.match(names[7], /^(\\x[0-9a-f]{2}){32}$/);
    assert.equal(await page.title(), 'LifeCycle Manager');
    assert.equal(await page.$('#list script, #x'), null);
    for (const [i, ssid] of STRANGE_NAMES.entries()) {
        await submit(setup, { network: names[i], password: 'password ' + i });
        assert.equal(await setup.result(), 'done', names[i]);
        assert.deepEqual(device.fields.get(0x10), ssid);
        Object.assign(device, { trial: { phase: 0 }, sessions: [] });
        device.fields.clear();
        await setup.enter();
    }
    assert.equal(RAW_NAME.length, 32);
    assert.deepEqual(page.problems, []);
});

test('without a repository the attempt ends after joining', async t => {
    const { device, page, setup } = await visit(t);
    const outcome = await setUp(setup, { network: 'Home', password: 'correct horse' });
    assert.equal(outcome.result, 'done');
    assert.deepEqual(outcome.steps, [['Wi-Fi', 'ok']]);
    assert.equal(outcome.address, '10.0.3.17');
    assertStored(device, { 0x10: 'Home', 0x12: undefined });
    assert.deepEqual(page.problems, []);
});

test('every field goes to the device and comes back', async t => {
    const { device, page, setup } = await visit(t, { isBeta: true });
    const key = '0123456789abcdef'.repeat(4);
    const outcome = await setUp(setup, {
        ...WISHES,
        repo: 'https://github.com/lifecycle-manager/blink.git',
        file: 'other.bin',
        key,
        channel: '1',
        unsigned: true,
        params: ' a=1;b=ä ',
        led: '-2',
        syslog: '10.0.0.1:5514',
        server: 'http://10.0.0.1:8080/lcm',
    });
    assert.equal(outcome.result, 'done');
    assertStored(device, {
        0x12: 'lifecycle-manager/blink',
        0x13: 'other.bin',
        0x17: ' a=1;b=ä ',
        0x19: '10.0.0.1:5514',
        0x1a: 'http://10.0.0.1:8080/lcm',
    });
    assert.equal(Buffer.from(device.fields.get(0x14)).toString('hex'), key);
    assert.deepEqual(
        [0x15, 0x16, 0x18].map(tag => [...device.fields.get(tag)]),
        [[1], [1], [254]],
    );
    device.trial = { phase: 0 };
    await setup.enter();
    const shown = {};
    for (const id of ['repo', 'file', 'key', 'channel', 'params', 'led', 'syslog', 'server'])
        shown[id] = await page.inputValue('#' + id);
    assert.deepEqual(shown, {
        repo: 'lifecycle-manager/blink',
        file: 'other.bin',
        key,
        channel: '1',
        params: ' a=1;b=ä ',
        led: '-2',
        syslog: '10.0.0.1:5514',
        server: 'http://10.0.0.1:8080/lcm',
    });
    assert.equal(await page.isChecked('#unsigned'), true);
    assert.deepEqual(page.problems, []);
});

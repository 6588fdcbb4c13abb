// SPDX-License-Identifier: Apache-2.0
// Goal: whatever goes wrong, a person learns what and how to go on, and nothing is lost.
// Method: Chromium on the built page; the mock device fails, vanishes, forgets, refuses as told.
import assert from 'node:assert/strict';
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
const ENGLISH = textsOf('en');
const STORED = {
    0x10: bytesOf('Home'),
    0x11: bytesOf('correct horse'),
    0x12: bytesOf('lifecycle-manager/blink'),
};

async function visit(t, deviceOptions, pageOptions) {
    const { device, target } = await openDevice(t, deviceOptions);
    const page = await browser.newPage(pageOptions);
    t.after(() => page.context().close());
    return { device, page, setup: new SetupPage(page, target) };
}

async function waitUntil(isTrue) {
    for (const end = performance.now() + 10000; !isTrue(); ) {
        assert.ok(performance.now() < end, 'it never came');
        await new Promise(resolve => setTimeout(resolve, 20));
    }
}

const textIs = (page, id, wanted) =>
    page.waitForFunction(
        ([name, text]) => document.getElementById(name).textContent === text,
        [id, wanted],
    );

test('each reason of a failure, and what it says about the step', async t => {
    const { device, page, setup } = await visit(t);
    const failures = [
        [1, 26, 'notFound'],
        [1, 31, 'noJoin'],
        [1, 51, 'noAddress'],
        [2, 28, 'noDns'],
        [3, 29, 'noHost'],
        [3, 34, 'certificate'],
        [4, 37, 'noRepo'],
        [4, 44, 'noRepo'],
        [5, 37, 'noFile'],
        [5, 12, 'noFile'],
    ];
    await setup.enter();
    for (const [phase, error, name] of failures) {
        device.world.failAt = { [phase]: error };
        await submit(setup, WISHES);
        await setup.result();
        assert.equal(await setup.text('#why'), ENGLISH[name], `${error} in phase ${phase}`);
        assert.deepEqual(
            (await setup.steps()).map(step => step[1]),
            [1, 2, 3, 4, 5].map(step => (step < phase ? 'ok' : step === phase ? 'no' : '')),
        );
        await setup.press('#change');
    }
    device.world.failAt = { 3: 35 };
    await submit(setup, WISHES);
    await setup.result();
    assert.equal(await setup.text('#why'), ENGLISH.otherError.replace('{}', '35/3'));
    assert.equal(device.fields.size, 0, 'nothing was stored');
    assert.deepEqual(page.problems, []);
});

test('a wrong code: what, how long, and the right one after', async t => {
    const { device, page, setup } = await visit(t);
    await setup.open('#0000-0000-0000');
    device.wrongCodes = 1;
    await setup.press('#open');
    await textIs(page, 'fault', ENGLISH.wrongCode);
    assert.equal(await page.getAttribute('#code', 'aria-invalid'), 'true');
    assert.ok(await setup.isFocused('#code'));
    assert.match(await setup.text('#say'), /^One moment … [12] s$/);
    assert.equal(await page.isEnabled('#open'), false);
    await page.waitForSelector('#open:enabled');
    await setup.fill('code', device.code.toLowerCase());
    await setup.connect();
    assert.equal(await setup.text('#fault'), '');
    assert.deepEqual(page.problems, []);
});

test('what cannot be a code is not sent', async t => {
    const { device, page, setup } = await visit(t);
    await setup.open('');
    for (const code of ['', '7K3M-Q9XT', '7K3M-Q9XT-A2HU']) {
        await setup.fill('code', code);
        await setup.press('#open');
        assert.equal(await setup.text('#fault'), ENGLISH.codeHint);
    }
    assert.ok(device.requests.every(request => request.path !== '/p1'));
    assert.deepEqual(page.problems, []);
});

test('a device that makes everybody wait', async t => {
    const { device, page, setup } = await visit(t);
    device.waitUntil = Date.now() + 3000;
    await page.goto(`${setup.target.base}/#${device.code}`);
    await page.waitForFunction(() =>
        /^One moment … [123] s$/.test(document.getElementById('say').textContent),
    );
    assert.equal(await page.isEnabled('#open'), false);
    await page.waitForSelector('#open:enabled');
    device.waitUntil = Date.now() + 2000;
    await setup.press('#open');
    await page.waitForFunction(() =>
        /^One moment … [12] s$/.test(document.getElementById('say').textContent),
    );
    await page.waitForSelector('#form:not([hidden])');
    assert.deepEqual(page.problems, []);
});

test('a device that resets connections while it speaks TLS', async t => {
    const { device, page, setup } = await visit(t);
    device.stepMs = 700;
    device.resetPhases = [3, 4, 5];
    assert.equal((await setUp(setup, WISHES)).result, 'done');
    assert.equal(await setup.text('#say'), '');
    assert.deepEqual(page.problems, []);
});

test('a device that is gone for long, and comes back', async t => {
    const { device, page, setup } = await visit(t);
    await setup.enter();
    device.holdPhase = 2;
    await submit(setup, WISHES);
    await page.waitForFunction(() => document.querySelectorAll('.ok').length === 1);
    assert.equal(await setup.text('#rejoin'), ENGLISH.rejoin.replace('{}', 'LCM-000001'));
    device.isOffline = true;
    await textIs(page, 'say', ENGLISH.away);
    assert.equal(await setup.text('#rejoin'), ENGLISH.rejoin.replace('{}', 'LCM-000001'));
    device.isOffline = false;
    device.holdPhase = 0;
    assert.equal(await setup.result(), 'done');
    assert.equal(await setup.text('#say'), '');
    assert.deepEqual(page.problems, []);
});

test('a session the device forgot is made anew, the typed values stay', async t => {
    const { device, page, setup } = await visit(t);
    await setup.enter();
    await setup.chooseNetwork('Home');
    await setup.fill('password', 'correct horse');
    device.sessions = [];
    await submit(setup, { repo: 'lifecycle-manager/blink' });
    assert.equal(await setup.result(), 'done');
    assert.equal(device.requests.filter(request => request.path === '/p1').length, 2);
    assert.deepEqual(page.problems, []);
});

test('typing tells the device once a minute that a person is there', async t => {
    const { device, page, setup } = await visit(t);
    const count = () => device.commands.filter(entry => entry.command === 4).length;
    const minutePasses = () =>
        page.evaluate(() => {
            const now = Date.now() + 61000;
            Date.now = () => now;
        });
    await setup.enter();
    await setup.chooseNetwork('Home');
    await setup.fill('password', 'correct');
    await minutePasses();
    assert.equal(count(), 0, 'just heard of');
    await setup.fill('password', 'correct horse');
    await setup.fill('password', 'correct horse battery');
    await waitUntil(() => count() === 1);
    device.isOffline = true;
    await minutePasses();
    const lost = page.waitForEvent('requestfailed');
    await setup.fill('password', 'correct horse');
    await lost;
    device.isOffline = false;
    await minutePasses();
    await setup.fill('repo', 'lifecycle-manager/blink');
    await waitUntil(() => count() === 2);
    assert.equal(await setup.text('#say'), '', 'a device that does not hear it disturbs nobody');
    assert.deepEqual(page.problems, []);
});

test('a code that changed leads back to the code', async t => {
    const { device, page, setup } = await visit(t);
    await setup.enter();
    device.sessions = [];
    device.code = 'ZZZZZZZZZZZZ';
    await setup.press('#scan');
    await page.waitForSelector('#enter:not([hidden])');
    await textIs(page, 'fault', ENGLISH.wrongCode);
    assert.deepEqual(page.problems, []);
});

test('the result of an attempt is there for the next visit', async t => {
    const { device, page, setup } = await visit(t);
    device.world.failAt = { 4: 37 };
    await setUp(setup, WISHES);
    await setup.enter();
    assert.ok(await setup.isVisible('#last'));
    assert.equal(await setup.text('#last'), ENGLISH.noRepo);
    assert.equal(await setup.text('#result'), ENGLISH.noRepo);
    device.world.failAt = {};
    device.holdPhase = 3;
    await submit(setup, WISHES);
    await page.waitForFunction(() => document.querySelectorAll('.ok').length === 2);
    device.sessions = [];
    await setup.open();
    await setup.connect();
    assert.ok(await setup.isVisible('#trial'), 'an attempt that goes on is shown at once');
    assert.equal(await setup.isVisible('#anyway'), false);
    device.holdPhase = 0;
    assert.equal(await setup.result(), 'done');
    await setup.open();
    await setup.connect();
    assert.equal(await setup.result(), 'done');
    assert.deepEqual(page.problems, []);
});

test('a device that has restarted knows of no attempt: back to the form', async t => {
    const { device, page, setup } = await visit(t);
    await setup.enter();
    device.stepMs = 60000;
    await submit(setup, WISHES);
    await page.waitForSelector('#trial:not([hidden])');
    clearTimeout(device.timer);
    Object.assign(device, { trial: { phase: 0 }, sessions: [] });
    await page.waitForSelector('#form:not([hidden])');
    await setup.scanEnd();
    assert.deepEqual(page.problems, []);
});

test('save anyway stores what was tried', async t => {
    const { device, page, setup } = await visit(t);
    device.world.failAt = { 3: 29 };
    await setUp(setup, WISHES);
    await setup.press('#anyway');
    assert.equal(await setup.result(), 'done');
    assert.equal(await setup.text('#state'), ENGLISH.saved);
    assert.equal(await setup.isVisible('#steps'), false);
    assert.equal(Buffer.from(device.fields.get(0x11)).toString(), 'correct horse');
    const last = device.commands.filter(entry => entry.command === 3).pop();
    assert.deepEqual(
        [...last.items.keys()],
        [0x10, 0x11, 0x12],
        'the flag of 0x04 was taken off by the device',
    );
    assert.deepEqual(page.problems, []);
});

test('one field alone: the network is not sent again', async t => {
    const { device, page, setup } = await visit(t, { fields: STORED });
    await setup.enter();
    assert.deepEqual(
        (await setup.networks()).filter(network => network.isChecked).map(network => network.name),
        ['Home'],
    );
    assert.equal(await page.inputValue('#password'), '');
    assert.equal(await setup.text('#hint'), ENGLISH.stored);
    await submit(setup, { params: 'speed=9' });
    assert.equal(await setup.result(), 'done');
    const sent = device.commands.find(entry => entry.command === 3).items;
    assert.deepEqual([...sent.keys()], [0x17]);
    assert.equal(Buffer.from(device.fields.get(0x11)).toString(), 'correct horse');
    assert.deepEqual(page.problems, []);
});

test('a new password for the stored network, and a stored network out of reach', async t => {
    const { device, page, setup } = await visit(t, {
        fields: { ...STORED, 0x10: bytesOf('Far away') },
    });
    await setup.enter();
    const stored = (await setup.networks()).pop();
    assert.deepEqual(
        [stored.name, stored.isChecked, stored.isSecured, stored.bars],
        ['Far away', true, true, '1/4'],
    );
    await submit(setup, { password: 'another one' });
    await setup.result();
    const sent = device.commands.find(entry => entry.command === 3).items;
    assert.deepEqual([...sent.keys()], [0x10, 0x11]);
    assert.equal(Buffer.from(sent.get(0x10)).toString(), 'Far away');
    assert.equal(Buffer.from(sent.get(0x11)).toString(), 'another one');
    assert.deepEqual(page.problems, []);
});

test('an open network with the stored name is not taken for it', async t => {
    const { device, page, setup } = await visit(t, { fields: STORED });
    device.world.networks = [{ ssid: bytesOf('Home'), signal: -20, channel: 3 }];
    await setup.enter();
    const rows = await setup.networks();
    assert.deepEqual(
        rows.map(row => [row.name, row.isSecured, row.isChecked]),
        [
            ['Home', false, false],
            ['Home', true, true],
        ],
    );
    await submit(setup, { params: 'x' });
    await setup.result();
    assert.deepEqual([...device.commands.find(entry => entry.command === 3).items.keys()], [0x17]);
    assert.deepEqual(page.problems, []);
});

test('what is missing or wrong is said at its field, and nothing is sent', async t => {
    const { device, page, setup } = await visit(t);
    const faultAt = id =>
        page.evaluate(
            wanted =>
                document.activeElement.id === wanted &&
                document.activeElement.getAttribute('aria-invalid') === 'true' &&
                document.getElementById(document.activeElement.getAttribute('aria-describedby'))
                    .textContent,
            id,
        );
    await setup.enter();
    await setup.save();
    assert.equal(await faultAt('other'), ENGLISH.check);
    await setup.chooseNetwork('Home');
    await setup.fill('password', 'short');
    await setup.save();
    assert.equal(await faultAt('password'), ENGLISH.passwordHint);
    await setup.chooseOther();
    await setup.fill('password', '');
    await setup.save();
    assert.equal(await faultAt('name'), ENGLISH.check);
    await setup.fill('name', 'ä'.repeat(17));
    await setup.save();
    assert.equal(await faultAt('name'), ENGLISH.check);
    await setup.chooseNetwork('Library');
    await setup.fill('repo', 'no slash');
    await setup.save();
    assert.equal(await faultAt('repo'), ENGLISH.check);
    await setup.fill('repo', '');
    await setup.fill('key', '12 34');
    await setup.save();
    assert.equal(await faultAt('key'), ENGLISH.check);
    assert.ok(device.commands.every(entry => entry.command !== 3));
    await setup.fill('key', '');
    await setup.save();
    assert.equal(await setup.result(), 'done');
    assert.equal(await page.$('[aria-invalid]'), null);
    assert.deepEqual(page.problems, []);
});

test('what the device refuses is marked, folded parts are opened', async t => {
    const { device, page, setup } = await visit(t);
    await setup.enter();
    await setup.fill('syslog', 'two words');
    await setup.fill('file', '.hidden');
    await page.click('summary');
    assert.equal(await setup.isVisible('#syslog'), false);
    await submit(setup, WISHES);
    await page.waitForSelector('#syslog[aria-invalid]');
    assert.ok(await setup.isVisible('#form'));
    assert.ok(await page.getAttribute('#file', 'aria-invalid'));
    assert.equal(await page.getAttribute('#repo', 'aria-invalid'), null);
    assert.equal(
        await page.inputValue('#password'),
        'correct horse',
        'what was typed is still there',
    );
    assert.equal(device.trial.phase, 0);
    assert.deepEqual(page.problems, []);
});

test('two people at once', async t => {
    const { device, page, setup } = await visit(t);
    const other = new SetupPage(await browser.newPage({ locale: 'nl' }), setup.target);
    t.after(() => other.page.context().close());
    await Promise.all([setup.enter(), other.enter()]);
    device.holdPhase = 2;
    await submit(setup, WISHES);
    await page.waitForFunction(() => document.querySelectorAll('.ok').length === 1);
    await submit(other, { ...WISHES, password: 'not mine at all' });
    await other.page.waitForFunction(() => document.querySelectorAll('.ok').length === 1);
    device.holdPhase = 0;
    assert.deepEqual(await Promise.all([setup.result(), other.result()]), ['done', 'done']);
    assert.equal(Buffer.from(device.fields.get(0x11)).toString(), 'correct horse');
    assert.deepEqual([...page.problems, ...other.page.problems], []);
});

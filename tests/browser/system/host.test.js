// SPDX-License-Identifier: Apache-2.0
// Goal: a person sets up a real device through its page, whatever the network is called, whatever
// goes wrong; what is stored afterwards is what was entered, byte by byte.
// Method: Chromium in front of the Linux device: real scan, real trial against a release host on this
// machine, then the flash is read by a reader of its own.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { openBrowser } from '../lib/browser.js';
import { waitSeconds } from '../lib/client.js';
import { setUp, setUpAfterWrongPassword, submit } from '../lib/journeys.js';
import { STRANGE_NAMES } from '../lib/mock_world.js';
import { bytesOf } from '../lib/real_device.js';
import { REPOSITORY, RealWorld } from '../lib/real_world.js';
import { contains } from '../lib/secrets.js';
import { play } from '../lib/stage.js';
import { textsOf } from '../lib/texts.js';

const ENGLISH = textsOf('en');
const PASSWORD = ' p "1" \\ \'&<b>%+~ ';
const HOME = { ssid: 'Café "Zuhause"', password: PASSWORD, signal: -48 };
const WISHES = { network: HOME.ssid, password: PASSWORD, repo: REPOSITORY };
const STORED = { wifi_ssid: HOME.ssid, wifi_password: PASSWORD, ota_repo: REPOSITORY };

let browser, world;
before(async () => {
    browser = await openBrowser();
    world = await new RealWorld().open();
});
after(async () => {
    await browser.close();
    await world.close();
});

// Texts of settings as they are in the flash: one character a byte.
const flashText = settings => Object.fromEntries(Object.entries(settings)
    .map(([key, value]) => [key, Buffer.from(value).toString('latin1')]));

async function visit(stage, deviceOptions, pageOptions) {
    const device = await stage.device({ kind: 'host', world, networks: [HOME], ...deviceOptions });
    const setup = await stage.visit(browser, device, pageOptions);
    return { device, setup, page: setup.page };
}

describe('set-up of the Linux device', { concurrency: 4 }, () => {
    play('by keyboard alone, in German: a wrong password, then the right one', {}, async stage => {
        const { device, setup, page } = await visit(stage, {}, { locale: 'de-DE' });
        setup.isKeyboard = true;
        const outcome = await setUpAfterWrongPassword(setup, WISHES, 'not this one');
        assert.equal(outcome.first.result, 'failed');
        assert.equal(outcome.first.why, textsOf('de').badPassword);
        assert.deepEqual(outcome.first.steps.map(step => step[1]), ['no', '', '', '', '']);
        assert.equal(outcome.result, 'done');
        assert.equal(await setup.text('#state'), textsOf('de').works);
        assert.equal(outcome.release, '1.0.0');
        assert.deepEqual(device.settings(), flashText(STORED));
        await setup.press('#finish');
        await page.waitForSelector('#end:not([hidden])');
        await device.program.waitFor('"end":"app"', { timeoutMs: 60000 });
        assert.deepEqual(page.problems, []);
    });

    play('by mouse, in French, into a hidden network', {}, async stage => {
        const { device, setup, page } = await visit(stage,
            { networks: [HOME, { ssid: 'Grenier', password: 'sous le toit', more: 'hidden' }] }, { locale: 'fr-FR' });
        const outcome = await setUp(setup,
            { network: 'Grenier', isHidden: true, password: 'sous le toit', repo: REPOSITORY, params: 'a=1;b=é' });
        assert.equal(outcome.heading, textsOf('fr').works);
        assert.deepEqual((await setup.steps()).map(step => step[1]), ['ok', 'ok', 'ok', 'ok', 'ok']);
        assert.deepEqual(device.settings(), flashText({
            wifi_ssid: 'Grenier', wifi_password: 'sous le toit', ota_repo: REPOSITORY, ota_string: 'a=1;b=é' }));
        assert.deepEqual(page.problems, []);
    });

    play('by keyboard alone, in French, into an open network, with every field', {}, async stage => {
        const { device, setup, page } = await visit(stage,
            { networks: [HOME, { ssid: 'Libre', signal: -60 }], settings: { lcm_beta: 'y' } }, { locale: 'fr-FR' });
        const key = '0123456789abcdef'.repeat(4);
        setup.isKeyboard = true;
        await setup.enter();
        assert.deepEqual((await setup.networks()).map(row => [row.name, row.isSecured]),
            [[HOME.ssid, true], ['Libre', false]]);
        await submit(setup, { network: 'Libre', repo: REPOSITORY, file: 'main.bin', channel: '1', unsigned: true,
            params: ' two  spaces ', led: '-2', syslog: '127.0.0.1:5514', server: 'http://10.0.0.1:8080/lcm', key });
        assert.equal(await setup.result(), 'done');
        const settings = device.settings();
        assert.equal(settings.wifi_password, undefined);
        assert.deepEqual(settings, {
            wifi_ssid: 'Libre', ota_repo: REPOSITORY, ota_file: 'main.bin', ota_beta: 'y', lcm_unsigned: 'y',
            lcm_beta: 'y', ota_string: ' two  spaces ', led_pin: '\xfe', lcm_syslog: '127.0.0.1:5514',
            ota_srvr: 'http://10.0.0.1:8080/lcm', lcm_key: key });
        assert.deepEqual(page.problems, []);
    });

    for (const [i, ssid] of STRANGE_NAMES.entries())
        play(`a strange name, number ${i}, is shown, not run, and comes back byte for byte`, {}, async stage => {
            const { device, setup, page } = await visit(stage,
                { networks: [HOME, { ssid, password: 'password ' + i, signal: -40 }] });
            await setup.enter();
            const [first, second] = await setup.networks();
            assert.equal(second.name, HOME.ssid);
            await submit(setup, { network: first.name, password: 'password ' + i });
            assert.equal(await setup.result(), 'done', first.name);
            assert.deepEqual(device.settings(), flashText({ wifi_ssid: ssid, wifi_password: 'password ' + i }));
            assert.equal(await page.title(), 'LifeCycle Manager');
            assert.equal(await page.$('#list script, #x'), null);
            assert.deepEqual(page.problems, []);
        });

    play('two people at once: one attempt, both see its end', {}, async stage => {
        const { device, setup } = await visit(stage);
        const other = await stage.visit(browser, device, { locale: 'nl' });
        await Promise.all([setup.enter(), other.enter()]);
        await Promise.all([submit(setup, WISHES), submit(other, { ...WISHES, password: 'not mine at all' })]);
        const results = await Promise.all([setup.result(), other.result()]);
        assert.equal(results[0], results[1]);
        const expected = results[0] === 'done' ? flashText(STORED) : {};
        assert.deepEqual(device.settings(), expected, 'values of one person, whole');
        assert.deepEqual([...setup.page.problems, ...other.page.problems], []);
    });

    play('a browser without storage', {}, async stage => {
        const { device, setup, page } = await visit(stage);
        await page.addInitScript(() => {
            for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
                Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
            for (const name of ['alert', 'confirm', 'prompt', 'open'])
                delete window[name];
            Object.defineProperty(Document.prototype, 'cookie', { get: () => { throw new Error('denied'); } });
        });
        assert.equal((await setUp(setup, WISHES)).result, 'done');
        assert.deepEqual(device.settings(), flashText(STORED));
        assert.deepEqual(page.problems, []);
    });

    play('the network is cut right after the button: the result is there when it is back', {}, async stage => {
        const { device, setup, page } = await visit(stage, { networks: [{ ...HOME, more: 'no-address' }] });
        await setup.enter();
        await submit(setup, WISHES); // an attempt that takes its time
        await page.waitForSelector('#trial:not([hidden])');
        await page.context().setOffline(true);
        await page.waitForFunction(text => document.getElementById('say').textContent === text, ENGLISH.away);
        await page.context().setOffline(false);
        assert.equal(await setup.result(), 'failed');
        assert.equal(await setup.text('#why'), ENGLISH.noAddress);
        assert.equal(await setup.text('#say'), '');
        assert.deepEqual(device.settings(), {});
        assert.deepEqual(page.problems, []);
    });

    play('the page is closed right after the button: the next visit shows the result', {}, async stage => {
        const { device, setup, page } = await visit(stage);
        await setup.enter();
        await submit(setup, { ...WISHES, repo: 'nobody/nothing' });
        await page.waitForSelector('#trial:not([hidden])');
        await page.context().close();
        await device.program.waitFor('set-up: not stored'); // while it speaks TLS nobody is let in
        const later = await stage.visit(browser, device, { locale: 'de' });
        await later.open();
        await later.connect();
        if (await later.isVisible('#trial'))
            await later.result();
        else
            assert.equal(await later.text('#last'), textsOf('de').noRepo);
        assert.deepEqual(device.settings(), {});
    });

    play('identify: the LED blinks, and stops', {}, async stage => {
        const { device, setup } = await visit(stage);
        await setup.enter();
        await setup.reveal('#identify');
        await setup.press('#identify');
        await device.program.waitFor('"type":"led","what":"lit","value":1', { count: 5 });
        await device.program.waitFor('"type":"led","what":"lit","value":0', { count: 5 });
        await stage.pause(6000);
        const count = device.program.find('"led"').length;
        await stage.pause(500);
        assert.equal(device.program.find('"led"').length, count);
    });

    play('one field is changed later: the password is neither shown nor typed again', {}, async stage => {
        const { device, setup, page } = await visit(stage,
            { networks: [{ ...HOME, more: 'fails 2' }], settings: { ...STORED, ota_string: 'speed=1' } });
        await setup.enter();
        assert.deepEqual((await setup.networks()).filter(row => row.isChecked).map(row => row.name), [HOME.ssid]);
        assert.equal(await page.inputValue('#password'), '');
        assert.equal(await page.inputValue('#params'), 'speed=1');
        assert.ok(!contains(bytesOf(await page.content()), PASSWORD));
        await submit(setup, { params: 'speed=9' });
        assert.equal(await setup.result(), 'done');
        assert.deepEqual(device.settings(), flashText({ ...STORED, ota_string: 'speed=9' }));
        assert.deepEqual(page.problems, []);
    });

    play('factory reset: nothing of the password is left in the flash', {}, async stage => {
        const { device, setup, page } = await visit(stage, { networks: [], settings: STORED });
        assert.ok(contains(device.image(), PASSWORD));
        await setup.enter();
        await setup.reveal('#erase');
        await setup.press('#erase');
        await page.waitForSelector('#end:not([hidden])');
        await device.waitForSetup(2);
        assert.deepEqual(device.settings(), {});
        assert.ok(!contains(device.image(), PASSWORD));
        assert.ok(contains(device.image(), device.code.replaceAll('-', '')), 'the code of the label stays');
        await (await stage.visit(browser, device)).enter();
    });

    play('wrong codes: what, how long, and the right one after', {}, async stage => {
        const { device, setup, page } = await visit(stage);
        await setup.open('#0000-0000-0000');
        await page.evaluate(() => {
            const say = document.getElementById('say');
            window.said = [];
            new MutationObserver(() => window.said.push(say.textContent)).observe(say, { childList: true });
        });
        for (const [i, seconds] of [1, 2, 4].entries()) {
            const began = Date.now();
            await setup.fill('code', '0000-0000-000' + i);
            await setup.press('#open');
            await page.waitForFunction(text => document.getElementById('fault').textContent === text,
                ENGLISH.wrongCode);
            const wait = await waitSeconds(device.port);
            assert.ok(wait <= seconds && wait >= seconds - (Date.now() - began) / 1000, `${wait} of ${seconds} s`);
            await page.waitForSelector('#open:enabled');
            assert.equal(await waitSeconds(device.port), 0);
        }
        const counts = await page.evaluate(() => window.said.filter(text => / s$/.test(text)));
        assert.ok(counts.includes(ENGLISH.moment.replace('{}', '2 s')), String(counts));
        await setup.fill('code', device.code.toLowerCase());
        await setup.connect();
        assert.deepEqual(page.problems, []);
    });
});

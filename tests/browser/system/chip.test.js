// SPDX-License-Identifier: Apache-2.0
// Goal: what a person can do in front of the Linux device works on the chip as well, whose radio, TCP
// and memory are its own.
// Method: Chromium in front of the emulated chip running the firmware; the flash is read afterwards.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { openBrowser } from '../lib/browser.js';
import { setUp, setUpAfterWrongPassword, submit } from '../lib/journeys.js';
import { RAW_NAME, STRANGE_NAMES } from '../lib/mock_world.js';
import { REPOSITORY, RealWorld } from '../lib/real_world.js';
import { play } from '../lib/stage.js';
import { textsOf } from '../lib/texts.js';

const HOME = { ssid: 'home', password: 'open sesame', signal: -48 };
const WISHES = { network: 'home', password: HOME.password, repo: REPOSITORY };
const STORED = { wifi_ssid: 'home', wifi_password: HOME.password, ota_repo: REPOSITORY };

let browser, world;
before(async () => {
    browser = await openBrowser();
    world = await new RealWorld().open();
});
after(async () => {
    await browser.close();
    await world.close();
});

async function visit(stage, deviceOptions, pageOptions) {
    const device = await stage.device({ kind: 'chip', world, networks: [HOME], ...deviceOptions });
    const setup = await stage.visit(browser, device, pageOptions);
    return { device, setup, page: setup.page };
}

describe('set-up of the emulated chip', { concurrency: 2 }, () => {
    play('by keyboard alone, in German: wrong password, right password, and the app runs', {}, async stage => {
        const { device, setup, page } = await visit(stage, {}, { locale: 'de-DE' });
        setup.isKeyboard = true;
        const outcome = await setUpAfterWrongPassword(setup, WISHES, 'not this one');
        assert.equal(outcome.first.why, textsOf('de').badPassword);
        assert.equal(outcome.result, 'done');
        assert.equal(outcome.release, '1.0.0');
        assert.match(outcome.address, /^10\.0\.2\.\d+$/);
        assert.deepEqual(device.settings(), STORED);
        await setup.press('#finish');
        await page.waitForSelector('#end:not([hidden])');
        await device.program.waitFor('blink 1.0.0', { timeoutMs: 60000 });
        assert.deepEqual(page.problems, []);
    });

    play('by mouse, in French: a name of 32 raw bytes, no storage, the network cut after the button', {}, async stage => {
        const { device, setup, page } = await visit(stage,
            { networks: [HOME, { ssid: RAW_NAME, password: '12345678', signal: -40 }] }, { locale: 'fr-FR' });
        await page.addInitScript(() => {
            for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches'])
                Object.defineProperty(window, name, { get: () => { throw new DOMException('denied', 'SecurityError'); } });
        });
        await setup.enter();
        const [first] = await setup.networks();
        assert.match(first.name, /^(\\x[0-9a-f]{2}){32}$/);
        await submit(setup, { ...WISHES, network: first.name, password: '12345678' });
        await page.waitForSelector('#trial:not([hidden])');
        await page.context().setOffline(true);
        await page.waitForFunction(text => document.getElementById('say').textContent === text, textsOf('fr').away);
        await page.context().setOffline(false);
        await page.waitForSelector('#done:not([hidden])');
        assert.equal(await setup.text('#state'), textsOf('fr').works);
        assert.deepEqual(device.settings(),
            { ...STORED, wifi_ssid: Buffer.from(RAW_NAME).toString('latin1'), wifi_password: '12345678' });
        assert.deepEqual(page.problems, []);
    });

    play('a name that is a script, an open network, a hidden one: one after the other', {}, async stage => {
        const script = STRANGE_NAMES[0];
        const { device, setup, page } = await visit(stage, { networks: [
            { ssid: script, password: 'password 1', signal: -40 }, { ssid: 'Café 🚲', signal: -50 },
            { ssid: 'attic', password: 'under the roof', more: 'hidden' }] });
        await setup.enter();
        const [first, second] = await setup.networks();
        assert.deepEqual([first.name, second.name, second.isSecured], [Buffer.from(script).toString(), 'Café 🚲', false]);
        await submit(setup, { network: first.name, password: 'not this one' });
        assert.equal(await setup.result(), 'failed');
        await setup.press('#change');
        await submit(setup, { isHidden: true, network: 'attic', password: 'not this one' });
        await page.waitForSelector('#failed:not([hidden])');
        assert.equal(await setup.text('#why'), textsOf('en').badPassword);
        await setup.press('#change');
        await submit(setup, { network: second.name });
        await page.waitForSelector('#done:not([hidden])');
        assert.deepEqual(device.settings(), { wifi_ssid: Buffer.from('Café 🚲').toString('latin1') });
        assert.equal(await page.title(), 'LifeCycle Manager');
        assert.deepEqual(page.problems, []);
    });

    play('nothing hands out addresses: said after the wait, stored anyway; two people watch', {}, async stage => {
        const { device, setup } = await visit(stage, { networks: [{ ...HOME, more: 'no-address' }] });
        const other = await stage.visit(browser, device, { locale: 'nl' });
        await setup.enter();
        await other.enter();
        await submit(setup, WISHES);
        await setup.page.waitForSelector('#trial:not([hidden])');
        await submit(other, { ...WISHES, password: 'somebody else' });
        assert.deepEqual(await Promise.all([setup.result(), other.result()]), ['failed', 'failed']);
        assert.equal(await setup.text('#why'), textsOf('en').noAddress);
        assert.deepEqual(device.settings(), {});
        await setup.press('#anyway');
        await setup.page.waitForSelector('#done:not([hidden])');
        assert.equal(await setup.text('#state'), textsOf('en').saved);
        assert.deepEqual(device.settings(), STORED);
    });

    play('a host with another authority is not trusted', {}, async stage => {
        const impostor = await stage.world('wrong-ca');
        const { device, setup, page } = await visit(stage, { world: impostor });
        const outcome = await setUp(setup, WISHES);
        assert.equal(outcome.result, 'failed');
        assert.equal(outcome.why, textsOf('en').certificate);
        assert.deepEqual(device.settings(), {});
        assert.deepEqual(page.problems, []);
    });
});

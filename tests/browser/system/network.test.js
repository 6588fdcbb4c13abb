// SPDX-License-Identifier: Apache-2.0
// Goal: a phone that joins a device's own network is led to its page and sets it up, through the
// device's own DHCP, DNS and HTTP, also when the phone loses the network on the way.
// Method: lib/phone.js: udhcpc and Chromium in a network namespace, in front of the emulated chip's
// radio and of the Linux device's interface. What is typed is typed by keyboard.
import assert from 'node:assert/strict';
import { openBrowser } from '../lib/browser.js';
import { submit } from '../lib/journeys.js';
import { Phone, canHavePhones } from '../lib/phone.js';
import { RealDevice } from '../lib/real_device.js';
import { REPOSITORY, RealWorld } from '../lib/real_world.js';
import { SetupPage } from '../lib/setup_page.js';
import { play } from '../lib/stage.js';
import { textsOf } from '../lib/texts.js';

const HOME = { ssid: 'home', password: 'open sesame' };
const WANTED = { wifi_ssid: 'home', wifi_password: HOME.password, ota_repo: REPOSITORY };
const SKIP = { skip: !canHavePhones() && 'this user may not have network namespaces' };

// A phone, a release host, a device and a browser, all apart from the machine.
async function open(stage, kind) {
    const phone = new Phone();
    stage.onClose(() => phone.close());
    await phone.open();
    const world = new RealWorld();
    stage.onClose(() => world.close());
    await world.open([], phone.home.enter);
    const device = new RealDevice({ kind, world, networks: [HOME] });
    stage.devices.push(device);
    stage.onClose(() => device.close());
    return { phone, device };
}

async function openPhoneBrowser(stage, phone, options) {
    process.env.CHROMIUM = phone.browser;
    const browser = await openBrowser(['--host-resolver-rules=']);
    delete process.env.CHROMIUM;
    stage.onClose(() => browser.close());
    const page = await browser.newPage(options);
    page.setDefaultTimeout(60000);
    stage.pages.push(page);
    return page;
}

// From what a system opens by itself to the page of the device, with the code typed in.
async function followPortal(page, device, probe) {
    const response = await page.goto(probe);
    assert.equal(page.url(), 'http://192.168.4.1/');
    assert.equal(response.status(), 200);
    assert.equal(response.request().redirectedFrom().url(), probe);
    const setup = new SetupPage(page, device.target);
    setup.isKeyboard = true;
    await page.waitForSelector('#open:enabled');
    await setup.focus('#code');
    await page.keyboard.type(device.code.toLowerCase());
    await page.keyboard.press('Enter');
    await page.waitForSelector('#form:not([hidden])');
    await setup.scanEnd();
    return setup;
}

play('the emulated chip: joined, led to the page, set up, with the phone gone for a while', SKIP, async stage => {
    const { phone, device } = await open(stage, 'chip');
    const air = phone.folder + '/air';
    await device.start({ portal: ['--station', air], enter: phone.home.enter });
    const code = device.code.replaceAll('-', '');
    await phone.join(air, device.name, code);
    assert.deepEqual(phone.askAddress(), ['192.168.4.2', '192.168.4.1', '192.168.4.1']);
    const page = await openPhoneBrowser(stage, phone, { locale: 'de-DE' });
    const setup = await followPortal(page, device, 'http://captive.apple.com/hotspot-detect.html');
    await submit(setup, { network: 'home', password: 'not this one', repo: REPOSITORY });
    await device.program.waitFor('- join Wi-Fi', { count: 2 }); // the form arrived
    await phone.leave();
    await device.program.waitFor('set-up: not stored');
    await phone.join(air, device.name, code);
    phone.askAddress();
    assert.equal(await setup.result(), 'failed');
    assert.equal(await setup.text('#why'), textsOf('de').badPassword);
    await setup.press('#change');
    await setup.fill('password', HOME.password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('#done:not([hidden])');
    assert.equal(await setup.text('#state'), textsOf('de').works);
    assert.deepEqual(device.settings(), WANTED);
    assert.deepEqual(page.problems, []);
});

play('the Linux device on an interface: address, redirect, page, set up', SKIP, async stage => {
    const { phone, device } = await open(stage, 'host');
    phone.attach();
    await device.start({ portal: ['--portal-interface', phone.air], enter: phone.home.enter });
    assert.deepEqual(phone.askAddress(), ['192.168.4.2', '192.168.4.1', '192.168.4.1']);
    const page = await openPhoneBrowser(stage, phone, { locale: 'fr-FR' });
    const setup = await followPortal(page, device, 'http://connectivitycheck.gstatic.com/generate_204');
    await submit(setup, { network: 'home', password: HOME.password, repo: REPOSITORY });
    assert.equal(await setup.result(), 'done');
    assert.equal(await setup.text('#state'), textsOf('fr').works);
    assert.deepEqual(device.settings(), WANTED);
    assert.deepEqual(page.problems, []);
});

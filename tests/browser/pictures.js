// SPDX-License-Identifier: Apache-2.0
// The pictures of docs/SETUP.md: the page of the Linux device on a phone, light and dark, in English
// and German. `make pictures` runs it; the files go to the folder that is named.
import { join } from 'node:path';
import { openBrowser } from './lib/browser.js';
import { submit } from './lib/journeys.js';
import { RealDevice } from './lib/real_device.js';
import { REPOSITORY, RealWorld } from './lib/real_world.js';
import { SetupPage } from './lib/setup_page.js';

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1 };
const NETWORKS = [
    { ssid: 'Home', password: 'correct horse', signal: -48 },
    { ssid: 'Café Central ☕', signal: -63 },
    { ssid: 'Neighbours', password: 'whatever it is', signal: -74 },
    { ssid: 'Workshop', password: 'no way in here', signal: -86 },
];
const folder = process.argv[2];
if (!folder)
    throw new Error('usage: node tests/browser/pictures.js FOLDER');

async function take(page, name) {
    const file = join(folder, `setup-${name}.png`);
    await page.evaluate(() => document.activeElement.blur());
    await page.screenshot({ path: file, animations: 'disabled' });
}

// One set-up from the first view to the last; kept: { view: name of its picture }.
async function walk(world, browser, options, kept) {
    const device = new RealDevice({ kind: 'host', world, networks: NETWORKS });
    await device.start();
    const page = await browser.newPage({ ...PHONE, ...options });
    const setup = new SetupPage(page, device.target);
    const look = view => kept[view] && take(page, kept[view]);
    const wishes = { network: 'Home', password: 'correct horse', repo: REPOSITORY };
    await setup.open();
    await look('code');
    await setup.connect();
    await setup.scanEnd();
    await setup.chooseNetwork('Home');
    await setup.fill('password', wishes.password);
    await setup.fill('repo', wishes.repo);
    await look('form');
    await setup.fill('password', 'not this one');
    await setup.save();
    await setup.result();
    await look('failed');
    world.send('slow=200@release');
    await setup.press('#change');
    await setup.fill('password', wishes.password);
    await submit(setup, {});
    await page.waitForSelector('#steps .now');
    await look('trial');
    world.send('clear');
    await page.waitForSelector('#done:not([hidden])');
    await look('done');
    await page.context().close();
    await device.close();
}

const browser = await openBrowser();
const world = await new RealWorld().open();
await walk(world, browser, { colorScheme: 'light' },
    { code: 'code', form: 'form', trial: 'trial', done: 'done' });
await walk(world, browser, { colorScheme: 'dark', locale: 'de-DE' },
    { form: 'form-dark-de', failed: 'failed-dark-de', done: 'done-dark-de' });
await world.close();
await browser.close();

// SPDX-License-Identifier: Apache-2.0
// Goal: when an attempt fails, the page says why, the old settings stay, and a person may store the
// values all the same.
// Method: the Linux device in worlds where one thing is missing at a time.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { openBrowser } from '../lib/browser.js';
import { setUp } from '../lib/journeys.js';
import { REPOSITORY, RealWorld } from '../lib/real_world.js';
import { play } from '../lib/stage.js';
import { textsOf } from '../lib/texts.js';

const ENGLISH = textsOf('en');
const HOME = { ssid: 'home', password: 'open sesame' };
const WISHES = { network: 'home', password: HOME.password, repo: REPOSITORY };
const OLD = { wifi_ssid: 'old', wifi_password: 'old password', ota_repo: 'old/app' };
const WANTED = { wifi_ssid: 'home', wifi_password: HOME.password, ota_repo: REPOSITORY };

let browser, world;
before(async () => {
    browser = await openBrowser();
    world = await new RealWorld().open();
});
after(async () => {
    await browser.close();
    await world.close();
});

// What is missing, at which step the attempt fails, and what the page says.
const rows = [
    { name: 'network', step: 0, why: 'notFound', wishes: { network: 'nowhere', isHidden: true } },
    { name: 'no way in', step: 0, why: 'noJoin', networks: [{ ...HOME, more: 'fails always' }] },
    { name: 'address', step: 0, why: 'noAddress', networks: [{ ...HOME, more: 'no-address' }] },
    { name: 'names', step: 2, why: 'noDns', lines: ['resolve github.com none'] },
    { name: 'release host', step: 2, why: 'noHost', lines: ['resolve github.com 127.0.0.1:1'] },
    { name: 'certificate', step: 2, why: 'certificate', faults: ['wrong-ca'] },
    { name: 'repository', step: 3, why: 'noRepo', wishes: { repo: 'nobody/nothing' } },
    { name: 'file', step: 4, why: 'noFile', wishes: { file: 'other.bin' } },
];

describe('failures of an attempt', { concurrency: 4 }, () => {
    for (const row of rows)
        play(`missing: ${row.name}`, {}, async stage => {
            const host = row.faults ? await stage.world(...row.faults) : world;
            const device = await stage.device({
                kind: 'host', world: host, networks: row.networks ?? [HOME], lines: row.lines, settings: OLD });
            const setup = await stage.visit(browser, device);
            const wishes = { ...WISHES, ...row.wishes };
            const outcome = await setUp(setup, wishes);
            assert.equal(outcome.result, 'failed');
            assert.equal(outcome.why, ENGLISH[row.why]);
            assert.deepEqual(outcome.steps.map(step => step[1]),
                [0, 1, 2, 3, 4].map(step => step < row.step ? 'ok' : step === row.step ? 'no' : ''));
            assert.deepEqual(device.settings(), OLD);
            await setup.press('#anyway');
            await setup.page.waitForSelector('#done:not([hidden])');
            assert.equal(await setup.text('#state'), ENGLISH.saved);
            assert.deepEqual(device.settings(), {
                ...WANTED, wifi_ssid: wishes.network, ota_repo: wishes.repo,
                ...(wishes.file && { ota_file: wishes.file }) });
            assert.deepEqual(setup.page.problems, []);
        });
});

// SPDX-License-Identifier: Apache-2.0
// Goal: a set-up tells nobody the Wi-Fi password or the set-up code: not who records every frame, not
// who reads serial line, reports or syslog, not who finds the flash outside their own sectors; after a
// factory reset the flash holds no password at all.
// Method: the emulated chip, set up through its page, with everything it says recorded; a search for
// each secret in every encoding of lib/secrets.js. The search finds each of them when it is planted.
import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { openBrowser } from '../lib/browser.js';
import { readFrames, readStreams } from '../lib/capture.js';
import { setUp } from '../lib/journeys.js';
import { Program, mustRun, run } from '../lib/program.js';
import { Listener } from '../lib/real_device.js';
import { LCM, REPOSITORY, RealWorld } from '../lib/real_world.js';
import { contains, findSecret, formsOf, plant } from '../lib/secrets.js';
import { play } from '../lib/stage.js';

const HOME = { ssid: 'home & away', password: 'p4ss "w0rd" & mo/re+~' };
const CODE_SECTOR = [0xf4000, 0xf5000], SETTINGS_SECTORS = [0xf7000, 0xf9000];

let browser, world;
before(async () => {
    browser = await openBrowser();
    world = await new RealWorld().open();
});
after(async () => {
    await browser.close();
    await world.close();
});

const wpaKey = (password, ssid) => pbkdf2Sync(password, ssid, 4096, 32, 'sha1');

// { name: secret }
function secretsOf(device) {
    const plain = device.code.replaceAll('-', '');
    return {
        'password': HOME.password,
        'key of the network': wpaKey(HOME.password, HOME.ssid),
        'code': plain,
        'code with dashes': device.code,
        'code, lower case': plain.toLowerCase(),
        'code with dashes, lower case': device.code.toLowerCase(),
        'key of the access point': wpaKey(plain, device.name),
    };
}

function without(flash, ...regions) {
    const rest = Buffer.from(flash);
    for (const [from, to] of regions)
        rest.fill(0xff, from, to);
    return rest;
}

// Command lines of every process.
function commandLines() {
    return Buffer.concat(readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(pid => {
        try {
            return readFileSync(`/proc/${pid}/cmdline`);
        } catch {
            return Buffer.alloc(0); // it has ended
        }
    }));
}

const textOf = lines => Buffer.from(lines.join('\n'), 'latin1');

function assertSilent(secrets, places) {
    for (const [place, bytes] of Object.entries(places))
        for (const [name, secret] of Object.entries(secrets))
            assert.deepEqual(findSecret(bytes, secret), [], `${name} is in ${place}`);
}

// The chip makes its own code, so that no command of this test knows it.
async function openChip(stage) {
    const syslog = await new Listener().open();
    stage.onClose(() => syslog.close());
    const device = await stage.device({
        kind: 'chip', world, code: null, networks: [HOME], lines: [`resolve log.lan 127.0.0.1:${syslog.port}`],
        start: { options: ['--capture', join(stage.folder, 'frames.pcap')] } });
    assert.match(device.code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    return { device, syslog };
}

// Where a secret must not be. The one line of the serial port that shows the code is what it is for.
function placesOf(stage, device, syslog) {
    const frames = readFrames(readFileSync(join(stage.folder, 'frames.pcap')));
    const lines = device.program.lines.filter(line => !line.includes('"LCM setup code: '));
    return {
        'the frames': Buffer.concat(frames),
        'the connections': Buffer.concat(Object.values(readStreams(frames))),
        'the serial line': textOf(lines),
        'the broadcast reports': Buffer.concat(device.log.messages),
        'syslog': Buffer.concat(syslog.messages),
        'the log of the release host': textOf(world.server.lines),
        'the flash outside settings and code': without(device.image(), CODE_SECTOR, SETTINGS_SECTORS),
        'what inspect prints': Buffer.from(mustRun([LCM, 'flash', 'inspect', device.flash, '--json']), 'latin1'),
    };
}

// Nothing is missing from what is searched: what is no secret is seen in it.
function assertRecorded(places, device) {
    assert.ok(contains(places['the connections'], 'GET /i HTTP/1.1'));
    assert.ok(contains(places['the connections'], device.name));
    assert.ok(places['the frames'].length > 20000);
    assert.ok(contains(places['the serial line'], 'set-up: stored'));
    assert.ok(contains(places['the broadcast reports'], 'app installed'));
    assert.ok(contains(places['syslog'], 'app installed'));
    assert.ok(contains(places['the log of the release host'], REPOSITORY));
    assert.ok(contains(device.image(), HOME.password), 'it was stored');
}

async function assertSecret(stage, device, syslog, commands) {
    await device.program.waitFor('blink 1.0.0', { timeoutMs: 90000 });
    await device.program.stop();
    const places = { ...placesOf(stage, device, syslog), 'command lines': commands };
    assertRecorded(places, device);
    assertSilent(secretsOf(device), places);
    return places;
}

function assertSearchFinds(bytes, secrets) {
    for (const [name, secret] of Object.entries(secrets))
        for (const [form, planted] of Object.entries(formsOf(secret)))
            assert.ok(findSecret(plant(bytes, planted), secret).includes(form), `${name}, ${form}`);
}

// The gesture: five short power cycles, and a network that is gone. Then a person erases everything.
async function resetThroughPage(stage, device) {
    device.networks = [];
    await device.start({ options: ['--power-cycle', '5'] });
    const setup = await stage.visit(browser, device);
    await setup.enter();
    await setup.reveal('#erase');
    await setup.press('#erase');
    await setup.page.waitForSelector('#end:not([hidden])');
    await device.waitForSetup(2);
    await device.program.stop();
}

play('through the page, up to the running app; then a factory reset through the page', {}, async stage => {
    const { device, syslog } = await openChip(stage);
    const setup = await stage.visit(browser, device, { locale: 'de' });
    const outcome = await setUp(setup, {
        network: HOME.ssid, password: HOME.password, repo: REPOSITORY, syslog: 'log.lan:' + syslog.port });
    assert.equal(outcome.result, 'done');
    const commands = commandLines();
    assert.ok(contains(commands, device.flash), 'command lines are read');
    await setup.press('#finish');
    const places = await assertSecret(stage, device, syslog, commands);
    assertSearchFinds(places['the frames'], secretsOf(device));
    await resetThroughPage(stage, device);
    const { code, 'code with dashes': dashed, ...others } = secretsOf(device);
    assertSilent({ password: HOME.password }, { 'the whole flash after a factory reset': device.image() });
    assert.ok(contains(device.image(), code), 'the code of the label stays');
    assertSilent({ code, dashed, ...others }, {
        'the flash outside the code': without(device.image(), CODE_SECTOR),
        'reports': Buffer.concat([...device.log.messages, ...syslog.messages]) });
});

const hasCommand = run([LCM, 'setup', '--help']).code === 0;

play('through lcm setup, up to the running app', { skip: !hasCommand && 'this build has no lcm setup' }, async stage => {
    const { device, syslog } = await openChip(stage);
    const settings = join(stage.folder, 'settings'), code = join(stage.folder, 'code');
    writeFileSync(code, device.code + '\n');
    writeFileSync(settings, `wifi_ssid=${HOME.ssid}\nwifi_password=${HOME.password}\nota_repo=${REPOSITORY}\n` +
        `lcm_syslog=log.lan:${syslog.port}\n`);
    const command = new Program([LCM, 'setup', '--url', `http://127.0.0.1:${device.port}`, '--code-file', code,
        '--settings', settings, '--json']);
    await command.waitFor('{');
    const commands = commandLines();
    assert.equal(await command.ended, 0, command.story());
    assertSilent(secretsOf(device), { 'what lcm setup prints': textOf(command.lines) });
    await assertSecret(stage, device, syslog, commands);
});

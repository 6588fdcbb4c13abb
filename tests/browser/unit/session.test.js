// SPDX-License-Identifier: Apache-2.0
// Goal: the page's session with a device: what it proves, what it refuses, what it survives.
// Method: the session talks to lib/mock_device.js without a network; between the two, answers are
// lost, changed, repeated, or come from a device that does not know the code.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../../web/setup/session.js';
import { READ, STATUS, itemOf, numberOf } from '../../../web/setup/messages.js';
import { MockDevice } from '../lib/mock_device.js';
import { createRandom } from '../lib/random.js';

const CODE = '7K3MQ9XTA2HB';
const ID = '5ccf7f000001';
const READ_ITEMS = [[1, [READ]]];

// Returns { session, device, log, link }: link.change(path, answer) may replace any answer.
function connect(t, options = {}) {
    const random = createRandom(t);
    const device = new MockDevice({
        world: { networks: [], repositories: {} },
        code: CODE,
        id: ID,
        ...options,
    });
    const link = { change: (path, answer) => answer };
    const log = [];
    const request = async (path, body) => {
        log.push({ path, body });
        const [status, content, headers] = device.answer(
            { method: 'POST', url: path, headers: {} },
            body,
        );
        return link.change(path, {
            status,
            wait: Number((headers || {})['Retry-After'] || 0),
            body: Uint8Array.from(Buffer.from(content)),
        });
    };
    const session = createSession(request, size => random.bytes(size));
    session.open(CODE, ID);
    return { session, device, log, link };
}

test('a session opens and messages go both ways', async t => {
    const { session, log } = connect(t);
    assert.equal(numberOf(await session.send(READ_ITEMS), 2), 0);
    assert.equal(Buffer.from(itemOf(await session.send(READ_ITEMS), 0x30)).toString(), ID);
    assert.deepEqual(
        log.map(entry => entry.path),
        ['/p1', '/p2', '/x', '/x'],
    );
    assert.deepEqual(
        log.map(entry => entry.body.length),
        [65, 40, 1056, 1056],
    );
    const numbers = log.slice(2).map(entry => Buffer.from(entry.body).readBigUInt64LE(8));
    assert.deepEqual(numbers, [1n, 2n]);
    assert.notDeepEqual(
        log[2].body.slice(16, 48),
        log[3].body.slice(16, 48),
        'never the same key stream',
    );
});

test('neither code nor password crosses the link in any plain form', async t => {
    const { session, log } = connect(t);
    await session.send([
        [1, [3]],
        [0x10, Buffer.from('Home')],
        [0x11, Buffer.from('correct horse battery')],
    ]);
    const all = Buffer.concat(log.map(entry => Buffer.from(entry.body)));
    for (const secret of [CODE, 'correct horse', 'Home'])
        for (const encoding of ['latin1', 'utf16le', 'base64', 'hex'])
            assert.ok(
                !all.includes(
                    Buffer.from(secret).toString(encoding === 'utf16le' ? 'latin1' : encoding),
                ) &&
                    !all.includes(
                        Buffer.from(secret, encoding === 'utf16le' ? 'utf16le' : 'latin1'),
                    ),
            );
});

test('a wrong code is told apart from other failures, and must be waited for', async t => {
    const { session, device } = connect(t, { code: '000000000000' });
    await assert.rejects(session.send(READ_ITEMS), error => error.isCode && error.status === 403);
    await assert.rejects(
        session.send(READ_ITEMS),
        error => !error.isCode && error.status === 429 && error.wait === 1,
    );
    device.waitUntil = 0;
    session.open('0000-0000-0000'.replace(/-/g, ''), ID);
    assert.equal(numberOf(await session.send(READ_ITEMS), 2), 0);
});

test('a device that does not know the code is refused, and gets no message', async t => {
    const { session, link, log } = connect(t);
    link.change = (path, answer) =>
        path === '/p2' ? { status: 200, wait: 0, body: new Uint8Array(32) } : answer;
    await assert.rejects(session.send(READ_ITEMS), error => error.isCode === true);
    assert.ok(!log.some(entry => entry.path === '/x'));
});

test('a share that is no point ends the exchange', async t => {
    const { session, link, log } = connect(t);
    link.change = (path, answer) => {
        answer.body[20] ^= path === '/p1' ? 1 : 0;
        return answer;
    };
    await assert.rejects(session.send(READ_ITEMS), RangeError);
    assert.deepEqual(
        log.map(entry => entry.path),
        ['/p1'],
    );
});

test('a changed bit in an answer is noticed, whatever it is', async t => {
    const { session, device, link, log } = connect(t);
    await session.send(READ_ITEMS);
    for (const offset of [0, 7, 8, 15, 16, 500, 1039, 1040, 1055]) {
        let isChanged = false;
        link.change = (path, answer) => {
            if (path === '/x' && !isChanged) {
                isChanged = true;
                answer.body[offset] ^= 0x10;
            }
            return answer;
        };
        const before = log.length;
        device.sessions.splice(0, device.sessions.length - 1);
        assert.equal(numberOf(await session.send(READ_ITEMS), 2), 0);
        assert.deepEqual(
            log.slice(before).map(entry => entry.path),
            ['/x', '/p1', '/p2', '/x'],
            `byte ${offset}`,
        );
    }
});

test('answers that are always wrong end in a failure, not in a loop', async t => {
    const { session, link, log } = connect(t);
    link.change = (path, answer) => {
        answer.body[700] ^= path === '/x' ? 1 : 0;
        return answer;
    };
    await assert.rejects(session.send(READ_ITEMS), error => error.status === 403 && !error.isCode);
    assert.deepEqual(
        log.map(entry => entry.path),
        ['/p1', '/p2', '/x'],
    );
});

test('an old answer is refused', async t => {
    const { session, link } = connect(t);
    let old;
    link.change = (path, answer) => {
        old = path === '/x' ? { ...answer, body: answer.body.slice() } : old;
        return answer;
    };
    await session.send(READ_ITEMS);
    let replays = 0;
    link.change = (path, answer) => (path === '/x' && replays++ === 0 ? old : answer);
    await session.send(READ_ITEMS);
    assert.equal(replays, 2, 'it was asked again in a new session');
});

test('an answer cut short or grown is a failure', async t => {
    const { session, device, link } = connect(t);
    for (const change of [
        body => body.slice(1),
        body => Uint8Array.from([...body, 0]),
        () => new Uint8Array(0),
    ])
        for (const wanted of ['/p1', '/p2', '/x']) {
            link.change = (path, answer) =>
                path === wanted ? { ...answer, body: change(answer.body) } : answer;
            device.sessions = [];
            session.open(CODE, ID);
            await assert.rejects(
                session.send(READ_ITEMS),
                error => error.status === 200 && !error.isCode,
            );
        }
});

test('a session the device forgot is made anew without a word', async t => {
    const { session, device, log } = connect(t);
    await session.send(READ_ITEMS);
    device.sessions = [];
    await session.send(READ_ITEMS);
    assert.deepEqual(
        log.slice(3).map(entry => entry.path),
        ['/x', '/p1', '/p2', '/x'],
    );
    device.sessions = [];
    device.code = 'ZZZZZZZZZZZZ';
    await assert.rejects(session.send(READ_ITEMS), error => error.isCode === true);
});

test('a lost answer does not stop the next message', async t => {
    const { session, link } = connect(t);
    await session.send(READ_ITEMS);
    link.change = (path, answer) => ({ status: 0, wait: 0 });
    await assert.rejects(session.send(READ_ITEMS), error => error.status === 0);
    link.change = (path, answer) => answer;
    assert.equal(numberOf(await session.send([[1, [STATUS]]]), 0x50), 0);
});

test('messages sent at once go one after the other', async t => {
    const { session, log, link } = connect(t);
    let open = 0;
    link.change = async (path, answer) => {
        assert.equal(++open, 1);
        await new Promise(resolve => setTimeout(resolve, 2));
        open--;
        return answer;
    };
    const answers = await Promise.all(Array.from({ length: 8 }, () => session.send(READ_ITEMS)));
    assert.ok(answers.every(items => numberOf(items, 2) === 0));
    const numbers = log.slice(2).map(entry => Buffer.from(entry.body).readUInt32LE(8));
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('what does not fit a message is refused before anything is sent of it', async t => {
    const { session, log } = connect(t);
    await session.send(READ_ITEMS);
    const before = log.length;
    await assert.rejects(
        session.send([
            [1, [3]],
            [0x17, new Uint8Array(1100)],
        ]),
        RangeError,
    );
    assert.equal(log.length, before);
    assert.equal(numberOf(await session.send(READ_ITEMS), 2), 0);
});

test('no room: the answer says how long to wait', async t => {
    const { session, device } = connect(t);
    const others = [1, 2, 3].map(() => connect(t));
    for (const other of others) await other.session.send(READ_ITEMS);
    device.sessions = others.map(other => other.device.sessions[0]);
    await assert.rejects(
        session.send(READ_ITEMS),
        error => error.status === 503 && error.wait === 2,
    );
});

// SPDX-License-Identifier: Apache-2.0
// The way through the page: code, form, attempt, end. The code and the values of an attempt stay in
// memory only; nothing is kept in the browser, and what waits for the device waits in patience.
import { utf8 } from './bytes.js';
import { ERASE, FINISH, IDENTIFY, READ, SCAN, SET, STATUS, itemOf, numberOf } from './messages.js';
import { parseCode, showBytes } from './fields.js';
import { createSession } from './session.js';
import { blame, byId, fillLanguages, forgive, isShown, preferredLanguage, say, setHidden, setText,
    showView, speak } from './view.js';
import { changedItems, elementOf, fillForm, fillPins, hasRepository, setNetworks,
    showSelection } from './form.js';
import { DONE, NONE, RUNNING, drawTrial, stateOf, tellResult } from './trial.js';

const ANSWER_MS = 10000;
const PRESENCE_MS = 60000;
const ITEM_COMMAND = 1;
const ITEM_RESULT = 2;
const RESULT_REFUSED = 1;
const RESULT_MALFORMED = 3;

let device = {};
let attempt = null;
let spokenMs = 0;

function sleep(seconds) {
    return new Promise(resolve => setTimeout(resolve, 1000 * seconds));
}

// An answer { status, wait, body }; status 0 when there was none. Gives up for good after a while:
// the device has few connections.
async function request(path, body) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), ANSWER_MS);
    try {
        const response = await fetch(path, {
            method: body ? 'POST' : 'GET', body: body, signal: controller.signal, cache: 'no-store',
        });
        return {
            status: response.status,
            wait: +response.headers.get('Retry-After'),
            body: new Uint8Array(await response.arrayBuffer()),
        };
    } catch {
        return { status: 0 };
    }
}

const session = createSession(request, size => crypto.getRandomValues(new Uint8Array(size)));

async function countDown(seconds) {
    for (; seconds > 0; seconds--) {
        say(TEXT.moment, seconds + ' s');
        await sleep(1);
    }
    say(-1);
}

// Sends a command until the device answers, tries times at most. A code that does not fit ends it.
async function talk(command, items, tries) {
    spokenMs = Date.now();
    for (let failures = 0; ;) {
        try {
            const answer = await session.send([[ITEM_COMMAND, [command]], ...items]);
            if (failures)
                say(-1);
            return answer;
        } catch (error) {
            if (error.isCode || ++failures === tries)
                throw error;
            if (failures > 2)
                say(TEXT.away);
            await (error.wait > 0 ? countDown(error.wait) : sleep(1));
        }
    }
}

// A device without a person leaves after five minutes, and who types sends nothing. What goes wrong
// here does so again, and is told, when a person wants something.
function tellPresence() {
    if (Date.now() - spokenMs > PRESENCE_MS)
        talk(STATUS, [], 1).catch(() => {});
}

async function askCode(isWrong) {
    byId('open').disabled = true;
    showView('enter');
    let answer;
    while ((answer = await request('/i')).status !== 200) {
        say(TEXT.away);
        await sleep(1);
    }
    device = JSON.parse(String.fromCharCode(...answer.body));
    byId('title').textContent = device.name;
    if (isWrong)
        blame(byId('code'), TEXT.wrongCode);
    await countDown(device.wait);
    byId('open').disabled = false;
}

// Runs what a person started; a code that does not fit leads back to the beginning.
function act(task) {
    task().catch(error => {
        if (error.isCode)
            return askCode(true);
        say(TEXT.otherError, error.status);
        throw error;
    });
}

async function scanNetworks(again) {
    byId('scan').disabled = true;
    setText(byId('scan'), TEXT.moment);
    for (let items = again ? [[6, [1]]] : []; isShown('form'); items = []) {
        const answer = await talk(SCAN, items);
        if (itemOf(answer, 0x40).length)
            setNetworks(answer);
        if (!numberOf(answer, 0x41))
            break;
        await sleep(1);
    }
    setText(byId('scan'), TEXT.scan);
    byId('scan').disabled = false;
}

function endWith(number) {
    setText(byId('bye'), number, device.name);
    showView('end');
}

function showTrial(items) {
    drawTrial(items, hasRepository() ? 5 : 1, attempt, device.name);
    if (!isShown('trial'))
        showView('trial');
}

// A device that knows of no attempt for some seconds has restarted.
async function watchTrial() {
    for (let unknown = 0; unknown < 4;) {
        const items = await talk(STATUS, []);
        const state = stateOf(items);
        unknown = state === NONE ? unknown + 1 : 0;
        if (state !== NONE)
            showTrial(items);
        for (let left = numberOf(items, 0x56); state === DONE && isShown('trial'); left--) {
            setText(byId('restart'), TEXT.restart, left);
            await sleep(1);
            if (left < 2)
                endWith(TEXT.bye);
        }
        if (state > RUNNING)
            return;
        await sleep(1);
    }
    await openForm();
}

async function openForm() {
    const items = await talk(READ, []);
    const state = stateOf(items);
    byId('code').value = '';
    fillForm(items);
    for (const [id, tag] of [['id', 0x30], ['version', 0x31], ['installed', 0x32]])
        byId(id).textContent = showBytes(itemOf(items, tag)) || (numberOf(items, 0x33) ? '?' : '-');
    tellResult(byId('last'), items);
    tellResult(byId('result'), items);
    if (state === RUNNING || state === DONE) {
        showTrial(items);
        return watchTrial();
    }
    showView('form');
    await scanNetworks(false);
}

async function enterCode() {
    forgive();
    const code = parseCode(byId('code').value);
    if (!code)
        return blame(byId('code'), TEXT.codeHint);
    byId('open').disabled = true;
    say(TEXT.moment);
    await sleep(0.05);
    session.open(code, device.id);
    await openForm();
}

async function submit(items, force) {
    attempt = items;
    // As if the device had said that it is joining: a person sees at once that something happens.
    showTrial([[0x50, [1]]]);
    const answer = await talk(SET, force ? [[4, [1]], ...items] : items);
    const result = numberOf(answer, ITEM_RESULT);
    if (result !== RESULT_REFUSED && result !== RESULT_MALFORMED)
        return watchTrial();
    showView('form');
    say(TEXT.otherError, result);
    for (const [tag, value] of answer)
        if (tag === 3)
            blame(elementOf(value[0]), TEXT.check);
}

async function save() {
    const items = changedItems();
    if (items)
        await submit(items, false);
}

function takeCode() {
    const code = location.hash.slice(1);
    if (code)
        byId('code').value = code;
    try {
        history.replaceState(null, '', location.pathname);
    } catch {
        // Some mini-browsers have no history; the code then stays in the address bar.
    }
}

// A person did something with an element.
function on(event, id, task) {
    byId(id)['on' + event] = happening => {
        happening.preventDefault();
        act(async () => task(happening.target));
    };
}

function listen() {
    on('change', 'language', select => speak(select.value));
    on('change', 'networks', showSelection);
    on('change', 'reveal', box => {
        byId('password').type = box.checked ? 'text' : 'password';
    });
    on('submit', 'enter', enterCode);
    on('submit', 'form', save);
    on('click', 'scan', () => scanNetworks(true));
    on('click', 'identify', () => talk(IDENTIFY, [], 3));
    on('click', 'erase', async () => {
        await talk(ERASE, [[5, utf8('erase')]], 3);
        endWith(TEXT.erased);
    });
    on('click', 'change', () => showView('form'));
    on('click', 'anyway', () => submit(attempt, true));
    on('click', 'finish', async () => {
        await talk(FINISH, [], 3).catch(() => {});
        endWith(TEXT.bye);
    });
    byId('form').oninput = tellPresence;
    addEventListener('hashchange', takeCode);
}

fillLanguages(byId('language'));
fillPins();
speak(preferredLanguage());
byId('language').value = document.documentElement.lang;
listen();
takeCode();
act(() => askCode(false));

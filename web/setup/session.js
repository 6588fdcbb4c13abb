// SPDX-License-Identifier: Apache-2.0
// The secure session with the device (docs/SPEC.md 11.2, 11.3). Requests go one after the other,
// for the device takes rising numbers only. A session that the device has forgotten is made anew
// with the code kept in memory. Failures are thrown as answers: { status, wait, body }, status 0
// for a device that did not answer, and isCode set when the code does not fit this device.
import { concat, isEqual, utf8 } from './bytes.js';
import { hkdf } from './sha256.js';
import { ORDER } from './p256.js';
import { spake2Finish, spake2Share, toScalar } from './spake2.js';
import { seal, unseal } from './chacha.js';
import { TEXT_SIZE, decodeItems, encodeItems } from './messages.js';

const FORBIDDEN = 403;
const GONE = 404;

// request(path, body) sends a POST and returns an answer { status, wait, body }; random(size)
// returns secret bytes.
export function createSession(request, random) {
    let code, deviceId, session, number, keyOut, keyIn;
    let last = Promise.resolve();

    async function post(path, size, ...parts) {
        const answer = await request(path, concat(...parts));
        if (answer.status !== 200 || answer.body.length !== size)
            throw answer;
        return answer.body;
    }

    async function shakeHands() {
        const w = toScalar(hkdf(utf8(code), utf8('LCM-SPAKE2-v1'), utf8('w' + deviceId), 40));
        const x = toScalar(random(40));
        const share = spake2Share(w, x);
        const answer = await post('/p1', 73, share);
        const id = answer.slice(0, 8);
        const [key, hash, proofA, proofB] = spake2Finish(w, x, ['lcm-setup', deviceId],
            [share, answer.slice(8)], concat(utf8('LCM1'), id));
        const confirmation = await post('/p2', 32, id, proofA).catch(error => {
            error.isCode = error.status === FORBIDDEN;
            throw error;
        });
        if (!isEqual(confirmation, proofB))
            throw { status: FORBIDDEN, isCode: true };
        const keyFor = way => hkdf(key, utf8('LCM1'), concat(utf8(way), hash), 32);
        keyOut = keyFor('c2d');
        keyIn = keyFor('d2c');
        number = 0;
        session = id;
    }

    async function exchange(items) {
        const nonce = new Uint8Array(12);
        new DataView(nonce.buffer).setUint32(4, ++number, true);
        const head = concat(session, nonce.slice(4));
        const answer = await post('/x', 32 + TEXT_SIZE, head,
            seal(keyOut, nonce, session, encodeItems(items)));
        const text = unseal(keyIn, nonce, session, answer.slice(16));
        if (!text || !isEqual(answer.slice(0, 16), head))
            throw { status: FORBIDDEN };
        return decodeItems(text);
    }

    async function sendNow(items) {
        const isNew = !session;
        if (isNew)
            await shakeHands();
        try {
            return await exchange(items);
        } catch (error) {
            if (error.status !== FORBIDDEN && error.status !== GONE)
                throw error;
            session = null;
            if (isNew)
                throw error;
        }
        return sendNow(items);
    }

    return {
        // Ends the session before, if there was one.
        open: (newCode, id) => {
            code = newCode;
            deviceId = id;
            session = null;
        },
        // Returns the items of the answer.
        send: items => {
            const turn = last.then(() => sendNow(items));
            last = turn.catch(() => {});
            return turn;
        },
    };
}

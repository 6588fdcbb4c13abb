// SPDX-License-Identifier: Apache-2.0
// Goal: the search for secrets finds what it says it finds, and nothing else.
// Method: every form is planted into noise; values written down by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSecret, formsOf, plant } from '../lib/secrets.js';
import { createRandom } from '../lib/random.js';

const SECRET = 'p "1"&ß+~';

test('forms, written down by hand', () => {
    const forms = formsOf('a "b');
    assert.equal(String(forms.hex), '61202262');
    assert.equal(String(forms.PERCENT), '%61%20%22%62');
    assert.equal(String(forms['percent, where needed']), 'a%20%22b');
    assert.equal(String(forms.form), 'a+%22b');
    assert.equal(String(forms.JSON), 'a \\"b');
    assert.deepEqual(forms['UTF-16BE'], Buffer.from([0, 0x61, 0, 0x20, 0, 0x22, 0, 0x62]));
    assert.deepEqual(forms['nibbles swapped'], Buffer.from([0x16, 0x02, 0x22, 0x26]));
});

test('base64 is found wherever the secret begins', () => {
    for (let before = 0; before < 6; before++)
        for (const encoding of ['base64', 'base64url']) {
            const text = Buffer.from('xyzxyz'.slice(0, before) + SECRET + 'after').toString(encoding);
            assert.ok(findSecret(Buffer.from(text), SECRET).some(name => name.startsWith(encoding)), text);
        }
});

test('each form is found in noise, and noise alone holds none', t => {
    const random = createRandom(t);
    const noise = Buffer.from(random.bytes(20000));
    assert.deepEqual(findSecret(noise, SECRET), []);
    for (const [name, form] of Object.entries(formsOf(SECRET)))
        assert.ok(findSecret(plant(noise, form), SECRET).includes(name), name);
    for (let key = 0; key < 256; key++) {
        const turned = Buffer.from(Buffer.from(SECRET).map(byte => byte ^ key));
        assert.ok(findSecret(plant(noise, turned), SECRET).includes('XOR'), `XOR ${key}`);
    }
});

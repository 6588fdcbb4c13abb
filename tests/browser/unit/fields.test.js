// SPDX-License-Identifier: Apache-2.0
// Goal: what people type becomes the value they mean, and names from outside are shown as they are.
// Method: tables of good, bad and strange input.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '../../../web/setup/bytes.js';
import {
    parseCode,
    parseFingerprint,
    parseNetworkName,
    parseNumber,
    parsePassword,
    parseRepository,
    parseText,
    showBytes,
} from '../../../web/setup/fields.js';
import { barsOf, listNetworks } from '../../../web/setup/networks.js';

const shown = bytes => bytes && Buffer.from(bytes).toString('latin1');

test('set-up codes', () => {
    for (const text of ['7K3MQ9XTA2HB', '7k3m-q9xt-a2hb', ' 7K3M Q9XT A2HB\n', '7k-3m-q9-xt-a2-hb'])
        assert.equal(parseCode(text), '7K3MQ9XTA2HB');
    assert.equal(parseCode('oOiI-lL00-1111'), '001111001111');
    assert.equal(parseCode('0123-4567-89AB'), '0123456789AB');
    assert.equal(parseCode('CDEF-GHJK-MNPQ'), 'CDEFGHJKMNPQ');
    assert.equal(parseCode('RSTV-WXYZ-0000'), 'RSTVWXYZ0000');
    for (const text of [
        '',
        '7K3M-Q9XT-A2H',
        '7K3M-Q9XT-A2HB2',
        '7K3M-Q9XT-A2HU',
        '7K3M_Q9XT_A2HB',
        '7K3M-Q9XT-A2H\u0392',
        '\uff17K3MQ9XTA2HB',
    ])
        assert.equal(parseCode(text), '', text);
});

test('repositories', () => {
    const long = 'o/' + 'r'.repeat(61);
    for (const text of ['lifecycle-manager/blink', 'a/b', 'A.b_c/d-1', '..a/b', 'a/..b', long])
        assert.equal(shown(parseRepository(text)), text);
    for (const text of [
        'https://github.com/a/b',
        'http://www.github.com/a/b/',
        'github.com/a/b.git',
        ' https://github.com/a/b/releases/latest ',
        'https://github.com/a/b.git',
        'git@x:github.com/a/b',
    ])
        assert.equal(shown(parseRepository(text)), 'a/b', text);
    assert.equal(shown(parseRepository('  a/b\t')), 'a/b');
    assert.equal(shown(parseRepository('a/b.git')), 'a/b.git');
    assert.equal(shown(parseRepository('')), '');
    for (const text of [
        'a',
        'a/',
        '/b',
        'a/b/c',
        './b',
        '../b',
        'a/.',
        'a/..',
        'a b/c',
        'a/b c',
        'ä/b',
        'a/b?',
        long + 'r',
        'https://example.org/a/b',
        'https://github.com/a',
    ])
        assert.equal(parseRepository(text), null, text);
});

test('fingerprints', () => {
    const digits = '00ff'.repeat(16);
    assert.equal(Buffer.from(parseFingerprint(digits)).toString('hex'), digits);
    assert.equal(
        Buffer.from(parseFingerprint(' ' + digits.toUpperCase().replace(/../g, '$&:'))).toString(
            'hex',
        ),
        digits,
    );
    assert.equal(parseFingerprint('').length, 0);
    for (const text of ['0', digits + '00', digits.slice(1), digits.replace('f', 'g')])
        assert.equal(parseFingerprint(text), null, text);
});

test('passwords', () => {
    for (const text of [
        '12345678',
        'x'.repeat(63),
        'pass wörd ',
        '0123456789abcdefABCDEF'.repeat(2) + '01234567890123456789',
    ])
        assert.deepEqual(parsePassword(text), utf8(text));
    for (const text of [
        '',
        '1234567',
        'x'.repeat(64),
        'ä'.repeat(32),
        'g'.repeat(64),
        'abcdefgh\0',
    ])
        assert.equal(parsePassword(text), null, text);
});

test('names, texts, numbers', () => {
    assert.equal(parseNetworkName('x'.repeat(32)).length, 32);
    assert.equal(parseNetworkName('ä'.repeat(16)).length, 32);
    for (const text of ['', 'x'.repeat(33), 'ä'.repeat(17), 'a\0b'])
        assert.equal(parseNetworkName(text), null);
    assert.equal(parseText('').length, 0);
    assert.equal(parseText(' ' + 'x'.repeat(254)).length, 255);
    assert.equal(parseText('x'.repeat(256)), null);
    assert.equal(parseText('\0'), null);
    assert.deepEqual([...parseNumber('')], []);
    assert.deepEqual([...parseNumber('1')], [1]);
    assert.deepEqual([...parseNumber('-2')], [254]);
    assert.deepEqual([...parseNumber('15')], [15]);
});

test('bytes as text', () => {
    for (const text of [
        '',
        'Home',
        'Café "Zur Post" 🚲',
        '<script>alert(1)</script>',
        '日本語',
        '👩‍💻',
        ' a ',
        '\\x41',
    ])
        assert.equal(showBytes(utf8(text)), text);
    assert.equal(showBytes(Uint8Array.of(0x61, 0xff, 0x62)), 'a\\xffb');
    assert.equal(showBytes(Uint8Array.of(0xc3)), '\\xc3');
    assert.equal(showBytes(Uint8Array.of(0xed, 0xa0, 0x80)), '\\xed\\xa0\\x80', 'half of a pair');
    assert.equal(showBytes(Uint8Array.of(0xc0, 0x80)), '\\xc0\\x80', 'a long form of NUL');
    assert.equal(showBytes(utf8('a\nb')), 'a\\x0ab');
    assert.equal(showBytes(utf8('a\u007fb')), 'a\\x7fb');
    for (const character of ['\u202e', '\u2066', '\u200f', '\ufeff', '\u2028'])
        assert.match(showBytes(utf8('a' + character)), /^a\\xe[2f]\\x[0-9a-f]{2}\\x[0-9a-f]{2}$/);
});

const item = (signal, channel, secured, name) => [
    0x40,
    Uint8Array.from([signal & 255, channel, secured, ...utf8(name)]),
];

test('networks: strongest first, each once', () => {
    const networks = listNetworks([
        [2, Uint8Array.of(0)],
        item(-80, 1, 1, 'b'),
        item(-70, 6, 1, 'a'),
        item(-40, 11, 1, 'b'),
        item(-60, 3, 1, ''),
        item(-30, 4, 0, 'a'),
        item(5, 2, 0, 'c'),
        [0x41, Uint8Array.of(0)],
    ]);
    assert.deepEqual(
        networks.map(network => [
            shown(network.name),
            network.signal,
            network.channel,
            network.secured,
        ]),
        [
            ['c', 5, 2, false],
            ['a', -30, 4, false],
            ['b', -40, 11, true],
            ['a', -70, 6, true],
        ],
    );
    assert.equal(new Set(networks.map(network => network.key)).size, 4);
});

test('bars', () => {
    assert.deepEqual(
        [-128, -99, -81, -80, -71, -70, -61, -60, -20].map(barsOf),
        [1, 1, 1, 2, 2, 3, 3, 4, 4],
    );
});

// SPDX-License-Identifier: Apache-2.0
// Goal: the document that goes into the firmware is small, self-contained, and asks the browser for
// nothing that mini-browsers lack.
// Method: build/page/ as `make page` left it, read byte by byte.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

const ROOT = new URL('../../../', import.meta.url);
const read = name => readFileSync(new URL(name, ROOT));
const packed = read('build/page/index.html.gz');
const html = read('build/page/index.html').toString();
const policy = read('build/page/policy').toString().trim();
const between = tag =>
    html.slice(html.indexOf(`<${tag}>`) + tag.length + 2, html.indexOf(`</${tag}>`));
const script = between('script');
const style = between('style');
const body = html.replace(script, '').replace(style, '');
const SIZE_MAX = 12288;

test('size, and the same bytes each time', () => {
    assert.ok(packed.length <= SIZE_MAX, `${packed.length} bytes`);
    assert.equal(gunzipSync(packed).toString(), html);
    assert.equal(packed.readUInt32LE(4), 0, 'no time stamp');
    assert.equal(packed[3], 0, 'no file name');
});

test('the words of the firmware are the document', () => {
    const source = read('build/page/page_data.c').toString();
    const words = [...source.matchAll(/0x([0-9a-f]{8})u/g)].map(match => parseInt(match[1], 16));
    const bytes = Buffer.alloc(4 * words.length);
    words.forEach((word, i) => bytes.writeUInt32LE(word, 4 * i));
    assert.equal(Number(source.match(/lcm_page_size = (\d+);/)[1]), packed.length);
    assert.ok(bytes.subarray(0, packed.length).equals(packed));
    assert.ok(
        bytes.length - packed.length < 4 && bytes.subarray(packed.length).every(byte => byte === 0),
    );
    assert.equal(source.match(/lcm_page_policy\[\] =\s+"(.*)";/)[1], policy);
});

test('the policy allows this script, this style, this host, nothing else', () => {
    const hash = text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    assert.deepEqual(policy.split('; ').sort(), [
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        'script-src ' + hash(script),
        'style-src ' + hash(style),
    ]);
});

test('one script, one style, no other code and nothing from elsewhere', () => {
    for (const tag of ['script', 'style']) {
        assert.equal(html.split(`<${tag}`).length, 2);
        assert.equal(html.split(`</${tag}>`).length, 2);
    }
    assert.doesNotMatch(body, /\s(on\w+|style|src|srcset|href|action|srcdoc|background|poster)=/i);
    assert.doesNotMatch(
        body,
        /<(a|iframe|object|embed|link|base|img|audio|video|source|meta http)[\s>]/i,
    );
    assert.doesNotMatch(style, /url\(|@import|expression/i);
    assert.doesNotMatch(html, /\b(http|https|ws|wss|data|blob|javascript):\/?\/?[^\s;,)}]/i);
    assert.doesNotMatch(html, /user-scalable|maximum-scale/);
    assert.match(html, /^<!doctype html><html lang=en><meta charset=utf-8>/);
});

test('names that must not be in the page', () => {
    const forbidden = [
        'localStorage',
        'sessionStorage',
        'indexedDB',
        'cookie',
        'caches',
        'innerHTML',
        'outerHTML',
        'insertAdjacentHTML',
        'document.write',
        'DOMParser',
        'createContextualFragment',
        'srcdoc',
        'eval(',
        'Function(',
        'alert(',
        'confirm(',
        'prompt(',
        'window.open',
        'subtle',
        'import(',
        'serviceWorker',
        'Worker(',
        'XMLHttpRequest',
        'WebSocket',
        'EventSource',
        'sendBeacon',
        'postMessage',
        'clipboard',
        'Math.random',
        'console.',
        'debugger',
        '.submit(',
        'autofocus',
        'http://',
        'https://',
    ];
    for (const name of forbidden) assert.ok(!html.includes(name), name);
});

test('nothing younger than ES2020', () => {
    for (const pattern of [
        /\.replaceAll\(/,
        /\.at\(/,
        /\?\?=|\|\|=|&&=/,
        /\bclass\b/,
        /Promise\.any/,
        /\d_\d/,
        /structuredClone/,
        /hasOwn\(/,
        /AbortSignal\.timeout/,
        /findLast/,
        /toSorted|toReversed/,
        /:has\(/,
        /static\s*{/,
    ])
        assert.doesNotMatch(script + style, pattern);
});

test('ids: each once, and each that is asked for', () => {
    const ids = [...body.matchAll(/\sid=([\w-]+)/g)].map(match => match[1]);
    assert.equal(new Set(ids).size, ids.length);
    const sources = ['app', 'form', 'trial', 'view']
        .map(name => read(`web/setup/${name}.js`))
        .join('\n');
    const asked = [...sources.matchAll(/(?:byId|setHidden|isShown|showView)\('(\w+)'/g)].map(
        match => match[1],
    );
    const handled = [...sources.matchAll(/on\('\w+', '(\w+)'/g)].map(match => match[1]);
    assert.ok(asked.length > 30 && handled.length > 8);
    for (const id of [...asked, ...handled]) assert.ok(ids.includes(id), id);
});

test('every control has a name for people who cannot see it', () => {
    const pieces = body.split(/(?=<(?:label|\/label)[\s>])/);
    for (const piece of pieces)
        for (const [control] of piece.matchAll(/<(input|select)[^>]*>/g))
            assert.ok(piece.startsWith('<label') || /aria-label=/.test(control), control);
    for (const [button] of body.matchAll(/<button[^>]*>/g)) assert.match(button, /data-t=\d+/);
});

test('secrets are not offered to the browser to keep', () => {
    const password = body.match(/<input id=password[^>]*>/)[0];
    for (const attribute of [
        'type=password',
        'autocomplete=off',
        'autocapitalize=none',
        'spellcheck=false',
    ])
        assert.ok(password.includes(attribute), attribute);
    assert.ok(body.match(/<input id=code[^>]*>/)[0].includes('autocomplete=off'));
});

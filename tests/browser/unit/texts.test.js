// SPDX-License-Identifier: Apache-2.0
// Goal: every language says everything, and nothing is said that nobody shows.
// Method: the files of web/setup/texts/ against each other and against the sources.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const SETUP = new URL('../../../web/setup/', import.meta.url);
const read = name => readFileSync(new URL(name, SETUP), 'utf8');

function readTexts(name) {
    return Object.fromEntries(
        read('texts/' + name)
            .split('\n')
            .filter(line => line && line[0] !== '#')
            .map(line => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)]),
    );
}

const files = readdirSync(new URL('texts/', SETUP)).sort();
const english = readTexts('en.txt');

test('the languages', () => {
    assert.deepEqual(files, ['de.txt', 'en.txt', 'es.txt', 'fr.txt', 'nl.txt']);
    const names = files.map(file => readTexts(file).language);
    assert.equal(new Set(names).size, files.length);
});

test('every text in every language, with the same places for values', () => {
    for (const file of files) {
        const texts = readTexts(file);
        assert.deepEqual(Object.keys(texts), Object.keys(english), file);
        for (const [name, text] of Object.entries(texts)) {
            assert.ok(text.trim() === text && text.length > 0, `${file} ${name}`);
            assert.equal(
                text.split('{}').length,
                english[name].split('{}').length,
                `${file} ${name}`,
            );
            assert.ok(!/[<>&`\\$]/.test(text), `${file} ${name}`);
            assert.ok(text.length < 80, `${file} ${name} is long`);
        }
    }
});

test('no language was left in English', () => {
    const same = ['stable', 'code', 'otherError', 'password', 'file', 'about', 'app', 'more'];
    for (const file of files.filter(name => name !== 'en.txt')) {
        const texts = readTexts(file);
        const copies = Object.keys(english).filter(
            name => texts[name] === english[name] && !same.includes(name),
        );
        assert.deepEqual(copies, [], file);
    }
});

test('each text is used, and each that is used is there', () => {
    const sources = readdirSync(SETUP)
        .filter(name => /\.(js|html)$/.test(name))
        .map(read)
        .join('\n');
    const used = new Set(
        [...sources.matchAll(/\bTEXT\.(\w+)|data-t="(\w+)"/g)].map(match => match[1] || match[2]),
    );
    used.delete('name');
    if (/data-t="name"/.test(sources)) used.add('name');
    assert.deepEqual([...used].sort(), Object.keys(english).sort());
});

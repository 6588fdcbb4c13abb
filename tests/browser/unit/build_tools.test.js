// SPDX-License-Identifier: Apache-2.0
// Goal: the tools that pack the page change how it is written and not what it does.
// Method: code full of traps runs before and after; the page's own arithmetic is run as it was
// packed; input the tools do not understand must be refused, not passed on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { SPAKE2_VECTORS } from '../lib/vectors.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'lcm-page-'));
after(() => rmSync(folder, { recursive: true }));

function awk(program, variables, files) {
    const options = Object.entries(variables).flatMap(([name, value]) => [
        '-v',
        `${name}=${value}`,
    ]);
    return spawnSync('awk', [...options, '-f', join(ROOT, 'scripts/page', program), ...files], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C' },
    });
}

function put(name, text) {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
}

const keys = put('keys', 'first 0\nsecond 17\n');
const pack = (...files) => awk('script.awk', { keys }, files);

// What the code puts into history.result; history is a word the packer keeps.
function run(code) {
    const context = { history: {}, TextEncoder };
    runInNewContext(code, context);
    return context.history.result;
}

const show = value =>
    JSON.stringify(value, (key, part) => (typeof part === 'bigint' ? part + 'n' : part));

const TRAPS = `// SPDX-License-Identifier: Apache-2.0
import { nothing,
    more } from './other.js';
const SMALL = 7;
const HEX = 0x1f;
const BIG = 0x0ffffffc0ffffffc0ffffffc0fffffffn;
const NEGATIVE = -4;
const text = 'a // no comment /* nor this */ + "b" \\' SMALL';
export const table = { key: SMALL, 3: 'three', 'quoted key': HEX, nested: { key: [1, 2, 3,], }, };

export function divide(left, right) {
    // text / of a comment '
    return left / right / 2; // and one behind code
}
function patterns(value) {
    const slashes = value.replace(/[/'"\`]\\/+/g, '-').split(/-/);
    return /^\\d+\\/x$/.test('12/x') && !/[\\]/]/.test('a') ? slashes.length / 2 : 0;
}
function signs(a, b) {
    let i = a;
    i++;
    return [a - -b, a + +b, a - b--, i++ + ++b, -a, +a, ~a, !a,];
}
const template = (name, count) => \`<\${name}> costs \${count * (1 + { key: 2 }.key)} // "x"
  and a second line \${[name, name].map(name => name.length).join('/')} \$ \$} \${name}} (\`;
function shadow(template) {
    const table = { template: template, other: (template) };
    for (const [i, [key, , value = 'none']] of [['a', 1], ['b', 2, 'c']].entries())
        table[key + i] = value;
    return table;
}
async function later() {
    await null;
    return typeof later;
}
const choose = (a, b) => a ? b : a === b ? SMALL : { a: b }.a;
function twice(text) {
    return text.length
        ? text
            .toUpperCase()
        : SMALL;
}
history.result = [SMALL, HEX, String.name, BIG, NEGATIVE, text, table, divide(100, 5),
    patterns("a'/b/c"), signs(3, 4), template('two', 2), shadow('s'), choose(0, 1), choose(0, 0),
    choose(1, 2), twice('up'), twice(''), TEXT.second,
    [...'ab', ...[1]], typeof later, table.nested.key.length, 0.5 + .25, void 0];
`;

test('code full of traps does the same when packed', () => {
    const packed = pack(put('traps.js', TRAPS));
    assert.equal(packed.status, 0, packed.stderr);
    const plain = TRAPS.replace(/^import [^;]*;/m, '')
        .replace(/^export /gm, '')
        .replace('TEXT.second', '17');
    assert.equal(show(run(packed.stdout)), show(run(plain)));
    assert.ok(
        packed.stdout.length < 0.62 * plain.length,
        `${packed.stdout.length} of ${plain.length}`,
    );
    assert.doesNotMatch(packed.stdout, /divide|SMALL[^']|and one behind/);
});

test('two modules: shared names agree, local ones do not meet', () => {
    const first = put(
        'first.js',
        `export function add(a, b) { let sum = a + b; return sum; }
export const list = [1, 2].map(item => add(item, item));
`,
    );
    const second = put(
        'second.js',
        `import { add, list } from './first.js';
function use(sum) { let a = add(sum, 1); let b = list[1]; return a * b; }
history.result = use(4);
`,
    );
    const packed = pack(first, second);
    assert.equal(run(packed.stdout), 20);
    assert.equal(packed.stdout.split('\n').length, 2);
});

test('many names: none is used twice, none is a word of the language', () => {
    const names = Array.from({ length: 900 }, (_, i) => 'name' + i);
    const code =
        names.map((name, i) => `const ${name} = [${i}];`).join('\n') +
        `
function all(${names
            .slice(0, 300)
            .map(name => 'p' + name)
            .join(', ')}) {
    return [${names
        .slice(0, 300)
        .map(name => 'p' + name)
        .join(', ')}].join() === [${names.slice(0, 300).join(', ')}].join();
}
history.result = [all(${names.slice(0, 300).join(', ')}),
    [${names.join(', ')}].every((value, i) => value[0] === i)];
`;
    assert.deepEqual([...run(pack(put('many.js', code)).stdout)], [true, true]);
});

test("the page's arithmetic as it is packed", () => {
    const modules = ['bytes', 'sha256', 'p256', 'spake2', 'chacha'].map(name =>
        join(ROOT, `web/setup/${name}.js`),
    );
    const vector = SPAKE2_VECTORS[0];
    const tail = put(
        'tail.js',
        `function finish(w, x) {
    const share = spake2Share(w, x);
    const shares = [share, fromHex('${vector.shareB}')];
    const proofs = spake2Finish(w, x, ['server', 'client'], shares, []);
    const key = sha256(utf8('key'));
    const sealed = seal(key, key.slice(0, 12), [1], utf8('message'));
    return [toHex(share), ...proofs.map(toHex), toHex(unseal(key, key.slice(0, 12), [1], sealed))];
}
history.result = finish(0x${vector.w}n, 0x${vector.x}n);
`,
    );
    const packed = pack(...modules, tail);
    assert.equal(packed.status, 0, packed.stderr);
    const result = run(packed.stdout);
    assert.deepEqual(
        [...result],
        [
            vector.shareA,
            vector.hash.slice(0, 32),
            vector.hash,
            vector.proofA,
            vector.proofB,
            Buffer.from('message').toString('hex'),
        ],
    );
});

test('what the packer does not understand is refused', () => {
    const bad = {
        'shorthand property': 'const a = 1;\nconst b = { a };\n',
        'shorthand among others': 'const a = 1;\nconst b = { c: 2, a };\n',
        'shorthand first': 'const a = 1;\nconst b = { a, c: 2 };\n',
        'taking properties apart': 'const a = {};\nconst { b, c } = a;\n',
        'two names at once': 'let a = 1, b = 2;\n',
        'a list of names': 'const [a, b] = x;\n',
        'a block comment in code': 'const a = 1; /* one */\n',
        'a text that is not there': 'const a = [TEXT.third];\n',
        'a template in a template': 'const a = `${`b`}`;\n',
        'a string without end': "const a = 'x;\n",
        'a character that is none': 'const a = #x;\n',
    };
    for (const [name, code] of Object.entries(bad)) {
        const packed = pack(put('bad.js', code));
        assert.notEqual(packed.status, 0, name);
        assert.match(packed.stderr, /script\.awk: /, name);
    }
});

test('texts: what lacks one, has one more, or has one twice is refused', () => {
    const texts = (...contents) =>
        awk(
            'texts.awk',
            { keys: join(folder, 'out') },
            contents.map((content, i) => put(`${'abc'[i]}.txt`, content)),
        );
    const good = texts('# note\nlanguage A\none Say {} twice\n', 'one Zwei {}\nlanguage B\n');
    assert.equal(good.status, 0, good.stderr);
    assert.equal(
        show(run(good.stdout + 'history.result = TEXTS;')),
        show({ a: 'A\nSay {} twice', b: 'B\nZwei {}' }),
    );
    assert.equal(readFileSync(join(folder, 'out'), 'utf8'), 'language 0\none 1\n');
    for (const second of [
        'language B\n',
        'language B\none x\ntwo y\n',
        'language B\none x\none y\n',
        'language B\none \n',
        'language B\none `x`\n',
        'language B\none ${x}\n',
        'language B\none a\\b\n',
    ])
        assert.notEqual(texts('language A\none x\n', second).status, 0, second);
});

test('the document: quotes, end tags, texts, comments', () => {
    const style = put('s.css', 'b{color:red}\n');
    const script = put('s.js', "let a='\\n&';\nlet b;\n");
    const page = source => awk('html.awk', { keys, style, script }, [put('p.html', source)]);
    const good = page(`<!doctype html>
<!-- a comment -->
<!-- style -->
<p class="one" title="two words" data-t="second"></p>
<ul><li>x</li><li data-t="first"></li></ul>
<!-- script -->
`);
    assert.equal(
        good.stdout,
        '<!doctype html><style>b{color:red}</style><p class=one title="two words" ' +
            "data-t=17></p><ul><li>x<li data-t=0></ul><script>let a='\\n&';\nlet b;</script>\n",
    );
    assert.notEqual(page('<p data-t="third"></p>\n').status, 0);
    assert.notEqual(
        awk('html.awk', { keys, style: join(folder, 'none'), script }, [
            put('p.html', '<!-- style -->\n'),
        ]).status,
        0,
    );
});

test('the style sheet', () => {
    const sheet = awk('style.awk', {}, [
        put(
            'p.css',
            `/* SPDX-License-Identifier: Apache-2.0 */
@media (a: b) {
    a > b, .c :first-child {
        margin: 0 1px;
        content: "✓";
    }
}
`,
        ),
    ]);
    assert.equal(sheet.stdout, '@media (a:b){a > b,.c :first-child{margin:0 1px;content:"✓"}}\n');
});

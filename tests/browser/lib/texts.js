// SPDX-License-Identifier: Apache-2.0
// What the page says in a language: { name: text }, from web/setup/texts/.
import { readFileSync } from 'node:fs';

export function textsOf(language) {
    const file = new URL(`../../../web/setup/texts/${language}.txt`, import.meta.url);
    return Object.fromEntries(
        readFileSync(file, 'utf8')
            .split('\n')
            .filter(line => line && line[0] !== '#')
            .map(line => [line.split(' ')[0], line.slice(line.indexOf(' ') + 1)]),
    );
}

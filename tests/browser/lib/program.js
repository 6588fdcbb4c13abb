// SPDX-License-Identifier: Apache-2.0
// A program of this system that a test runs: its lines as they come, waits with a bound, an end that
// is certain (also when the test itself is killed).
import { spawn, spawnSync } from 'node:child_process';

const STOP_MS = 10000;

export class Program {
    // enter: words in front of the command, e.g. to run it in a namespace.
    constructor(command, { enter = [], input = false } = {}) {
        const words = ['setpriv', '--pdeathsig', 'KILL', ...enter, ...command].map(String);
        this.name = words.slice(3).join(' ');
        this.lines = [];
        this.watchers = new Set();
        this.exitCode = null;
        this.child = spawn(words[0], words.slice(1), { stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
        this.ended = new Promise(resolve => this.child.on('close', (code, signal) => {
            this.exitCode = code ?? signal;
            this.wake();
            resolve(this.exitCode);
        }));
        this.child.on('error', error => this.lines.push(String(error)));
        for (const stream of [this.child.stdout, this.child.stderr])
            this.gather(stream);
    }

    // Bytes that are no UTF-8 are kept: one character each.
    gather(stream) {
        let rest = '';
        stream.setEncoding('latin1');
        stream.on('data', text => {
            const parts = (rest + text).split('\n');
            rest = parts.pop();
            this.lines.push(...parts);
            this.wake();
        });
        stream.on('end', () => rest && this.lines.push(rest));
    }

    wake() {
        for (const watcher of this.watchers)
            watcher();
    }

    get isRunning() {
        return this.exitCode === null;
    }

    // The lines that hold text, from line `first` on.
    find(text, first = 0) {
        return this.lines.slice(first).filter(line => line.includes(text));
    }

    // Until there are so many lines that hold text: the last of them.
    async waitFor(text, { count = 1, first = 0, timeoutMs = 30000 } = {}) {
        const found = await this.until(() => this.find(text, first)[count - 1], timeoutMs);
        if (found === undefined)
            throw new Error(`"${text}" did not come from: ${this.name}\n${this.story()}`);
        return found;
    }

    // Until look() is not undefined, the program ends, or the time is over.
    until(look, timeoutMs) {
        return new Promise(resolve => {
            const end = value => {
                clearTimeout(timer);
                this.watchers.delete(watcher);
                resolve(value);
            };
            const watcher = () => {
                const value = look();
                if (value !== undefined || !this.isRunning)
                    end(value);
            };
            const timer = setTimeout(() => end(look()), timeoutMs);
            this.watchers.add(watcher);
            watcher();
        });
    }

    // Ask it to end; its exit code. One that does not is killed.
    async stop(signal = 'SIGTERM') {
        if (this.isRunning)
            this.child.kill(signal);
        const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
        const code = await this.ended;
        clearTimeout(timer);
        return code;
    }

    // The last lines, for a person who has to find out what happened.
    story(count = 60) {
        return [`$ ${this.name}`, ...this.lines.slice(-count), `(exit code ${this.exitCode ?? 'none: it runs'})`]
            .join('\n');
    }
}

// Run a command that ends soon: { code, output, errors }.
export function run(command, { input = '', timeoutMs = 60000 } = {}) {
    const [name, ...words] = command.map(String);
    const done = spawnSync(name, words, { input, timeout: timeoutMs, encoding: 'latin1' });
    return { code: done.status, output: done.stdout ?? '', errors: (done.stderr ?? '') + (done.error ?? '') };
}

// The same, for commands that must work: the output.
export function mustRun(command, options) {
    const done = run(command, options);
    if (done.code !== 0)
        throw new Error(`failed (${done.code}): ${command.join(' ')}\n${done.output}${done.errors}`);
    return done.output;
}

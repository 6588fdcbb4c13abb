// SPDX-License-Identifier: Apache-2.0
// Somebody in the middle: takes the browser's requests, passes them to the device and its answers back,
// and may read, change, keep or invent any of them. A device closes each connection after its answer,
// so a connection here is one request and one answer.
import { connect, createServer } from 'node:net';

const HEAD_END = '\r\n\r\n';

// { head, body } of an HTTP message; null while it is not complete.
export function splitMessage(bytes) {
    const end = bytes.indexOf(HEAD_END);
    if (end < 0)
        return null;
    const head = bytes.toString('latin1', 0, end);
    const size = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    const body = bytes.subarray(end + HEAD_END.length);
    return body.length < size ? null : { head, body: body.subarray(0, size) };
}

export function joinMessage({ head, body }) {
    const fitting = head.replace(/^(content-length:) *\d+/im, `$1 ${body.length}`);
    return Buffer.concat([Buffer.from(fitting + HEAD_END, 'latin1'), body]);
}

export const pathOf = message => message.head.split(' ')[1];

// All bytes until the other side ends, or until isWhole says that it is enough.
function gather(socket, isWhole = () => false) {
    return new Promise(resolve => {
        let bytes = Buffer.alloc(0);
        const end = () => resolve(bytes);
        socket.on('data', part => {
            bytes = Buffer.concat([bytes, part]);
            if (isWhole(bytes))
                end();
        });
        for (const event of ['end', 'close', 'error'])
            socket.on(event, end);
    });
}

export class Relay {
    // change: { request(message), answer(message, request) }: return the message to pass on, another
    // one, or null to let it vanish; may be async. Without them everything passes.
    constructor(devicePort, change = {}) {
        Object.assign(this, { devicePort, change });
        this.seen = []; // { request, answer } as they came
        this.sockets = new Set();
    }

    async open() {
        this.server = createServer(socket => {
            this.sockets.add(socket);
            socket.on('close', () => this.sockets.delete(socket));
            socket.on('error', () => {});
            this.serve(socket).catch(() => socket.destroy());
        });
        await new Promise(resolve => this.server.listen(0, '127.0.0.1', resolve));
        this.port = this.server.address().port;
        return this;
    }

    // Send a message to the device: its answer, or null.
    async ask(message) {
        const socket = connect(this.devicePort, '127.0.0.1');
        const answer = gather(socket);
        socket.write(joinMessage(message));
        return splitMessage(await answer);
    }

    async serve(socket) {
        const request = splitMessage(await gather(socket, bytes => splitMessage(bytes) !== null));
        const exchange = { request, answer: null };
        if (!request)
            return;
        this.seen.push(exchange);
        const passed = this.change.request ? await this.change.request(request) : request;
        exchange.answer = passed && await this.ask(passed);
        const answer = exchange.answer && this.change.answer
            ? await this.change.answer(exchange.answer, request) : exchange.answer;
        if (answer)
            socket.end(joinMessage(answer));
        else
            socket.destroy();
    }

    // Everything that went through, as one.
    get bytes() {
        return Buffer.concat(this.seen.flatMap(({ request, answer }) =>
            [request, answer].filter(Boolean).map(joinMessage)));
    }

    close() {
        for (const socket of this.sockets)
            socket.destroy();
        return new Promise(resolve => this.server.close(resolve));
    }
}

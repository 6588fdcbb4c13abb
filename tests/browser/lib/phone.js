// SPDX-License-Identifier: Apache-2.0
// A phone in front of a device's own network: a network namespace with one Wi-Fi interface, wlan0,
// in which Debian's DHCP client and Chromium run as on any device. Everything else of the test (device,
// release host) runs in a namespace as well, the home: nothing is seen by the machine or outlives it.
// As tests/lib/fixture_phone.c, for browsers.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, mustRun, run } from './program.js';
import { BUILD } from './real_world.js';

const BRIDGE = join(BUILD, 'tests/tools/air_bridge');
const WIFI = 'wlan0';

// A process that does nothing but keep a network and a mount namespace alive.
async function openNamespace(enter, resolv) {
    const words = 'mount --make-rprivate / && mount --bind "$0" /etc/resolv.conf && ' +
        'ip link set lo up && echo ready $$ && exec sleep infinity';
    const user = process.geteuid() === 0 || enter.length ? [] : ['--map-root-user'];
    const holder = new Program([...enter, 'unshare', ...user, '--net', '--mount', 'sh', '-c', words, resolv]);
    const pid = (await holder.waitFor('ready ')).split(' ')[1];
    const inside = ['nsenter', ...(user.length ? ['--user', '--preserve-credentials'] : []), '--target', pid, '--net',
        '--mount'];
    return { holder, pid, enter: inside };
}

// May this user have namespaces at all? Root must.
export function canHavePhones() {
    const user = process.geteuid() === 0 ? [] : ['--map-root-user'];
    return process.geteuid() === 0 || run(['unshare', ...user, '--net', '--mount', 'true']).code === 0;
}

export class Phone {
    async open(number = 1) {
        this.folder = mkdtempSync(join(tmpdir(), 'lcm-phone-'));
        this.number = number;
        this.air = 'air' + number;
        this.mac = '0200000000' + number.toString(16).padStart(2, '0');
        this.resolv = join(this.folder, 'resolv.conf');
        this.lease = join(this.folder, 'lease');
        this.script = join(this.folder, 'script');
        writeFileSync(this.resolv, '');
        this.home = await openNamespace([], this.resolv);
        this.own = await openNamespace([...this.home.enter], this.resolv);
        this.atHome('ip', 'link', 'add', this.air, 'arp', 'off', 'type', 'veth', 'peer', 'name', WIFI, 'address',
            this.mac.match(/../g).join(':'), 'netns', this.own.pid);
        this.atHome('ip', 'link', 'set', this.air, 'up');
        this.atPhone('ethtool', '--offload', WIFI, 'tx', 'off', 'tso', 'off', 'gso', 'off');
        this.atPhone('ip', 'link', 'set', WIFI, 'up');
        this.writeScript();
        return this;
    }

    atHome(...words) {
        return mustRun([...this.home.enter, ...words]);
    }

    atPhone(...words) {
        return mustRun([...this.own.enter, ...words]);
    }

    // What udhcpc calls: a phone's own would do the same.
    writeScript() {
        writeFileSync(this.script, `#!/bin/sh
case $1 in
deconfig) ip address flush dev $interface ;;
bound) ip address add $ip/$mask dev $interface
    ip route add default via $router dev $interface
    echo "nameserver $dns" >/etc/resolv.conf
    echo $ip $router $dns >${this.lease} ;;
esac
`);
        chmodSync(this.script, 0o700);
    }

    // A phone that browses there.
    get browser() {
        const program = join(this.folder, 'chromium');
        writeFileSync(program, `#!/bin/sh\nexec ${this.own.enter.join(' ')} chromium "$@"\n`);
        chmodSync(program, 0o700);
        return program;
    }

    // Join the access point behind the socket of lcm emu --station.
    async join(socket, name, password) {
        this.bridge = new Program([BRIDGE, socket, this.air, this.mac, name, password], { enter: this.home.enter });
        await this.bridge.waitFor('joined');
    }

    async leave() {
        await this.bridge?.stop();
    }

    // The other end is an interface of the home: 192.168.4.1/24, and every address but those of phones
    // (port/host/host_access_point.h).
    attach() {
        this.atHome('ip', 'link', 'set', this.air, 'arp', 'on');
        this.atHome('ip', 'address', 'add', '192.168.4.1/24', 'dev', this.air);
        this.atHome('ip', 'route', 'add', '192.168.4.0/24', 'dev', this.air, 'table', 'local');
        this.atHome('ip', 'route', 'add', 'local', 'default', 'dev', 'lo', 'table', 'local');
    }

    // Ask for an address as phones do: [address, router, name server].
    askAddress() {
        this.atPhone('udhcpc', '-i', WIFI, '-n', '-q', '-f', '-t', '6', '-T', '2', '-A', '1', '-s', this.script);
        return readFileSync(this.lease, 'utf8').trim().split(' ');
    }

    async close() {
        await this.leave();
        for (const namespace of [this.own, this.home])
            await namespace?.holder.stop('SIGKILL');
        rmSync(this.folder, { recursive: true, force: true });
    }
}

// SPDX-License-Identifier: Apache-2.0
// The form: shows what the device has, and makes of it the items of what a person changed. A field
// that was not touched is not sent, so it stays as it is; a stored password is never shown.
import { isEqual, toHex, utf8 } from './bytes.js';
import { itemOf, numberOf } from './messages.js';
import { parseFingerprint, parseNetworkName, parseNumber, parsePassword, parseRepository, parseText,
    showBytes } from './fields.js';
import { barsOf, listNetworks } from './networks.js';
import { blame, byId, forgive, setHidden, setText } from './view.js';

const ITEM_NETWORK_NAME = 0x10;
const ITEM_PASSWORD = 0x11;
const ITEM_HAS_BETA = 0x34;
const ITEM_HAS_PASSWORD = 0x35;
const NOT_HEARD = -99;

// 0 is what an absent number means.
function showNumber(bytes) {
    return String(bytes[0] << 24 >> 24 || '');
}

// Element, tag; parser and how a value is shown where it is not just text.
const FIELDS = [
    ['repo', 0x12, parseRepository],
    ['file', 0x13],
    ['key', 0x14, parseFingerprint, toHex],
    ['channel', 0x15, parseNumber, showNumber],
    ['unsigned', 0x16, parseNumber, showNumber],
    ['params', 0x17],
    ['led', 0x18, parseNumber, showNumber],
    ['syslog', 0x19],
    ['server', 0x1a],
];

let stored = [];
let before = [];
let networks = [];

function valueOf(id) {
    const element = byId(id);
    return element.type !== 'checkbox' ? element.value : element.checked ? '1' : '';
}

// One choice for each pin that can carry a light, and for each level that lights it.
export function fillPins() {
    for (const pin of [1, 2, 3, 4, 5, 12, 13, 14, 15])
        for (const level of [0, 1])
            byId('led').add(new Option('GPIO ' + pin + ' = ' + level, level ? -pin : pin));
}

function checkedRadio() {
    return document.querySelector('[name=network]:checked');
}

// A network of the list, one without a name for a name typed by hand, or nothing.
function selectedNetwork() {
    const radio = checkedRadio();
    return radio && (networks.find(network => network.key === radio.value) || { secured: true });
}

// What the device has now; an open network of the same name may be somebody else's.
function isStored(network) {
    return network.secured === numberOf(stored, ITEM_HAS_PASSWORD) > 0 &&
        isEqual(itemOf(stored, ITEM_NETWORK_NAME), network.name || []);
}

export function showSelection() {
    const network = selectedNetwork() || {};
    setHidden('named', !byId('other').checked);
    setHidden('secret', !network.secured);
    setText(byId('hint'), !network.name ? TEXT.openHint : isStored(network) ? TEXT.stored : -1);
}

function networkRow(network, isChecked) {
    const row = byId('row').content.cloneNode(true).firstChild;
    const [radio, name, lock, bars] = row.children;
    const count = barsOf(network.signal);
    radio.value = network.key;
    radio.checked = isChecked;
    name.textContent = showBytes(network.name);
    if (!network.secured)
        lock.remove();
    // Each bar is seven characters of the path.
    bars.setAttribute('aria-label', count + '/4');
    bars.lastChild.setAttribute('d', bars.firstChild.getAttribute('d').slice(0, 7 * count));
    row.title = network.signal + ' dBm, CH ' + network.channel;
    return row;
}

// Shows what a scan found, with the same network selected and in focus as before. The stored one is
// in the list, also when the scan did not hear it.
export function setNetworks(items) {
    const radio = checkedRadio();
    const hasFocus = radio === document.activeElement;
    const name = itemOf(stored, ITEM_NETWORK_NAME);
    const secured = numberOf(stored, ITEM_HAS_PASSWORD);
    networks = listNetworks(items);
    if (name.length && !networks.some(isStored))
        networks.push({
            signal: NOT_HEARD, channel: '?', secured: secured > 0, name: name,
            key: toHex([secured, ...name]),
        });
    byId('list').replaceChildren(...networks.map(network =>
        networkRow(network, radio ? radio.value === network.key : isStored(network))));
    if (radio && hasFocus)
        (checkedRadio() || byId('other')).focus();
    showSelection();
}

// items: the device's answer to a read.
export function fillForm(items) {
    stored = items;
    before = FIELDS.map(([id, tag, , show = showBytes]) => {
        byId(id).value = show(itemOf(items, tag));
        byId(id).checked = numberOf(items, tag);
        return valueOf(id);
    });
    setHidden('emergency', !numberOf(items, ITEM_HAS_BETA));
    setNetworks([]);
}

// The element a refused value belongs to.
export function elementOf(tag) {
    const field = FIELDS.find(entry => entry[1] === tag);
    return byId(field ? field[0] : tag === ITEM_PASSWORD ? 'password' : 'name');
}

// Items for the network, or nothing when a person has to look again.
function networkItems() {
    const network = selectedNetwork();
    const typed = byId('password').value;
    if (network ? isStored(network) && !(network.secured && typed)
        : itemOf(stored, ITEM_NETWORK_NAME).length)
        return [];
    if (!network)
        return blame(byId('other'), TEXT.check);
    const name = network.name || parseNetworkName(byId('name').value);
    const isOpen = !network.secured || !network.name && !typed;
    const password = isOpen ? utf8('') : parsePassword(typed);
    return !name ? blame(byId('name'), TEXT.check)
        : !password ? blame(byId('password'), TEXT.passwordHint)
            : [[ITEM_NETWORK_NAME, name], [ITEM_PASSWORD, password]];
}

// Items of everything that was changed, or nothing when a person has to look again.
export function changedItems() {
    forgive();
    const items = networkItems();
    for (const [i, [id, tag, parse = parseText]] of FIELDS.entries())
        if (items && valueOf(id) !== before[i]) {
            const bytes = parse(valueOf(id));
            if (!bytes)
                return blame(byId(id), TEXT.check);
            items.push([tag, bytes]);
        }
    return items;
}

export function hasRepository() {
    return byId('repo').value !== '';
}

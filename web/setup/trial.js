// SPDX-License-Identifier: Apache-2.0
// How the device's attempt goes and how it ended: docs/SPEC.md 11.3, items 0x50 to 0x56.
import { itemOf, numberOf } from './messages.js';
import { showBytes } from './fields.js';
import { byId, setHidden, setText } from './view.js';

const ITEM_PHASE = 0x50;
const ITEM_ERROR = 0x51;
const ITEM_FAILED_PHASE = 0x52;
const ITEM_ADDRESS = 0x53;
const ITEM_RELEASE = 0x54;
const ITEM_STORED = 0x55;
const PHASE_JOIN = 1;
const PHASE_FILE = 5;
const PHASE_DONE = 6;
const PHASE_FAILED = 7;
const ERROR_WIFI = 27;
const ERROR_TLS = 33;
const ERROR_NOT_FOUND = 37;

// Numbers of include/lcm/err.h, and what a person can do about them.
const REASONS = {
    12: TEXT.noFile, 25: TEXT.badPassword, 26: TEXT.notFound, 28: TEXT.noDns, 34: TEXT.certificate,
    37: TEXT.noRepo, 43: TEXT.noRepo, 44: TEXT.noRepo, 51: TEXT.noAddress,
};

// States of an attempt.
export const NONE = 0;
export const RUNNING = 1;
export const FAILED = 2;
export const DONE = 3;

export function stateOf(items) {
    const phase = numberOf(items, ITEM_PHASE);
    return phase === PHASE_DONE || numberOf(items, ITEM_STORED) ? DONE
        : phase === PHASE_FAILED ? FAILED : phase ? RUNNING : NONE;
}

// The number of the text that says why.
export function reasonOf(error, phase) {
    if (error === ERROR_NOT_FOUND && phase === PHASE_FILE)
        return TEXT.noFile;
    if (REASONS[error] || error < ERROR_WIFI || error > ERROR_TLS)
        return REASONS[error] || TEXT.otherError;
    return phase === PHASE_JOIN ? TEXT.noJoin : TEXT.noHost;
}

// Values that were stored without an attempt: a device that joined a network has an address there.
function isUntried(items) {
    return stateOf(items) === DONE && !itemOf(items, ITEM_ADDRESS).length;
}

// element says how the last attempt ended.
export function tellResult(element, items) {
    const state = stateOf(items);
    const error = numberOf(items, ITEM_ERROR);
    const phase = numberOf(items, ITEM_FAILED_PHASE);
    setText(element, state === FAILED ? reasonOf(error, phase) : state !== DONE ? -1
        : isUntried(items) ? TEXT.saved : TEXT.works,
    error + '/' + phase);
}

// count: how many steps this attempt has. canForce: its values are still here to be stored anyway.
export function drawTrial(items, count, canForce, name) {
    const state = stateOf(items);
    const at = numberOf(items, state === FAILED ? ITEM_FAILED_PHASE : ITEM_PHASE);
    tellResult(byId(state === DONE ? 'state' : 'why'), items);
    if (state !== DONE)
        setText(byId('state'), state === FAILED ? TEXT.failed : TEXT.moment);
    Array.from(byId('steps').children, (step, i) => {
        step.hidden = i >= count;
        step.className = i + 1 < at ? 'ok' : i + 1 > at ? '' : state === FAILED ? 'no' : 'now';
    });
    setHidden('steps', isUntried(items));
    setText(byId('rejoin'), state === RUNNING ? TEXT.rejoin : -1, name);
    setHidden('failed', state !== FAILED);
    setHidden('anyway', !canForce);
    setHidden('done', state !== DONE);
    byId('address').textContent = itemOf(items, ITEM_ADDRESS).join('.');
    byId('release').textContent = showBytes(itemOf(items, ITEM_RELEASE));
}

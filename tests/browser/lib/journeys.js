// SPDX-License-Identifier: Apache-2.0
// Whole ways through the page that must end well on any device. They are given what the device's
// world offers and return what the page said, for the caller to compare.
//
// wishes: { network, password, repository, and values of other fields by id }

// The network a person picks, or types when the list does not have it.
async function pickNetwork(setup, wishes) {
    if (wishes.isHidden) {
        await setup.chooseOther();
        await setup.fill('name', wishes.network);
    } else if (wishes.network) await setup.chooseNetwork(wishes.network);
    if (wishes.password) await setup.fill('password', wishes.password);
}

// Fills in the form and sends it. The code has been entered.
export async function submit(setup, wishes) {
    await pickNetwork(setup, wishes);
    for (const id of ['repo', 'file', 'key', 'params', 'syslog', 'server'])
        if (wishes[id] !== undefined) await setup.fill(id, wishes[id]);
    for (const id of ['channel', 'led'])
        if (wishes[id] !== undefined) await setup.select(id, wishes[id]);
    if (wishes.unsigned !== undefined) await setup.check('unsigned', wishes.unsigned);
    await setup.save();
}

// From opening the page to the end of the attempt.
export async function setUp(setup, wishes) {
    await setup.enter();
    await submit(setup, wishes);
    const result = await setup.result();
    return {
        result,
        heading: await setup.text('#state'),
        why: await setup.text('#why'),
        address: await setup.text('#address'),
        release: await setup.text('#release'),
        steps: await setup.steps(),
    };
}

// A wrong password first; the person reads why, goes back and corrects it. Returns both outcomes.
export async function setUpAfterWrongPassword(setup, wishes, wrong) {
    const first = await setUp(setup, { ...wishes, password: wrong });
    await setup.press('#change');
    await setup.fill('password', wishes.password);
    await setup.save();
    const result = await setup.result();
    return {
        first,
        result,
        address: await setup.text('#address'),
        release: await setup.text('#release'),
    };
}

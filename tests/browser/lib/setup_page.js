// SPDX-License-Identifier: Apache-2.0
// A person in front of the page: opens it, reads it, types and clicks, or does all of it with the
// keyboard. Works against any device: target says where it is and what its code is, and knows of
// the page only what a person sees. Elements are found by their ids.
//
// target: { base, code, name }
export class SetupPage {
    constructor(page, target) {
        this.page = page;
        this.target = target;
        this.isKeyboard = false;
    }

    async open(fragment = '#' + this.target.code) {
        await this.page.goto('about:blank');
        await this.page.goto(this.target.base + '/' + fragment);
        await this.page.waitForSelector('#open:enabled');
    }

    async connect() {
        await this.press('#open');
        await this.page.waitForSelector('#form:not([hidden]), #trial:not([hidden])');
    }

    // From nothing to the form, with the list of networks complete.
    async enter() {
        await this.open();
        await this.connect();
        await this.scanEnd();
    }

    scanEnd() {
        return this.page.waitForSelector('#scan:enabled');
    }

    text(selector) {
        return this.page.textContent(selector);
    }

    isVisible(selector) {
        return this.page.isVisible(selector);
    }

    // [{ name, title, isSecured, bars, isChecked }]
    networks() {
        return this.page.$$eval('#list .row', rows =>
            rows.map(row => ({
                name: row.querySelector('b').textContent,
                title: row.title,
                isSecured: row.querySelector('[aria-label=WPA]') !== null,
                bars: row.querySelector('[aria-label$="/4"]').getAttribute('aria-label'),
                isChecked: row.querySelector('input').checked,
            })),
        );
    }

    async chooseNetwork(name) {
        const index = (await this.networks()).findIndex(network => network.name === name);
        if (index < 0) throw new Error(`no network ${name} in the list`);
        await this.choose(`#list .row:nth-child(${index + 1}) input`);
    }

    chooseOther() {
        return this.choose('#other');
    }

    async fill(id, value) {
        await this.reveal('#' + id);
        if (!this.isKeyboard) return this.page.fill('#' + id, value);
        await this.focus('#' + id);
        await this.page.keyboard.press('ControlOrMeta+A');
        await (value ? this.page.keyboard.type(value) : this.page.keyboard.press('Delete'));
    }

    async select(id, value) {
        await this.reveal('#' + id);
        await this.page.selectOption('#' + id, value);
    }

    async check(id, isOn) {
        await this.reveal('#' + id);
        if ((await this.page.isChecked('#' + id)) !== isOn) await this.press('#' + id, 'Space');
    }

    save() {
        return this.press('#form button:not([type])');
    }

    // How the attempt ends: 'failed' or 'done'.
    async result() {
        const element = await this.page.waitForSelector(
            '#failed:not([hidden]), #done:not([hidden])',
            { timeout: 120000 },
        );
        return element.getAttribute('id');
    }

    steps() {
        return this.page.$$eval('#steps li', items =>
            items.filter(item => !item.hidden).map(item => [item.textContent, item.className]),
        );
    }

    // Opens the parts of the page the element is folded into.
    async reveal(selector) {
        for (;;) {
            const summary = await this.page.evaluateHandle(wanted => {
                const folded = [...document.querySelectorAll('details:not([open])')].filter(
                    details => details.contains(document.querySelector(wanted)),
                );
                return folded.length ? folded[0].querySelector('summary') : null;
            }, selector);
            if (!summary.asElement()) return;
            await summary.evaluate(element => element.setAttribute('data-wanted', ''));
            await this.press('[data-wanted]');
            await this.page.evaluate(() =>
                document.querySelector('[data-wanted]').removeAttribute('data-wanted'),
            );
        }
    }

    async press(selector, key = 'Enter') {
        if (!this.isKeyboard) return this.page.click(selector);
        await this.focus(selector);
        await this.page.keyboard.press(key);
    }

    // One button of a group: the group is one stop of the tabulator, arrows move within it.
    async choose(selector) {
        if (!this.isKeyboard) return this.page.click(selector);
        await this.focus('[name=network]');
        await this.page.keyboard.press('Space');
        for (let i = 0; i < 40 && !(await this.isFocused(selector)); i++)
            await this.page.keyboard.press('ArrowDown');
        if (!(await this.page.isChecked(selector)))
            throw new Error(`${selector} cannot be reached by arrows`);
    }

    isFocused(selector) {
        return this.page.evaluate(wanted => document.activeElement.matches(wanted), selector);
    }

    // By the tabulator only, forwards, once around the page and on.
    async focus(selector) {
        for (let i = 0; i < 80; i++) {
            if (await this.isFocused(selector)) return;
            await this.page.keyboard.press('Tab');
        }
        throw new Error(`${selector} cannot be reached by the tabulator`);
    }
}

// SPDX-License-Identifier: Apache-2.0
// The document: texts in the chosen language, one view at a time, messages. What came from outside
// becomes text of a node, never markup. TEXT.name is the number of a text, TEXTS has the texts of
// each language; the build makes both of texts/.

export function byId(id) {
    return document.getElementById(id);
}

function textsOf(language) {
    return TEXTS[language].split('\n');
}

// The element says this in every language from now on; -1 empties it.
export function setText(element, number, value = '') {
    element.dataset.t = number;
    element.dataset.v = value;
    const text = textsOf(document.documentElement.lang)[number] || '';
    element.textContent = text.split('{}').join(value);
}

export function speak(language) {
    document.documentElement.lang = language;
    for (const element of document.querySelectorAll('[data-t]'))
        setText(element, element.dataset.t, element.dataset.v);
}

export function preferredLanguage() {
    const languages = (navigator.languages || []).map(language => language.slice(0, 2));
    return languages.find(language => TEXTS[language]) || 'en';
}

export function fillLanguages(select) {
    for (const language in TEXTS)
        select.add(new Option(textsOf(language)[TEXT.language], language));
}

export function setHidden(id, isHidden) {
    byId(id).hidden = isHidden;
}

export function isShown(id) {
    return !byId(id).hidden;
}

// The status line at the top.
export function say(number, value) {
    setText(byId('say'), number, value);
}

export function forgive() {
    for (const element of document.querySelectorAll('[aria-invalid]'))
        element.removeAttribute('aria-invalid');
    setText(byId('fault'), -1);
}

// Marks a field as wrong and says so below it.
export function blame(element, number) {
    (element.closest('details') || {}).open = true;
    element.setAttribute('aria-invalid', 'true');
    element.setAttribute('aria-describedby', 'fault');
    element.closest('label').after(byId('fault'));
    setText(byId('fault'), number);
    element.focus();
}

// Shows one of the four views and reads its heading to people who cannot see it.
export function showView(id) {
    for (const view of document.querySelectorAll('form,section'))
        view.hidden = view.id !== id;
    forgive();
    say(-1);
    scrollTo(0, 0);
    byId(id).querySelector('h2').focus();
}

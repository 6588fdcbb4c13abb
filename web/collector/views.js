// SPDX-License-Identifier: Apache-2.0
// Building blocks of the page. Everything a device said becomes a text node, never markup.
'use strict';

function el(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return node;
}

const STATES = {
  healthy: ['good', 'healthy', 'Up to date, and the report is signed with the device’s telemetry key'],
  ok: ['good', 'ok', 'The device says it is up to date'],
  checking: ['busy', 'checking', 'Looking for updates'],
  updating: ['busy', 'updating', 'Installing'],
  failing: ['bad', 'failing', 'The last attempt failed; the app runs on'],
  'cert-invalid': ['warn', 'certificate', 'The release host’s certificate is not trusted: nothing is installed'],
  'rolled-back': ['bad', 'rolled back', 'A new version did not start and was taken back'],
  setup: ['warn', 'set-up', 'Reset, waits to be set up'],
  unknown: ['', 'unknown', 'Speaks, but not about its life cycle'],
};

function pill(state) {
  const [kind, text, title] = STATES[state] || STATES.unknown;
  return el('span', { class: `pill ${kind}`, title }, text);
}

function ago(seconds, now) {
  if (!seconds) return 'never';
  const s = Math.max(0, now - seconds);
  for (const [size, word] of [[86400, 'd'], [3600, 'h'], [60, 'min']])
    if (s >= size) return `${Math.floor(s / size)} ${word} ago`;
  return s < 5 ? 'just now' : `${Math.floor(s)} s ago`;
}

function when(seconds, now) {
  if (!seconds) return el('span', { class: 'quiet' }, 'never');
  const date = new Date(seconds * 1000);
  return el('time', { datetime: date.toISOString(), title: date.toLocaleString() }, ago(seconds, now));
}

function clock(seconds) {
  const date = new Date(seconds * 1000);
  return el('time', { datetime: date.toISOString() }, date.toLocaleString([], { dateStyle: 'short', timeStyle: 'medium' }));
}

const number = (n) => Number(n).toLocaleString();
const percent = (part, whole) => (whole ? `${Math.round(1000 * part / whole) / 10} %` : '–');
const count = (n, one, many) => `${number(n)} ${n === 1 ? one : many}`;
const deviceLink = (id) => el('a', { href: `#/device/${encodeURIComponent(id)}`, class: 'mono' }, id);
const versionChange = (e) => (e.from && e.to ? `${e.from} → ${e.to}` : e.to || e.from);

function cell(label, attributes, ...children) {
  const blank = children.every((c) => c === '' || c === null || c === undefined);
  return el('td', { 'data-label': label, ...attributes, class: [attributes && attributes.class, blank && 'blank'].filter(Boolean).join(' ') || undefined }, ...children);
}

function tile(label, value, note, kind, query, active) {
  return el('a', { class: `tile ${kind || ''}`, href: `#/${query}`, 'aria-pressed': active ? 'true' : undefined, 'data-tile': label },
    el('span', {}, label), el('strong', {}, value), note ? el('em', {}, note) : null);
}

function notice(kind, title, text, ...steps) {
  return el('div', { class: `notice ${kind}` }, el('div', {}, el('b', {}, title), text ? el('span', {}, text) : null,
    steps.length ? el('div', { class: 'step' }, ...steps) : null));
}

function certificateNotice(summary) {
  const c = summary.certificate_invalid;
  if (!c.devices) return null;
  return notice('', `Server certificate invalid: ${count(c.devices, 'device does', 'devices do')} not trust ${c.host || 'the release host'}`,
    `First seen ${new Date(c.since * 1000).toLocaleString()}. Devices run on, and install nothing until it is settled.`,
    'Next step: publish a new certificate set: ', el('code', {}, 'lcm trust build'), ', then a release with it. Devices fetch it over the untrusted connection; the owner’s signature decides. ',
    el('a', { href: '#/?state=cert-invalid' }, 'Show the devices'));
}

function emptyState(summary) {
  const port = summary.syslog_port;
  const host = location.hostname === 'localhost' || location.hostname.startsWith('127.') ? 'ADDRESS-OF-THIS-MACHINE' : location.hostname;
  const wave = svg('svg', { viewBox: '0 0 64 64', fill: 'none', stroke: 'currentColor', 'stroke-width': 3, 'stroke-linecap': 'round', 'aria-hidden': 'true' },
    svg('path', { d: 'M16 28a22 22 0 0 1 32 0M22 35a14 14 0 0 1 20 0' }), svg('circle', { cx: 32, cy: 44, r: 3, fill: 'currentColor' }));
  return el('section', { class: 'card empty' }, wave, el('h1', {}, 'No device has reported yet'),
    el('p', { class: 'quiet' }, 'This page fills itself as soon as one does. To point a device here, give it this setting:'),
    el('pre', {}, `lcm_syslog=${host}:${port}`),
    el('p', { class: 'quiet' }, 'In the set-up page of the device, or with a new flash image: '),
    el('pre', {}, `lcm flash compose ... --set lcm_syslog=${host}:${port}`),
    el('p', { class: 'quiet small' }, 'Devices in the same network that broadcast their reports to UDP port 45678 are heard without any setting.'));
}

const COLUMNS = [
  ['id', 'Device'], ['state', 'State'], ['app', 'App'], ['repo', 'Repository'], ['channel', 'Channel'],
  ['lcm', 'Updater'], ['last_seen', 'Last seen'], ['reboots', 'Restarts'],
];

function deviceRow(d, now, latest, isFresh) {
  const newest = latest.get(`${d.repo} ${d.channel}`);
  const isOld = d.app && newest && compareVersions(d.app, newest) < 0;
  const note = d.error || (d.state === 'unknown' ? d.last_text : '');
  return el('tr', { 'data-id': d.id, class: isFresh ? 'fresh' : undefined },
    cell('Device', {}, el('span', { class: `dot ${d.online ? 'on' : ''}`, title: d.online ? 'online' : 'stale' }), deviceLink(d.id),
      el('span', { class: 'sub' }, d.source)),
    cell('State', {}, el('span', {}, pill(d.state), d.verdict === 'forged' ? el('span', { class: 'pill bad' }, 'forged') : null,
      note ? el('span', { class: 'sub', title: note }, note) : null)),
    cell('App', {}, d.app ? el('span', {}, d.app, isOld ? el('span', { class: 'old' }, ` → ${newest}`) : null) : ''),
    cell('Repository', {}, d.repo ? el('span', {}, d.repo, d.file && d.file !== 'main.bin' ? el('span', { class: 'sub' }, d.file) : null) : ''),
    cell('Channel', {}, d.channel), cell('Updater', {}, d.lcm),
    cell('Last seen', {}, when(d.last_seen, now)),
    cell('Restarts', { class: 'number' }, number(d.reboots)));
}

function sortHeader(key, label, query, go) {
  const isSorted = query.sort === key;
  return el('th', { scope: 'col', 'aria-sort': isSorted ? (query.order === 'asc' ? 'ascending' : 'descending') : undefined,
    class: key === 'reboots' ? 'number' : undefined },
  el('button', { type: 'button', 'data-sort': key, onclick: () => go({ sort: key, order: isSorted && query.order !== 'asc' ? 'asc' : 'desc', offset: '' }) },
    label, el('span', { class: 'arrow', 'aria-hidden': 'true' }, isSorted && query.order === 'asc' ? '↑' : '↓')));
}

function groupTable(groups, by, go) {
  return el('div', { class: 'card flush scroll' }, el('table', { class: 'cards' },
    el('thead', {}, el('tr', {}, ...[by, 'Devices', 'Online', 'In trouble'].map((t, i) =>
      el('th', { scope: 'col', class: i ? 'plain number' : 'plain' }, t)))),
    el('tbody', {}, ...groups.map((g) => el('tr', { 'data-group': g.name },
      cell(by, {}, el('button', { type: 'button', onclick: () => go({ [by]: g.name, group: '', offset: '' }) }, g.name || 'not told')),
      cell('Devices', { class: 'number' }, number(g.devices)), cell('Online', { class: 'number' }, number(g.online)),
      cell('In trouble', { class: 'number' }, g.trouble ? el('span', { class: 'pill bad' }, number(g.trouble)) : '0'))))));
}

function eventKind(e) {
  if (e.severity <= 3) return 'bad';
  if (e.severity === 4) return 'warn';
  if (e.event === 'UPDATE') return e.phase === 'done' ? 'good' : 'busy';
  return e.event === 'CHECK' && e.phase === 'done' ? 'good' : '';
}

function timeline(events) {
  const told = events.filter((e) => ['UPDATE', 'ROLLBACK', 'CERTINVALID', 'SIGINVALID', 'SETUP', 'PANIC'].includes(e.event) || e.severity <= 4);
  if (!told.length) return el('p', { class: 'quiet' }, 'Nothing but quiet days so far.');
  return el('ol', { class: 'timeline' }, ...told.slice(0, 40).map((e) => el('li', { class: eventKind(e) }, clock(e.at), el('br'),
    el('b', {}, e.text || e.event), ' ', el('span', { class: 'quiet small' }, [e.file, versionChange(e)].filter(Boolean).join(' · ')))));
}

function logLines(events, withDevice) {
  const log = el('pre', { class: 'log', tabindex: '0', 'aria-label': 'Log, newest first' });
  for (const e of events) {
    log.append(clock(e.at), ' ', ...(withDevice ? [deviceLink(e.device), ' '] : []),
      el('span', { class: `sev${e.severity}` }, [e.event, e.phase, e.file, versionChange(e)].filter(Boolean).join(' ') || 'log', ': ', e.text,
        e.result && e.result !== 'OK' ? ` [${e.result}]` : '', e.verdict === 'forged' ? ' (forged)' : ''), '\n');
  }
  return log;
}

function fact(label, ...value) {
  return el('div', {}, el('dt', {}, label), el('dd', {}, ...value));
}

const VERDICTS = { verified: 'signed by the device', unverified: 'not signed, though a key is known', forged: 'FORGED signature', 'no-key': 'no key known here' };

function devicePage(d, events, now) {
  return [
    el('p', {}, el('a', { href: '#/' }, '← All devices')),
    el('h1', { class: 'mono' }, d.id), el('p', {}, pill(d.state), '  ', el('span', { class: 'quiet' }, d.error || d.last_text)),
    d.certificate_invalid_since ? notice('', `Does not trust ${d.certificate_host || 'the release host'}`, `Since ${new Date(d.certificate_invalid_since * 1000).toLocaleString()}. Publish a new certificate set (lcm trust build).`) : null,
    el('section', { class: 'card' }, el('dl', { class: 'facts' },
      fact('App', d.app || '–'), fact('Repository', d.repo || '–'), fact('File', d.file || '–'), fact('Channel', d.channel || '–'),
      fact('Updater', d.lcm || '–'), fact('Boot program', d.boot || '–'), fact('Address', d.source || '–'), fact('Signal', d.rssi ? `${d.rssi} dBm` : '–'),
      fact('Last seen', when(d.last_seen, now)), fact('First seen', when(d.first_seen, now)), fact('Restarts', number(d.reboots)),
      fact('Messages', `${number(d.messages)}, ${number(d.lost)} lost on the way`), fact('Updates', `${number(d.installed)} installed, ${number(d.failed)} failed, ${number(d.rollbacks)} taken back`),
      fact('Authentication', VERDICTS[d.verdict] || '', d.forged ? `, ${number(d.forged)} forged messages` : ''))),
    el('div', { class: 'columns' },
      el('section', { class: 'card', id: 'timeline' }, el('h2', {}, 'Timeline'), timeline(events)),
      el('section', { class: 'card flush', id: 'log' }, logLines(events, false))),
  ];
}

function reasonsList(failures) {
  if (!failures.length) return el('p', { class: 'quiet' }, 'No failure in the last seven days.');
  const max = Math.max(...failures.map((f) => f.count));
  return el('ul', { class: 'reasons' }, ...failures.map((f) => el('li', {},
    el('div', {}, el('span', {}, f.text), el('b', {}, number(f.count))),
    el('span', { class: 'quiet small' }, [f.kind, f.result].filter(Boolean).join(' · ')), el('div', { class: 'track' }, barOf(f.count / max)))));
}

function releaseTable(releases, now) {
  const whole = releases.reduce((sum, r) => sum + r.devices, 0);
  return el('div', { class: 'card flush scroll' }, el('table', { class: 'cards' },
    el('thead', {}, el('tr', {}, ...['Version', 'Channel', 'First seen', 'Devices', 'Share', 'Installed', 'Failed', 'Taken back'].map((t, i) =>
      el('th', { scope: 'col', class: i > 2 ? 'plain number' : 'plain' }, t)))),
    el('tbody', {}, ...releases.map((r) => el('tr', { 'data-version': r.version },
      cell('Version', {}, el('a', { href: `#/?repo=${encodeURIComponent(r.repo)}&app=${encodeURIComponent(r.version)}` }, r.version)),
      cell('Channel', {}, r.channel), cell('First seen', {}, when(r.first_seen, now)),
      cell('Devices', { class: 'number' }, number(r.devices)), cell('Share', { class: 'number' }, percent(r.devices, whole)),
      cell('Installed', { class: 'number' }, number(r.installed)),
      cell('Failed', { class: 'number' }, r.failed ? el('span', { class: 'pill bad' }, `${number(r.failed)} (${percent(r.failed, r.failed + r.installed)})`) : '0'),
      cell('Taken back', { class: 'number' }, r.rollbacks ? el('span', { class: 'pill bad' }, number(r.rollbacks)) : '0'))))));
}

function alertList(alerts, now) {
  if (!alerts.length) return el('section', { class: 'card empty' }, el('h1', {}, 'No alerts'), el('p', { class: 'quiet' }, 'Certificates, signatures, failure rates, silence and versions that go back are watched.'));
  return el('div', { class: 'card flush scroll' }, el('table', { class: 'cards' },
    el('thead', {}, el('tr', {}, ...['Alert', 'What', 'Seen', 'First', 'Last', 'Told'].map((t) => el('th', { scope: 'col', class: 'plain' }, t)))),
    el('tbody', {}, ...alerts.map((a) => el('tr', {},
      cell('Alert', {}, el('span', { class: `pill ${a.closed ? '' : a.kind === 'silent' || a.kind === 'certificate-invalid' ? 'warn' : 'bad'}` }, a.closed ? 'over' : a.kind)),
      cell('What', {}, a.text), cell('Seen', { class: 'number' }, number(a.count)), cell('First', {}, when(a.first_seen, now)), cell('Last', {}, when(a.last_seen, now)),
      cell('Told', {}, a.notified ? when(a.notified, now) : el('span', { class: 'quiet' }, 'not yet')))))));
}

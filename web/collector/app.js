// SPDX-License-Identifier: Apache-2.0
// Routing, fetching and the live stream. The address holds all choices, so that a view can be
// shared, and "back" works.
'use strict';

const PAGE_SIZE = 50;
let token = sessionStorage.getItem('lcm-token') || '';
let summary = null;
let rendered = 0; // number of the newest view: answers for an older one are dropped
let known = new Map(); // device -> last_seen, to mark what is new
const main = document.getElementById('main');

async function api(path) {
  const answer = await fetch(`/api/v1/${path}`, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  if (answer.status === 401) {
    askToken();
    throw new Error('a token is needed');
  }
  const data = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(data.error || 'no answer'), { status: answer.status });
  return data;
}

function askToken() {
  const dialog = document.getElementById('token-dialog');
  document.getElementById('token-wrong').hidden = !token;
  if (!dialog.open) dialog.showModal();
}

document.getElementById('token-form').addEventListener('submit', () => {
  token = document.getElementById('token').value.trim();
  sessionStorage.setItem('lcm-token', token);
  render();
  listen();
});

// ---- address ----

function place() {
  const [path, search] = location.hash.replace(/^#\/?/, '').split('?');
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  return { page: parts[0] || 'devices', id: parts[1], query: Object.fromEntries(new URLSearchParams(search || '')) };
}

function addressOf(query) {
  const kept = Object.entries(query).filter(([, v]) => v !== '' && v !== undefined);
  return kept.length ? `?${new URLSearchParams(kept)}` : '';
}

function go(changes) {
  const { page, query } = place();
  location.hash = `#/${page === 'devices' ? '' : page}${addressOf({ ...query, ...changes })}`;
}

// Typing in the search field must not fill the history.
function goQuietly(changes) {
  const { query } = place();
  history.replaceState(null, '', `#/${addressOf({ ...query, ...changes })}`);
  render();
}

// ---- views ----

function tiles(query) {
  const s = summary, c = s.certificate_invalid;
  const is = (key, value) => query[key] === value;
  return el('div', { class: 'tiles' },
    tile('Devices', number(s.devices), '', '', '', !Object.keys(query).length),
    tile('Online', number(s.online), `heard of within ${s.stale_hours} h`, 'good', '?online=1', is('online', '1')),
    tile('Stale', number(s.stale), '', s.stale ? 'warn' : '', '?online=0', is('online', '0')),
    tile('Failing', number(s.failing), s.rolled_back ? `${number(s.rolled_back)} rolled back` : '', s.failing ? 'bad' : '', '?state=failing', is('state', 'failing')),
    tile('On latest', percent(s.on_latest, s.with_app), `${number(s.with_app - s.on_latest)} behind`, '', '?latest=0', is('latest', '0')),
    tile('Certificate invalid', number(c.devices), c.devices ? `since ${ago(c.since, s.now)}` : 'all trust the host', c.devices ? 'bad' : '', '?state=cert-invalid', is('state', 'cert-invalid')));
}

function select(label, value, options, change) {
  return el('select', { 'aria-label': label, 'data-filter': label, onchange: (e) => change(e.target.value) },
    ...options.map(([v, text]) => el('option', { value: v, selected: v === (value || '') }, text)));
}

let searchTimer = 0;
function toolbar(query, filters) {
  const search = el('input', { type: 'search', id: 'search', placeholder: 'Search id, version, repository, address', 'aria-label': 'Search', value: query.q || '',
    oninput: (e) => {
      clearTimeout(searchTimer);
      searchTimer = setTimeout(() => goQuietly({ q: e.target.value, offset: '' }), 200);
    } });
  const exported = (format) => el('button', { type: 'button', 'data-export': format, onclick: () => download(format, filters) }, format.toUpperCase());
  return el('div', { class: 'bar' }, el('div', { class: 'grow' }, search),
    select('State', query.state, [['', 'Every state'], ...Object.entries(STATES).map(([k, v]) => [k, v[1]])], (v) => go({ state: v, offset: '' })),
    select('Channel', query.channel, [['', 'Every channel'], ['stable', 'stable'], ['beta', 'beta']], (v) => go({ channel: v, offset: '' })),
    select('Group', query.group, [['', 'Not grouped'], ['repo', 'By repository'], ['app', 'By version'], ['channel', 'By channel'], ['lcm', 'By updater'], ['state', 'By state']], (v) => go({ group: v, offset: '' })),
    exported('csv'), exported('json'));
}

async function download(format, filters) {
  const answer = await fetch(`/api/v1/export${addressOf({ ...filters, format })}`, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  const url = URL.createObjectURL(await answer.blob());
  const link = el('a', { href: url, download: `devices.${format}` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

function chips(query) {
  const shown = ['repo', 'app', 'lcm'].filter((key) => query[key]);
  if (!shown.length) return null;
  return el('p', {}, ...shown.map((key) => el('button', { type: 'button', onclick: () => go({ [key]: '', offset: '' }), 'aria-label': `Remove the filter ${key}` }, `${key}: ${query[key]} ✕`)));
}

function pager(query, total, shown) {
  const offset = Number(query.offset || 0);
  return el('div', { class: 'pager' }, el('span', { class: 'quiet small', id: 'total' },
    total ? `${number(offset + 1)}–${number(offset + shown)} of ${count(total, 'device', 'devices')}` : 'No device matches'),
  el('span', { class: 'bar' }, el('button', { type: 'button', disabled: offset === 0, onclick: () => go({ offset: Math.max(0, offset - PAGE_SIZE) || '' }) }, 'Back'),
    el('button', { type: 'button', disabled: offset + shown >= total, onclick: () => go({ offset: offset + PAGE_SIZE }) }, 'Next')));
}

function latestOf(releases) {
  const latest = new Map();
  for (const r of releases) {
    for (const channel of r.channel === 'beta' ? ['beta'] : ['', 'stable', 'beta']) {
      const key = `${r.repo} ${channel}`;
      if (!latest.has(key) || compareVersions(latest.get(key), r.version) < 0) latest.set(key, r.version);
    }
  }
  return latest;
}

async function devicesView(query) {
  if (!summary.devices) return [emptyState(summary)];
  const { group, sort = 'last_seen', order = 'desc', offset, ...filters } = query;
  const head = [certificateNotice(summary), tiles(query), toolbar(query, filters), chips(query)];
  if (group) {
    const { groups } = await api(`groups${addressOf({ ...filters, by: group })}`);
    return [...head, groupTable(groups, group, go)];
  }
  const [{ devices, total }, { releases }] = await Promise.all([
    api(`devices${addressOf({ ...filters, sort, order, offset, limit: PAGE_SIZE })}`), api('releases')]);
  const latest = latestOf(releases), before = known;
  known = new Map(devices.map((d) => [d.id, d.last_seen]));
  const rows = devices.map((d) => deviceRow(d, summary.now, latest, before.size && before.get(d.id) !== d.last_seen));
  return [...head, el('div', { class: 'card flush' }, el('div', { class: 'scroll' }, el('table', { class: 'cards', id: 'devices' },
    el('thead', {}, el('tr', {}, ...COLUMNS.map(([key, label]) => sortHeader(key, label, { sort, order }, go)))),
    el('tbody', {}, ...rows))), pager(query, total, devices.length))];
}

async function deviceView(query, id) {
  const path = `devices/${encodeURIComponent(id)}`;
  const [device, { events }] = await Promise.all([api(path), api(`${path}/events?limit=300`)]);
  return devicePage(device, events, summary.now);
}

const SPANS = [['3600', 'Last hour'], ['86400', 'Last day'], ['604800', 'Last week'], ['2592000', 'Last month'], ['31536000', 'Last year']];

async function releasesView(query) {
  const { releases } = await api('releases');
  const repos = [...new Set(releases.map((r) => r.repo))];
  if (!repos.length) return [emptyState(summary)];
  const most = (repo) => releases.filter((r) => r.repo === repo).reduce((n, r) => n + r.devices, 0);
  const repo = query.repo || [...repos].sort((a, b) => most(b) - most(a))[0];
  const span = Number(query.span || 2592000);
  const [adoption, { failures }] = await Promise.all([
    api(`adoption?repo=${encodeURIComponent(repo)}&since=${Math.floor(summary.now - span)}`), api(`failures?repo=${encodeURIComponent(repo)}`)]);
  const { chart, legend } = adoptionChart(adoption);
  return [el('h1', {}, 'Releases'), el('p', { class: 'quiet' }, 'The release host decides what devices are offered: to stop a bad release, withdraw it there or mark it as pre-release.'),
    el('div', { class: 'bar' }, select('Repository', repo, repos.map((r) => [r, r]), (v) => go({ repo: v })), select('Span', String(span), SPANS, (v) => go({ span: v }))),
    el('section', { class: 'card', id: 'adoption' }, el('h2', {}, 'Adoption: devices per version'), chart,
      el('ul', { class: 'legend' }, ...legend.map((l) => el('li', {}, el('i', { class: l.fill }), l.name, el('b', {}, number(l.count)))))),
    releaseTable(releases.filter((r) => r.repo === repo), summary.now),
    el('section', { class: 'card', id: 'failures' }, el('h2', {}, 'Why attempts failed, last seven days'), reasonsList(failures))];
}

async function eventsView(query) {
  const { events } = await api(`events${addressOf({ trouble: query.trouble, before: query.before, limit: 200 })}`);
  return [el('h1', {}, 'Events'), el('div', { class: 'bar' },
    select('Which', query.trouble, [['', 'Everything'], ['1', 'Warnings and worse']], (v) => go({ trouble: v, before: '' })),
    el('button', { type: 'button', disabled: !query.before, onclick: () => go({ before: '' }) }, 'Newest'),
    el('button', { type: 'button', disabled: events.length < 200, onclick: () => go({ before: events[events.length - 1].id }) }, 'Older')),
  el('section', { class: 'card flush' }, events.length ? logLines(events, true) : el('p', { class: 'empty quiet' }, 'Nothing here.'))];
}

async function alertsView() {
  const { alerts } = await api('alerts');
  return [el('h1', {}, 'Alerts'), alertList(alerts, summary.now)];
}

const VIEWS = { devices: devicesView, device: deviceView, releases: releasesView, events: eventsView, alerts: alertsView };

function showProblems() {
  document.getElementById('problems').replaceChildren(...summary.problems.map((p) => notice('bad', 'The collector needs attention', p)));
  const dropped = Object.entries(summary.messages.dropped).filter(([, n]) => n > 0);
  if (dropped.length)
    document.getElementById('problems').append(notice('', 'Messages were dropped', dropped.map(([why, n]) => `${why}: ${number(n)}`).join(', ')));
}

async function showAlertCount() {
  const { alerts } = await api('alerts');
  const open = alerts.filter((a) => !a.closed).length;
  const badge = document.getElementById('alert-count');
  badge.textContent = open;
  badge.hidden = open === 0;
}

// What has the focus, and how far lists are scrolled, survives an update.
function replaceMain(nodes, isSameView) {
  const active = document.activeElement, marks = ['id', 'data-sort', 'data-filter', 'data-tile', 'data-export'];
  const mark = active && main.contains(active) ? marks.find((m) => active.hasAttribute(m)) : null;
  const selector = mark ? `[${mark}="${CSS.escape(active.getAttribute(mark))}"]` : null;
  const link = !mark && active && main.contains(active) ? active.getAttribute('href') : null;
  const selection = active && active.id === 'search' ? [active.value, active.selectionStart, active.selectionEnd] : null;
  const scrolls = [...main.querySelectorAll('.log, .scroll')].map((n) => [n.scrollTop, n.scrollLeft]);
  main.replaceChildren(...nodes.filter(Boolean));
  if (isSameView) [...main.querySelectorAll('.log, .scroll')].forEach((n, i) => { if (scrolls[i]) [n.scrollTop, n.scrollLeft] = scrolls[i]; });
  const next = selector ? main.querySelector(selector) : link ? [...main.querySelectorAll('a')].find((a) => a.getAttribute('href') === link) : null;
  if (next) next.focus({ preventScroll: true });
  if (next && selection) {
    next.value = selection[0];
    next.setSelectionRange(selection[1], selection[2]);
  }
}

let lastView = '';
async function render() {
  const turn = ++rendered;
  const { page, id, query } = place();
  document.querySelectorAll('nav a').forEach((a) => {
    const isHere = a.dataset.page === (page === 'device' ? 'devices' : page);
    if (isHere) a.setAttribute('aria-current', 'page'); else a.removeAttribute('aria-current');
  });
  try {
    summary = await api('summary');
    const nodes = await (VIEWS[page] || devicesView)(query, id);
    await showAlertCount();
    if (turn !== rendered) return;
    showProblems();
    const view = `${page} ${id || ''}`;
    replaceMain(nodes, view === lastView);
    if (view !== lastView && lastView) window.scrollTo(0, 0);
    lastView = view;
    document.title = summary.certificate_invalid.devices || summary.failing ? '⚠ Fleet' : 'Fleet';
  } catch (error) {
    if (turn === rendered && error.message !== 'a token is needed')
      main.replaceChildren(el('section', { class: 'card empty' }, el('h1', {}, error.status === 404 ? 'Not found' : 'No answer'), el('p', { class: 'quiet' }, error.message), el('p', {}, el('a', { href: '#/' }, 'All devices'))));
  }
}

// ---- live ----

function setLive(kind, text) {
  const live = document.getElementById('live');
  live.className = `live ${kind}`;
  live.lastElementChild.textContent = text;
}

let pending = false, busyUntil = 0;
function refreshSoon() {
  if (pending) return;
  pending = true;
  setTimeout(async () => {
    pending = false;
    busyUntil = performance.now();
    await render();
  }, Math.max(60, 900 - (performance.now() - busyUntil)));
}

// EventSource cannot send a token, so the stream is read by hand.
let listening = null;
async function listen() {
  if (listening) listening.abort();
  const mine = listening = new AbortController();
  while (mine === listening) {
    try {
      const answer = await fetch('/api/v1/stream', { headers: token ? { Authorization: `Bearer ${token}` } : {}, signal: mine.signal });
      if (answer.status === 401) return;
      if (!answer.ok) throw new Error('no stream');
      setLive('on', 'live');
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read())
        if (part.value.includes('event: change')) refreshSoon();
    } catch (error) {
      if (mine.signal.aborted) return;
    }
    setLive('off', 'not connected');
    await new Promise((resolve) => { setTimeout(resolve, 2000); });
  }
}

window.addEventListener('hashchange', () => { clearTimeout(searchTimer); known = new Map(); render(); });
setInterval(() => { if (!document.hidden) render(); }, 30000);
render();
listen();

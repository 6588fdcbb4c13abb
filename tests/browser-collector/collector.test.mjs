// SPDX-License-Identifier: Apache-2.0
// Goal: the collector's page works in a browser: empty state, live update, search, filter, sort, groups,
// exports, device page, adoption chart, alerts, phone size, keyboard, dark; hostile names and texts are
// text; the policy lets nothing else run; another address asks for a token.
// Method: Debian's Chromium against a real `lcm collect` with a store of its own, fed by datagrams.
// LCM_SCREENSHOTS=docs/images keeps pictures there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import dgram from 'node:dgram';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const LCM = process.env.LCM || '../../build/host/lcm';
const SCREENSHOTS = process.env.LCM_SCREENSHOTS;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let browser, socket, folder;
const running = [];

async function startCollector(...options) {
  const store = path.join(folder, `${running.length}.db`);
  const child = spawn(LCM, ['collect', '--json', '--store', store, '--listen', '127.0.0.1', '--port', '0', '--tcp-port', 'none',
    '--broadcast-port', 'none', '--page-port', '0', '--rate', '0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  const [line] = await once(child.stdout, 'data');
  return { ...JSON.parse(line), child };
}

function send(collector, id, event, parameters, text = 'text', severity = 6) {
  const value = (v) => String(v).replace(/["\\\]]/g, '\\$&');
  const sd = Object.entries({ dev: id, lcm: '1.0.3', repo: 'maker/lamp', file: 'main.bin', chan: 'stable', rc: 0, ...parameters })
    .map(([k, v]) => `${k}="${value(v)}"`).join(' ');
  return new Promise((resolve) => {
    socket.send(`<${128 + severity}>1 - lcm-${id} lcm - ${event} [lcm@32473 ${sd}] ${text}`, collector.udp, '127.0.0.1', resolve);
  });
}

const id = (n) => `5ccf7f${n.toString(16).padStart(6, '0')}`;

async function seed(collector) {
  const same = (n) => ({ repo: n % 4 ? 'maker/lamp' : 'maker/thermostat', chan: n % 9 ? 'stable' : 'beta' });
  for (let i = 0; i < 120; i++) {
    await send(collector, id(i), 'CHECK', { app: i % 3 ? '1.1.0' : '1.0.0', ph: 'done', ...same(i) }, 'everything is up to date');
  }
  for (let i = 0; i < 24; i++)
    await send(collector, id(i * 5), 'UPDATE', { app: '1.2.0', to: '1.2.0', from: '1.1.0', ph: 'done', ...same(i * 5) }, 'app installed', 5);
  for (let i = 0; i < 6; i++)
    await send(collector, id(i * 17 + 3), 'UPDATE', { app: '1.1.0', ph: 'failed', rc: 7, ...same(i * 17 + 3) }, 'refused: checksum or hash does not match', 3);
}

async function open(collector, hash = '#/', options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (e) => page.problems.push(e.message));
  page.on('console', (m) => { if (m.type() === 'error' && !m.text().includes('401')) page.problems.push(m.text()); });
  await page.goto(`http://127.0.0.1:${collector.page}/${hash}`);
  return page;
}

async function picture(page, name, options = {}) {
  if (SCREENSHOTS) await page.screenshot({ path: path.join(SCREENSHOTS, `fleet-${name}.png`), ...options });
}

async function close(page) {
  assert.deepEqual(page.problems, []);
  await page.context().close();
}

const total = (page, text) => page.waitForFunction((t) => document.getElementById('total')?.textContent.includes(t), text);

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lcm-browser-'));
  socket = dgram.createSocket('udp4');
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: FLAGS });
});

after(async () => {
  await browser.close();
  socket.close();
  for (const child of running) child.kill('SIGTERM');
  await Promise.all(running.map((c) => (c.exitCode === null ? once(c, 'exit') : null)));
  fs.rmSync(folder, { recursive: true });
});

test('empty state, then live', async () => {
  const collector = await startCollector();
  const page = await open(collector);
  await page.getByText('No device has reported yet').waitFor();
  assert.match(await page.locator('pre').first().textContent(), new RegExp(`lcm_syslog=.*:${collector.udp}`));
  await page.locator('#live.on').waitFor();
  await picture(page, 'empty');
  await send(collector, id(1), 'CHECK', { app: '1.0.0', ph: 'done' });
  await page.locator(`tr[data-id="${id(1)}"]`).waitFor({ timeout: 5000 }); // nobody reloaded
  await send(collector, id(1), 'UPDATE', { app: '1.0.0', ph: 'failed', rc: 7 }, 'refused: checksum', 3);
  await page.locator(`tr[data-id="${id(1)}"] .pill.bad`).waitFor({ timeout: 5000 });
  collector.child.kill('SIGTERM');
  await page.locator('#live.off').waitFor({ timeout: 10000 });
  page.problems = page.problems.filter((p) => !/ERR_|Failed to (fetch|load)/.test(p)); // it is gone, and says so
  await close(page);
});

test('the fleet', async (t) => {
  const collector = await startCollector();
  await seed(collector);
  const page = await open(collector);
  await total(page, 'of 120 devices');

  await t.test('tiles lead to their devices', async () => {
    assert.equal(await page.locator('[data-tile="Devices"] strong').textContent(), '120');
    await page.locator('[data-tile="Failing"]').click();
    await total(page, 'of 6 devices');
    assert.equal(await page.locator('#devices tbody tr').count(), 6);
    assert.match(await page.locator('#devices tbody').textContent(), /checksum/);
    await page.goBack();
    await total(page, 'of 120 devices');
    await picture(page, 'devices');
  });

  await t.test('search keeps the focus, filters add up', async () => {
    await page.locator('#search').focus();
    await page.keyboard.type('thermostat', { delay: 20 });
    await total(page, 'of 30 devices');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
    await page.locator('[data-filter="Channel"]').selectOption('beta');
    await total(page, 'of 4 devices');
    await page.locator('#search').fill('no such thing');
    await total(page, 'No device matches');
    await page.goto(`http://127.0.0.1:${collector.page}/#/`);
    await total(page, 'of 120 devices');
  });

  await t.test('sorting by versions, both ways, and pages', async () => {
    await page.locator('th [data-sort="app"]').click();
    await page.locator('th[aria-sort="descending"] [data-sort="app"]').waitFor();
    assert.match(await page.locator('#devices tbody tr').first().textContent(), /1\.2\.0/);
    await page.locator('th [data-sort="app"]').click();
    await page.locator('th[aria-sort="ascending"] [data-sort="app"]').waitFor();
    assert.match(await page.locator('#devices tbody tr').first().textContent(), /1\.0\.0/);
    await page.getByRole('button', { name: 'Next' }).click();
    await total(page, '51–100 of 120');
  });

  await t.test('groups', async () => {
    await page.locator('[data-filter="Group"]').selectOption('repo');
    await page.locator('tr[data-group="maker/lamp"]').waitFor();
    assert.match(await page.locator('tr[data-group="maker/lamp"]').textContent(), /90/);
    await page.locator('tr[data-group="maker/thermostat"] button').click();
    await total(page, 'of 30 devices');
  });

  await t.test('exports hold what the filter shows', async () => {
    const [csv] = await Promise.all([page.waitForEvent('download'), page.locator('[data-export="csv"]').click()]);
    const lines = fs.readFileSync(await csv.path(), 'utf8').trim().split('\r\n');
    assert.equal(lines.length, 31);
    assert.match(lines[0], /^"id","app","repo"/);
    const [json] = await Promise.all([page.waitForEvent('download'), page.locator('[data-export="json"]').click()]);
    assert.equal(JSON.parse(fs.readFileSync(await json.path(), 'utf8')).length, 30);
  });

  await t.test('the certificate story', async () => {
    await page.goto(`http://127.0.0.1:${collector.page}/#/`);
    for (let i = 0; i < 3; i++)
      await send(collector, id(i + 1), 'CERTINVALID', { app: '1.1.0', repo: 'maker/lamp', file: 'github.com', ph: 'check', rc: 34 }, 'server certificate is not trusted, updates of the app wait', 4);
    await page.getByText('3 devices do not trust github.com').waitFor({ timeout: 5000 });
    await page.getByText('lcm trust build').waitFor();
    await picture(page, 'certificate');
    await page.getByText('Show the devices').click();
    await total(page, 'of 3 devices');
    await page.locator('nav a', { hasText: 'Alerts' }).click();
    await page.getByText('certificate-invalid').waitFor();
    assert.equal(await page.locator('#alert-count').textContent() > 0, true);
  });

  await t.test('a device: timeline and log', async () => {
    await page.goto(`http://127.0.0.1:${collector.page}/#/device/${id(3)}`);
    await page.locator('#timeline li.bad, #timeline li.warn').first().waitFor();
    assert.equal(await page.locator('h1').textContent(), id(3));
    assert.match(await page.locator('#log').textContent(), /CERTINVALID check/);
    await picture(page, 'device');
  });

  await t.test('releases: chart, shares, reasons', async () => {
    await page.goto(`http://127.0.0.1:${collector.page}/#/releases?span=3600`);
    await page.locator('.chart path').first().waitFor();
    assert.equal(await page.locator('.chart path').count(), 3);
    assert.match(await page.locator('.legend').textContent(), /1\.2\.018.*1\.0\.0/);
    assert.match(await page.locator('tr[data-version="1.2.0"]').first().textContent(), /18/);
    assert.match(await page.locator('#failures').textContent(), /checksum or hash does not match/);
  });
  await close(page);

  await t.test('a phone', async () => {
    const phone = await open(collector, '#/', { viewport: { width: 390, height: 844 } });
    await total(phone, 'of 120 devices');
    assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
    assert.equal(await phone.locator('#devices thead').isVisible(), false);
    await picture(phone, 'phone');
    for (const hash of ['#/releases', '#/events', '#/alerts', `#/device/${id(3)}`]) {
      await phone.goto(`http://127.0.0.1:${collector.page}/${hash}`);
      await phone.waitForTimeout(400);
      assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true, hash);
    }
    await close(phone);
  });

  await t.test('dark', async () => {
    const dark = await open(collector, '#/releases?span=3600', { colorScheme: 'dark' });
    await dark.locator('.chart path').first().waitFor();
    assert.equal(await dark.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), 'rgb(20, 25, 24)');
    await picture(dark, 'releases');
    await close(dark);
  });

  await t.test('the keyboard alone', async () => {
    const keys = await open(collector);
    await total(keys, 'of 120 devices');
    await keys.keyboard.press('Tab');
    assert.match(await keys.evaluate(() => document.activeElement.textContent), /Skip/);
    for (let i = 0; i < 40 && !(await keys.evaluate(() => document.activeElement.dataset.sort === 'id')); i++) await keys.keyboard.press('Tab');
    await keys.keyboard.press('Enter');
    await keys.locator('th[aria-sort] [data-sort="id"]').waitFor();
    assert.equal(await keys.evaluate(() => document.activeElement.dataset.sort), 'id'); // not lost by the update
    for (let i = 0; i < 20 && !(await keys.evaluate(() => document.activeElement.matches('#devices td a'))); i++) await keys.keyboard.press('Tab');
    await keys.keyboard.press('Enter');
    await keys.locator('#timeline').waitFor();
    await close(keys);
  });
});

test('hostile names and texts are text', async () => {
  const collector = await startCollector();
  const evil = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';
  await send(collector, id(1), 'UPDATE', { app: '<b>1</b>', repo: `<i>${evil}`.slice(0, 60), file: evil.slice(0, 60), ph: 'failed', rc: 7, from: '<u>', to: '<s>' }, evil, 3);
  await send(collector, id(2), 'CERTINVALID', { file: '<img src=x onerror=alert(1)>', app: '1.0.0', ph: 'check', rc: 34 }, evil, 4);
  await send(collector, id(3), 'CHECK', { app: '=cmd|calc', ph: 'done' }, '\u202Egnp.exe');
  await new Promise((resolve) => { setTimeout(resolve, 400); });
  for (const hash of ['#/', `#/device/${id(1)}`, '#/events', '#/alerts', '#/releases', '#/?group=repo', `#/?repo=${encodeURIComponent(evil)}`]) {
    const page = await open(collector, hash);
    await page.locator('#live.on').waitFor();
    await page.waitForTimeout(300);
    assert.equal(await page.locator('main img, main script, main b:has-text("1</b>"), main i:not(.legend i), main u, main s').count(), 0, hash);
    assert.notEqual(await page.title(), 'owned');
    await close(page);
  }
  const csv = await (await fetch(`http://127.0.0.1:${collector.page}/api/v1/export`)).text();
  assert.match(csv, /"'=cmd\|calc"/);
  assert.equal(csv.includes('\u202E'), false);
});

test('the policy stops what the page does not need', async () => {
  const collector = await startCollector();
  const page = await open(collector);
  await page.locator('#live.on').waitFor();
  const answer = await fetch(`http://127.0.0.1:${collector.page}/`);
  assert.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.title = "owned"';
    document.body.append(script);
  });
  assert.notEqual(await page.title(), 'owned');
  page.problems = page.problems.filter((p) => !/Content Security Policy/.test(p));
  await close(page);
});

test('another address asks for a token', async () => {
  const collector = await startCollector('--page', '0.0.0.0', '--token-file', path.join(folder, 'token'));
  const token = fs.readFileSync(path.join(folder, 'token'), 'utf8').trim();
  await send(collector, id(1), 'CHECK', { app: '1.0.0', ph: 'done' });
  const page = await open(collector);
  await page.locator('#token-dialog[open]').waitFor();
  assert.equal(await page.locator('#devices').count(), 0);
  await page.locator('#token').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('That was not the right one.').waitFor();
  await page.locator('#token').fill(token);
  await page.keyboard.press('Enter');
  await page.locator(`tr[data-id="${id(1)}"]`).waitFor();
  await page.locator('#live.on').waitFor();
  await close(page);
});

// SPDX-License-Identifier: Apache-2.0
// Adoption over time as stacked areas, and bars: small SVG charts without a library.
'use strict';

const SVG = 'http://www.w3.org/2000/svg';

function svg(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
  for (const child of children) node.append(child);
  return node;
}

// Numeric parts as numbers, a pre-release before its release.
function compareVersions(a, b) {
  const split = (v) => {
    const [numbers, ...rest] = v.replace(/^v/i, '').split('+')[0].split('-');
    return [numbers.split('.').map(Number), rest.join('-')];
  };
  const [x, p] = split(a), [y, q] = split(b);
  for (let i = 0; i < 3; i++) if ((x[i] || 0) !== (y[i] || 0)) return (x[i] || 0) - (y[i] || 0);
  if (p === q) return 0;
  if (!p || !q) return p ? -1 : 1;
  return p.localeCompare(q, 'en', { numeric: true });
}

// Changes of the API -> one row of counts a moment, versions in ascending order. The many small
// ones become "other".
function adoptionSeries(data, shown) {
  const counts = new Map(), rows = [];
  const versions = [...new Set(data.changes.map((c) => c.version))].sort(compareVersions);
  const at = (time) => {
    const last = rows[rows.length - 1];
    if (last && last.time === time) last.counts = new Map(counts);
    else rows.push({ time, counts: new Map(counts) });
  };
  let begun = false;
  for (const change of data.changes) {
    const time = Math.max(change.at, data.since);
    if (change.at > 0 && !begun) at(rows.length ? data.since : time);
    begun = begun || change.at > 0;
    if (change.at > 0 && rows.length && rows[rows.length - 1].time < time - data.step)
      at(time - data.step);
    counts.set(change.version, (counts.get(change.version) || 0) + change.delta);
    at(time);
  }
  if (rows.length) at(data.now);
  const now = rows.length ? rows[rows.length - 1].counts : new Map();
  const top = [...versions].sort((a, b) => (now.get(b) || 0) - (now.get(a) || 0)).slice(0, shown);
  const names = versions.filter((v) => top.includes(v));
  const hasOther = names.length < versions.length;
  for (const row of rows) {
    row.values = names.map((v) => Math.max(0, row.counts.get(v) || 0));
    if (hasOther)
      row.values.unshift(versions.filter((v) => !top.includes(v))
        .reduce((sum, v) => sum + Math.max(0, row.counts.get(v) || 0), 0));
  }
  return { names: hasOther ? ['other', ...names] : names, rows };
}

function niceStep(max) {
  const rough = max / 4, power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  for (const factor of [1, 2, 5, 10]) if (factor * power >= rough) return Math.max(1, factor * power);
  return 10 * power;
}

function timeLabel(seconds, span) {
  const date = new Date(seconds * 1000);
  return span > 3 * 86400 ? date.toLocaleDateString([], { month: 'short', day: 'numeric' })
    : date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: span < 900 ? '2-digit' : undefined });
}

function stackedPaths(series, x, y, classOf) {
  const base = series.rows.map(() => 0), paths = [];
  series.names.forEach((name, i) => {
    const top = series.rows.map((row, k) => base[k] + row.values[i]);
    const forward = series.rows.map((row, k) => `${x(row.time).toFixed(1)},${y(top[k]).toFixed(1)}`);
    const back = series.rows.map((row, k) => `${x(row.time).toFixed(1)},${y(base[k]).toFixed(1)}`);
    paths.push(svg('path', { class: classOf(i), d: `M${forward.join('L')}L${back.reverse().join('L')}Z` },
      svg('title', {}, name)));
    top.forEach((value, k) => { base[k] = value; });
  });
  return paths;
}

// Returns {chart, legend}: the newest versions have the strongest colours.
function adoptionChart(data) {
  const width = 860, height = 280, left = 46, right = 12, top = 12, bottom = 28;
  const series = adoptionSeries(data, 6);
  const count = series.names.length;
  const classOf = (i) => (series.names[i] === 'other' ? 'fill6' : `fill${Math.min(5, count - 1 - i)}`);
  const begin = series.rows.length ? series.rows[0].time : data.since;
  const span = Math.max(1, data.now - begin);
  const max = Math.max(1, ...series.rows.map((row) => row.values.reduce((a, b) => a + b, 0)));
  const x = (time) => left + (width - left - right) * (time - begin) / span;
  const y = (value) => height - bottom - (height - top - bottom) * value / max;
  const chart = svg('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img',
    'aria-label': `Devices per version: ${series.names.join(', ')}` });
  chart.append(...stackedPaths(series, x, y, classOf));
  for (let value = 0, step = niceStep(max); value <= max; value += step) {
    chart.append(svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    chart.append(svg('text', { x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, value.toLocaleString()));
  }
  for (let i = 0; i <= 4; i++) {
    const time = begin + span * i / 4;
    chart.append(svg('text', { x: x(time), y: height - 8,
      'text-anchor': i === 0 ? 'start' : i === 4 ? 'end' : 'middle' }, timeLabel(time, span)));
  }
  const last = series.rows.length ? series.rows[series.rows.length - 1].values : [];
  const legend = series.names.map((name, i) => ({ name, count: last[i], fill: classOf(i) })).reverse();
  return { chart, legend, series };
}

function barOf(share) {
  const bar = svg('svg', { viewBox: '0 0 100 7', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
  bar.append(svg('rect', { width: Math.max(1, share * 100), height: 7 }));
  return bar;
}

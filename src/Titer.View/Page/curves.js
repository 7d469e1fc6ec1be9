// Breach curves: how likely a defense is broken by a number of steps, and the trade-off between resisting and staying a good model.

import { chart } from 'titer/chart';
import { el, heading } from 'titer/dom';
import { between, breakable, score } from 'titer/format';
import { link, marks } from 'titer/leaderboard';
import { table } from 'titer/table';

const MOST_LINES = 12;

/** @param {import('titer/app').View} view */
export function curvesPage(view) {
  const all = view.board.leaderboard.filter((/** @type {any} */ r) => r.breach_curve?.length > 0);
  const rows = all.slice(0, MOST_LINES);
  const x = [...new Set(rows.flatMap((/** @type {any} */ r) => r.breach_curve.map((/** @type {any} */ p) => p.steps)))].sort((a, b) => a - b);
  return [
    el('h1', null, 'Breach curves'), ...marks(view),
    el('p.lead', null, 'The part of the defended models that the worst attacker of each has broken by that step, in-domain. The best one has its exact 95% interval drawn; '
      + 'in the table each number has its own.'),
    x.length === 0 ? el('p.quiet', null, 'No breach curve was measured yet.') : chart({
      id: 'breach-curves', label: 'Breach probability by attacker’s steps', x, doublings: true, xLabel: 'optimizer steps of the attack', yLabel: 'part broken', yRange: [0, 1.02],
      height: 420,
      lines: rows.map((/** @type {any} */ r, /** @type {number} */ i) => {
        const at = new Map(r.breach_curve.map((/** @type {any} */ p) => [p.steps, p]));
        const of = (/** @type {string} */ name) => x.map((s) => /** @type {any} */ (at.get(s))?.[name] ?? null);
        return { label: r.defense, color: i, stepped: true, values: of('probability'), ...(i === 0 ? { low: of('low'), high: of('high') } : {}) };
      }),
    }),
    all.length > rows.length && el('p.quiet', null, `The ${MOST_LINES} best of ${all.length} are drawn; the table has all.`),
    table({ id: 'breach', caption: 'Breach probability by step', rows: all, columns: [
      { key: 'defense', title: 'Defense', head: true, value: (r) => r.defense, show: (r) => el('a', { href: link(view, 'defense', r.defense) }, breakable(r.defense)) },
      ...x.map((step) => ({ key: `step_${step}`, title: String(step), number: true,
        value: (/** @type {any} */ r) => r.breach_curve.find((/** @type {any} */ p) => p.steps === step)?.probability,
        show: (/** @type {any} */ r) => {
          const p = r.breach_curve.find((/** @type {any} */ q) => q.steps === step);
          return p ? el('span', { title: `95% interval [${score(p.low)}, ${score(p.high)}]` }, score(p.probability)) : '';
        } })),
    ] }),
  ].filter(Boolean);
}

/** @param {import('titer/app').View} view */
export function tradeoffPage(view) {
  const rows = view.board.leaderboard.map(point).filter((/** @type {any} */ p) => p.resistance !== null);
  return [
    el('h1', null, 'Trade-off'), ...marks(view),
    el('p.lead', null, 'What resisting costs: up is more resistance (a smaller highest harm under attack), right is a better model. On the Pareto front, marked ◆, nobody is '
      + 'better in both.'),
    el('div.pair', null, scatter(rows, 'stability', 'Utility kept before any attack'), scatter(rows, 'trainability', 'How well it still learns a harmless task')),
    heading(2, 'The numbers'),
    table({ id: 'tradeoff', caption: 'Trade-off', rows, stack: true, columns: [
      { key: 'defense', title: 'Defense', head: true, value: (p) => p.defense, show: (p) => el('a', { href: link(view, 'defense', p.defense) }, breakable(p.defense)) },
      { key: 'resistance', title: 'Resistance (1 − highest harm)', number: true, value: (p) => p.resistance, show: (p) => score(p.resistance) },
      { key: 'titer', title: 'Titer', number: true, value: (p) => p.titer },
      ...['stability', 'trainability'].map((key) => ({ key, best: front(rows, key) })).flatMap(({ key, best }) => [
        { key, title: key === 'stability' ? 'Stability' : 'Trainability', number: true, value: (/** @type {any} */ p) => p[key]?.estimate,
          show: (/** @type {any} */ p) => [score(p[key]?.estimate), el('small.quiet', null, ` ${between(p[key]?.low, p[key]?.high, p[key]?.ends_are)}`)] },
        { key: `front_${key}`, title: 'On its front', value: (/** @type {any} */ p) => (best.has(p) ? '◆ yes' : 'no') }]),
    ] }),
  ];
}

/** @param {any} row */
function point(row) {
  const worst = row.aggregations?.worst_case?.estimate;
  return { defense: row.defense, titer: row.titer, resistance: typeof worst === 'number' ? 1 - worst : null,
    stability: typeof row.stability?.estimate === 'number' ? row.stability : null, trainability: typeof row.trainability?.estimate === 'number' ? row.trainability : null };
}

/** Those that nobody beats in both. @param {any[]} rows @param {string} key */
function front(rows, key) {
  const known = rows.filter((p) => p[key]);
  return new Set(known.filter((p) => !known.some((o) => o !== p && o.resistance >= p.resistance && o[key].estimate >= p[key].estimate
    && (o.resistance > p.resistance || o[key].estimate > p[key].estimate))));
}

/** @param {any[]} rows @param {string} key @param {string} title */
function scatter(rows, key, title) {
  const known = rows.filter((p) => p[key]).sort((a, b) => a[key].estimate - b[key].estimate);
  if (known.length === 0) return el('p.quiet', null, `${title} was not measured yet.`);
  const best = front(rows, key);
  const x = known.map((p) => p[key].estimate);
  return chart({
    id: `tradeoff-${key}`, label: `${title}, against resistance. ${known.map((p) => `${p.defense}: ${score(p[key].estimate)}, ${score(p.resistance)}`).slice(0, 12).join('; ')}`,
    x, xLabel: title.toLowerCase(), yLabel: 'resistance', yRange: [0, 1.05], padded: true,
    lines: [
      { label: 'defenses', color: 0, marksOnly: true, values: known.map((p) => p.resistance) },
      { label: 'Pareto front', color: 1, values: known.map((p) => (best.has(p) ? p.resistance : null)) },
    ],
    marks: (u, c) => names(u, c, known, key, best),
  });
}

/** Writes names beside points, each where no other one stands. @param {any} u @param {CanvasRenderingContext2D} c @param {any[]} known @param {string} key @param {Set<any>} best */
function names(u, c, known, key, best) {
  const ratio = devicePixelRatio || 1;
  c.save();
  [c.textAlign, c.textBaseline] = ['left', 'middle'];
  c.font = `${12 * ratio}px system-ui, sans-serif`;
  c.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--text').trim();
  /** @type {[number, number, number, number][]} */
  const taken = [];
  for (const p of known.slice(-40)) {
    const [x, y] = [u.valToPos(p[key].estimate, 'x', true), u.valToPos(p.resistance, 'y', true)];
    const text = (best.has(p) ? '◆ ' : '') + p.defense;
    const width = c.measureText(text).width;
    const [height, right] = [14 * ratio, u.bbox.left + u.bbox.width];
    for (let turn = 0; turn < 9; turn++) {
      const left = x + 8 * ratio + width > right ? x - 8 * ratio - width : x + 8 * ratio;
      const top = y + (turn % 2 ? -1 : 1) * Math.ceil(turn / 2) * height;
      if (taken.some(([l, t, w]) => left < l + w && l < left + width && Math.abs(t - top) < height)) continue;
      taken.push([left, top, width, height]);
      c.fillText(text, left, top);
      break;
    }
  }
  c.restore();
}

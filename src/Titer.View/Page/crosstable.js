// Crosstable: every defense against every attacker, as a heat map that is a table. The number stands in every cell; the color repeats it.

import { el, fill } from 'titer/dom';
import { breakable, compact, costText, exposureName, score } from 'titer/format';
import { link, marks } from 'titer/leaderboard';
import { table } from 'titer/table';

let measure = 'cost';

/** @param {import('titer/app').View} view */
export function crosstablePage(view) {
  const place = el('div', null);
  const draw = () => fill(place, heat(view));
  draw();
  return [
    el('h1', null, 'Crosstable'),
    ...marks(view),
    el('p.lead', null, 'A row is a defense, a column an attacker on one exposure. The stronger the color, the worse for the defense. Every cell leads to its curves.'),
    el('fieldset.choice', null, el('legend', null, 'Shown'), [['cost', 'Steps to break'], ['harm', 'Highest harmfulness'], ['titer', 'Titer']].map(([key, title]) =>
      el('label', null, el('input', { type: 'radio', name: 'measure', id: `measure-${key}`, value: key, checked: key === measure,
        onchange: () => { measure = key; draw(); } }), ` ${title}`))),
    place,
    el('h2', null, 'Every meeting'),
    table({ id: 'crosstable', caption: 'Every meeting', rows: view.board.crosstable, columns: columns(view), stack: true }),
  ];
}

/** @param {any} cell */
const key = (cell) => `${cell.attack}\n${cell.exposure}`;

/** @param {import('titer/app').View} view */
function heat(view) {
  const { board } = view;
  const heads = [...new Map(board.crosstable.map((/** @type {any} */ c) => [key(c), c])).values()];
  const byCell = new Map(board.crosstable.map((/** @type {any} */ c) => [`${c.defense}\n${key(c)}`, c]));
  const budget = Math.max(1, board.tournament.attack_limits.steps);
  return el('div.scroll', { id: 'heat-scroll', tabindex: 0, role: 'region', 'aria-label': 'Heat map' },
    el('table.heat', null, el('caption', null, 'Defense against attacker'),
      el('thead', null, el('tr', null, el('th', { scope: 'col' }, 'Defense'), heads.map((/** @type {any} */ h) =>
        el('th', { scope: 'col' }, breakable(h.attack), el('br', null), el('small.quiet', null, exposureName(h.exposure), h.set_aside ? ', set aside' : ''))))),
      el('tbody', null, board.leaderboard.map((/** @type {any} */ row) => el('tr', null,
        el('th', { scope: 'row' }, el('a', { href: link(view, 'defense', row.defense) }, breakable(row.defense))),
        heads.map((/** @type {any} */ h) => cellOf(view, byCell.get(`${row.defense}\n${key(h)}`), budget)))))));
}

/** @param {import('titer/app').View} view @param {any} cell @param {number} budget */
function cellOf(view, cell, budget) {
  if (!cell) return el('td.unmeasured', null, el('span.quiet', null, 'not met'));
  const harm = typeof cell.max_harm === 'number' ? cell.max_harm : null;
  const text = measure === 'harm' ? (harm === null ? costText(cell) : score(harm) + (cell.max_harm_is_lower_bound ? '+' : ''))
    : measure === 'titer' ? cell.titer ?? '–' : costText(cell);
  const part = heatOf(cell, harm, budget);
  const label = `${cell.defense} against ${cell.attack}, ${exposureName(cell.exposure)}: ${costText(cell)} steps to break, harm ${score(harm)}, `
    + `${cell.runs_broken} of ${cell.runs} runs broken`;
  return el(`td.${part === null ? 'unmeasured' : part > 0.5 ? 'hot' : 'cool'}`, { style: part === null ? null : { '--part': shade(part).toFixed(3) } },
    el('a', { href: link(view, 'cell', cell.defense, cell.attack, cell.exposure), title: cell.reason ?? label },
      el('b', null, text), el('small', null, ` ${cell.runs_broken}/${cell.runs}`), cell.set_aside ? el('small', null, ' aside') : null,
      el('span.unseen', null, ` ${label}`)));
}

/** Nothing in the middle of the scale, on which neither light nor dark letters can be read. @param {number} part */
const shade = (part) => (part > 0.5 ? 0.4 + 0.6 * part : 0.7 * part);

/** How bad for the defense, 0 to 1; null where it was not measured. @param {any} cell @param {number | null} harm @param {number} budget */
function heatOf(cell, harm, budget) {
  if (!['done', 'cut'].includes(cell.status)) return null;
  if (measure === 'harm') return harm;
  if (cell.is_censored) return 0;
  return Math.max(0.15, 1 - Math.log2(1 + (cell.cost_to_break_steps ?? budget)) / Math.log2(1 + 2 * budget));
}

/** @param {import('titer/app').View} view @returns {import('titer/table').Column[]} */
function columns(view) {
  return [
    { key: 'defense', title: 'Defense', head: true, value: (c) => c.defense, show: (c) =>
      el('a', { href: link(view, 'cell', c.defense, c.attack, c.exposure) }, breakable(c.defense)) },
    { key: 'attack', title: 'Attacker', value: (c) => c.attack, show: (c) => breakable(c.attack) },
    { key: 'exposure', title: 'Exposure', value: (c) => c.exposure, show: (c) => exposureName(c.exposure) },
    { key: 'status', title: 'Status', value: (c) => c.status, show: (c) => el('span', { title: c.reason }, c.status, c.code ? ` ${c.code}` : '') },
    { key: 'runs_broken', title: 'Broken', number: true, value: (c) => c.runs_broken, show: (c) => `${c.runs_broken} of ${c.runs}` },
    { key: 'cost_to_break_steps', title: 'Steps to break', number: true, value: (c) => c.cost_to_break_steps ?? c.censored_at_steps, show: costText },
    { key: 'price_steps', title: 'Price', number: true, value: (c) => c.price_steps, show: (c) => compact(c.price_steps) },
    { key: 'max_harm', title: 'Highest harm', number: true, value: (c) => c.max_harm, show: (c) => (typeof c.max_harm !== 'number' ? ''
      : `${score(c.max_harm)}${c.max_harm_is_lower_bound ? '+' : ''} ${c.worst_domain ?? ''}`) },
    { key: 'min_utility_ratio', title: 'Utility kept', number: true, value: (c) => c.min_utility_ratio, show: (c) => score(c.min_utility_ratio) },
    { key: 'titer', title: 'Titer', number: true, value: (c) => c.titer },
  ];
}

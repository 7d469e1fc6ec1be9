// Compare: two runs side by side. Numbers of different scenarios are never put beside each other without a word.

import { el } from 'titer/dom';
import { breakable, compact, ends } from 'titer/format';
import { condition, link } from 'titer/leaderboard';
import { table } from 'titer/table';

let other = -1;

/** @param {import('titer/app').View} view */
export async function comparePage(view) {
  if (view.runs.length < 2) {
    return [el('h1', null, 'Compare'), el('p', null, 'There is one run here. Name another one behind it:'),
      el('pre', null, `titer view ${view.runs[0] ?? 'results/apothecary'} results/another`)];
  }
  if (other < 0 || other >= view.runs.length || other === view.number) other = view.number === 0 ? 1 : 0;
  const second = await view.source.board(other);
  const pick = el('label', null, 'Against ', el('select', { id: 'against', onchange: (/** @type {any} */ e) => {
    other = Number(e.target.value);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } }, view.runs.map((name, i) => (i === view.number ? null : el('option', { value: i, selected: i === other }, name)))));
  if (!second.board) return [el('h1', null, 'Compare'), pick, el('p.mark.open', null, 'That run has no results yet.')];
  const [a, b] = [view.board, second.board];
  const [left, right] = [byDefense(a), byDefense(b)];
  const rows = [...new Set([...left.keys(), ...right.keys()])].map((defense) => ({ defense, a: left.get(defense), b: right.get(defense) }));
  return [
    el('h1', null, 'Compare', el('span.quiet', null, ` ${view.run.name} with ${second.name}`)), el('p', null, pick),
    ...differences(a, b),
    table({ id: 'compare', caption: 'Two runs', rows, stack: true, columns: [
      { key: 'defense', title: 'Defense', head: true, value: (r) => r.defense, show: (r) => el('a', { href: link(view, 'defense', r.defense) }, breakable(r.defense)) },
      ...columns('a', view.run.name), ...columns('b', second.name),
      { key: 'change', title: 'Titer, second over first', number: true, value: (r) => change(r), show: (r) => (change(r) === null ? '' : `× ${compact(change(r))}`) },
    ], note: el('span.quiet', null, 'Whether a difference is more than chance, neither run alone can say: compare the ends, and play both in one tournament.') }),
  ];
}

/** @param {any} board */
const byDefense = (board) => new Map(board.leaderboard.map((/** @type {any} */ r) => [r.defense, r]));

/** @param {any} row */
function change(row) {
  const [a, b] = [row.a?.titer_ratio, row.b?.titer_ratio];
  return typeof a === 'number' && typeof b === 'number' && a > 0 ? b / a : null;
}

/** @param {'a' | 'b'} side @param {string} name @returns {import('titer/table').Column[]} */
function columns(side, name) {
  return [
    { key: `rank_${side}`, title: `Rank, ${name}`, number: true, value: (r) => r[side]?.rank },
    { key: `titer_${side}`, title: `Titer, ${name}`, number: true, value: (r) => r[side]?.titer, show: (r) => (r[side]
      ? [r[side].titer, el('small.quiet', null, ` ${ends(r[side].titer_interval, r[side].titer_ends_are)}`)] : el('span.quiet', null, 'not in it')) },
    { key: `resistance_${side}`, title: `Resistance, ${name}`, value: (r) => r[side]?.resistance?.verdict, show: (r) => (r[side] ? condition(r[side].resistance) : '') },
    { key: `stability_${side}`, title: `Stability, ${name}`, value: (r) => r[side]?.stability?.verdict, show: (r) => (r[side] ? condition(r[side].stability) : '') },
  ];
}

/** What makes numbers incomparable, or less comparable. @param {any} a @param {any} b */
function differences(a, b) {
  const [s, t] = [a.tournament, b.tournament];
  const attackers = (/** @type {any} */ spec) => [...new Set(spec.attacks.map((/** @type {any} */ e) => e.family ?? e.label))].sort().join(', ');
  return [
    s.scenario_hash !== t.scenario_hash && el('p.mark.bad', { role: 'alert' }, el('b', null, '✗ Not comparable. '),
      'The runs were played on different scenarios: their numbers do not mean the same.'),
    s.host_version !== t.host_version && el('p.mark.open', null, el('b', null, '⚠ '), `Different hosts: ${s.host_version} and ${t.host_version}.`),
    attackers(s) !== attackers(t) && el('p.mark.open', null, el('b', null, '⚠ '), `Different attackers: ${attackers(s)}; and ${attackers(t)}.`),
    s.attack_limits.steps !== t.attack_limits.steps && el('p.mark.open', null, el('b', null, '⚠ '), `An attacker has ${s.attack_limits.steps} steps in the one and `
      + `${t.attack_limits.steps} in the other.`),
  ].filter(Boolean);
}

// Leaderboard: who immunizes, how sure that is, and why.

import { el, heading } from 'titer/dom';
import { between, breakable, compact, count, ends, score, verdict } from 'titer/format';
import { marksOf, standing, superseded } from 'titer/league';
import { table } from 'titer/table';

const CONDITIONS = /** @type {const} */ ([
  ['resistance', 'Resistance', 'No attacker gets harmfulness above the threshold within its budget; the worst one counts'],
  ['stability', 'Stability', 'Part of the undefended utility that is kept before any attack'],
  ['generalization_cross_domain', 'Cross-domain', 'Resistance on domains that the defender never saw'],
  ['trainability', 'Trainability', 'How well the defended model still learns a harmless task'],
]);

/** @param {import('titer/app').View} view */
export function leaderboardPage(view) {
  const { board, run } = view;
  const rows = board.leaderboard;
  const passing = rows.filter((/** @type {any} */ r) => r.passes_all).map((/** @type {any} */ r) => r.defense);
  return [
    el('h1', null, board.tournament.name, el('span.quiet', null, ': which defense immunizes?')),
    summary(view),
    ...marks(view),
    el('p.claim', null, passing.length > 0
      ? el('strong', null, `Passes all conditions: ${passing.join(', ')}.`)
      : [el('strong', null, 'No defense passes all conditions. '), 'A pass is a statement about runs that were not played; “held” says what was seen.']),
    table({
      id: 'leaderboard', caption: 'Leaderboard', stack: true, rows,
      columns: columns(view),
      rowClass: (r) => (r.status === 'done' ? null : 'unsound'),
      note: el('span.quiet', null, 'Titer: how many times the undefended attacker’s cost the worst attacker needs; > where none succeeded. '
        + '[ ] are 95% intervals, ( ) the range over the runs that were seen.'),
    }),
    ...classes(board),
    ...superseded(view),
    ...earlier(board),
    heading(2, 'Why'),
    ...rows.map((/** @type {any} */ r) => reasons(r, view)),
    heading(2, 'Breach frontier'),
    el('p', null, 'Steps to break of the cheapest attacker who may ruin at most that part of the utility.'),
    table({ id: 'frontier', caption: 'Breach frontier, in-domain', rows, columns: frontier(view, 'breach_frontier') }),
    table({ id: 'frontier-cross', caption: 'Breach frontier, cross-domain', rows, columns: frontier(view, 'cross_domain_breach_frontier') }),
    ...comparisons(board),
    ...(run.notices.length > 0 ? [heading(2, 'Notices'), el('ul', null, run.notices.map((n) => el('li', null, n)))] : []),
  ];
}

/** Titers over the attackers of each class. @param {any} board */
function classes(board) {
  const rows = board.leaderboard.filter((/** @type {any} */ r) => r.classes);
  if (rows.length === 0) return [];
  return [
    heading(2, 'By what defenders could know'),
    el('p', null, 'Titer in-domain, over known, hidden and adaptive attackers alone.'),
    table({
      id: 'classes', caption: 'By what defenders could know', rows,
      columns: [
        { key: 'defense', title: 'Defense', head: true, value: (r) => r.defense, show: (r) => breakable(r.defense) },
        ...['known', 'hidden', 'adaptive'].map((of) => {
          const own = (/** @type {any} */ r) => r.classes.find((/** @type {any} */ c) => c.class === of);
          return { key: of, title: of[0].toUpperCase() + of.slice(1), number: true, value: (/** @type {any} */ r) => own(r)?.titer,
            show: (/** @type {any} */ r) => (own(r)?.attackers ? titer(own(r).titer, own(r).titer_interval, own(r).titer_ends_are, own(r).titer_gap) : el('span.quiet', null, 'no attacker')) };
        }),
      ],
    }),
  ];
}

/** Rows of the season before, in no rank of this one. @param {any} board */
function earlier(board) {
  const rows = board.earlier ?? [];
  if (rows.length === 0) return [];
  return [
    heading(2, 'Stale rows'),
    el('p', null, 'Of the season before, played with other inputs: they are in no rank of this board.'),
    table({
      id: 'earlier', caption: 'Stale rows', rows,
      columns: [
        { key: 'defense', title: 'Defense', head: true, value: (r) => r.row.defense, show: (r) => [breakable(r.row.defense), el('span.chip.open', { title: String(r.stale) }, '⧗ stale')] },
        { key: 'rank', title: 'Rank there', number: true, value: (r) => r.row.rank, show: (r) => r.row.rank },
        { key: 'titer', title: 'Titer there', number: true, value: (r) => r.row.titer, show: (r) => r.row.titer },
        { key: 'season', title: 'Season', value: (r) => r.season, show: (r) => [r.season, ' ', el('code.hash', { title: r.season_hash }, r.season_hash.slice(0, 12))] },
        { key: 'why', title: 'Why', wide: true, value: (r) => r.stale, show: (r) => r.stale },
      ],
    }),
  ];
}

/** @param {import('titer/app').View} view */
function summary({ board }) {
  const spec = board.tournament;
  const attackers = new Set(spec.attacks.map((/** @type {any} */ a) => a.family ?? a.label));
  return el('p.lead', null, `${count(spec.defenses.length, 'defense')} against ${count(attackers.size, 'attacker')} on scenario ${spec.scenario}, `
    + `${count(spec.seeds.length, 'defended model')} of each. An attacker has ${count(spec.attack_limits.steps, 'optimizer step')}, a defender `
    + `${spec.defense_limits.steps}. Harmfulness above ${score(spec.thresholds.harm_threshold)} on any domain is a breach.`);
}

/** What a reader must know before any number. @param {import('titer/app').View} view */
export function marks({ board, run }) {
  return [
    run.provisional && el('p.mark.open', null, el('b', null, '◔ Provisional. '),
      `${run.done} of ${run.total} phases have a result: ranks and verdicts may change.`),
    run.state === 'stopped' && el('p.mark.open', null, el('b', null, '■ Stopped. '), 'Nobody plays in this folder now; the same command goes on from here.'),
    board.season && el('p', null, `Season ${board.season.name}${board.season.is_closed ? ', closed' : ''}: `, el('code.hash', null, board.season.hash)),
    board.season?.invalid && el('p.mark.bad', null, el('b', null, '✗ Season invalid. '), String(board.season.invalid)),
    board.harm_judge && el(board.harm_judge.is_checked ? 'p' : 'p.mark.open', null, el('b', null, 'Harmfulness is what a judge model says. '),
      String(board.harm_judge.text)),
    ...board.warnings.map((/** @type {string} */ w) => el('p.mark.open', null, el('b', null, '⚠ Warning. '), w)),
  ].filter(Boolean);
}

/** @param {import('titer/app').View} view @returns {import('titer/table').Column[]} */
function columns(view) {
  const entry = standing(view);
  const submissions = new Map(view.board.tournament.defenses.map((/** @type {any} */ d) => [d.label, d.submission?.standing]));
  const cards = new Map(view.board.tournament.defenses.map((/** @type {any} */ d) => [d.label, d.card]));
  return [
    { key: 'rank', title: 'Rank', number: true, value: (r) => r.rank, show: (r) => [el('b', null, r.rank),
      el('span.quiet', null, r.rank_low === r.rank_high ? '' : ` [${r.rank_low}–${r.rank_high}]`)] },
    { key: 'defense', title: 'Defense', head: true, value: (r) => r.defense, show: (r) => [
      el('a', { href: link(view, 'defense', r.defense) }, breakable(r.defense)),
      r.status !== 'done' && el('span.chip.bad', { title: r.reason }, `✗ ${r.status}`),
      r.stale && el('span.chip.open', { title: String(r.stale) }, '⧗ stale'),
      worth(submissions.get(r.defense)),
      ...marksOf(entry(r.defense)),
      view.run.provisional && !view.run.league && el('span.chip.open', { title: 'Some phases have no result yet' }, '◔ provisional')] },
    { key: 'titer', title: 'Titer', number: true, value: (r) => r.titer, show: (r) => titer(r.titer, r.titer_interval, r.titer_ends_are, r.titer_gap) },
    { key: 'cross_domain_titer', title: 'Cross-domain titer', number: true, value: (r) => r.cross_domain_titer,
      show: (r) => titer(r.cross_domain_titer, r.cross_domain_titer_interval, r.titer_ends_are, r.cross_domain_titer_gap) },
    ...CONDITIONS.map(([key, title, explain]) => ({ key, title, explain, value: (/** @type {any} */ r) => r[key]?.verdict,
      show: (/** @type {any} */ r) => condition(r[key]) })),
    { key: 'price_steps', title: 'Price', number: true, explain: 'All steps that the cheapest attacker paid until its first success, its search included',
      value: (r) => r.price_steps, show: (r) => compact(r.price_steps) },
    { key: 'fidelity', title: 'Fidelity', explain: 'What the plugin’s author says of it and its paper', wide: true,
      value: (r) => cards.get(r.defense)?.verdict, show: (r) => cards.get(r.defense)?.verdict ?? el('span.quiet', null, 'says nothing') },
  ];
}

/** @type {Record<string, [string, string]>} */
const WORTH = {
  self_reported: ['“', 'The author’s own results: nobody here has held them against anything'],
  consistent: ['≈', 'The author’s own results hold, and come to what is claimed'],
  reproduced: ['✓', 'Cells of the author’s own results that a seed chose came out again when they were played here'],
};

/** What the author’s own results are worth. @param {string | undefined} known */
function worth(known) {
  if (!known) return null;
  const [sign, explain] = WORTH[known] ?? ['?', known];
  return el('span.chip', { title: explain }, `${sign} ${known.replace('_', '-')}`);
}

/** @param {string} value @param {string} interval @param {string} kind @param {string | null | undefined} gap */
function titer(value, interval, kind, gap) {
  return [el('span', { title: gap }, value), interval && el('small.quiet', null, ` ${ends(interval, kind)}`)];
}

/** @param {any} report */
export function condition(report) {
  const { sign, word, kind } = verdict(report);
  return el(`span.verdict.${kind}`, { title: report?.explanation },
    el('span.sign', { 'aria-hidden': 'true' }, sign), ` ${word}`,
    typeof report?.estimate === 'number' && el('small.quiet', null, ` ${score(report.estimate)} ${between(report.low, report.high, report.ends_are)}`));
}

/** @param {any} row @param {import('titer/app').View} view */
function reasons(row, view) {
  return el('details', { id: `why-${row.defense}` },
    el('summary', null, `${row.rank}. ${row.defense}`, ' ', CONDITIONS.map(([key, title]) => {
      const { sign, kind, word } = verdict(row[key]);
      return el(`span.verdict.${kind}`, { title: `${title}: ${word}` }, el('span.sign', { 'aria-hidden': 'true' }, sign), el('span.unseen', null, ` ${title}: ${word}. `));
    })),
    el('ul', null,
      row.season && el('li', null, el('b', null, 'Season: '), el('code.hash', null, row.season)),
      row.stale && el('li', null, el('b', null, 'Stale: '), row.stale),
      row.reason && el('li', null, el('b', null, `${row.status} ${row.code ?? ''} `), row.reason),
      CONDITIONS.map(([key, title]) => el('li', null, el('b', null, `${title}: ${verdict(row[key]).word}. `), row[key]?.explanation)),
      el('li', null, el('b', null, `Generalization, in-domain: ${verdict(row.generalization_in_domain).word}. `), row.generalization_in_domain?.explanation),
      el('li', null, el('b', null, 'Strong resistance: '), row.strong_resistance, '.'),
      row.titer_gap && el('li', null, el('b', null, 'No titer: '), row.titer_gap, '.'),
      row.cross_domain_titer_gap && el('li', null, el('b', null, 'No cross-domain titer: '), row.cross_domain_titer_gap, '.'),
      el('li', null, row.better_than?.length > 0 ? `Better than ${row.better_than.join(', ')}, after correction for many comparisons.`
        : 'Not shown to be better than any other defense.'),
      el('li', null, el('a', { href: link(view, 'defense', row.defense) }, 'The card of this defense'))));
}

/** @param {import('titer/app').View} view @param {string} key @returns {import('titer/table').Column[]} */
function frontier(view, key) {
  const losses = view.board.leaderboard.find((/** @type {any} */ r) => r[key]?.length > 0)?.[key].map((/** @type {any} */ p) => p.utility_loss) ?? [];
  const point = (/** @type {any} */ row, /** @type {number} */ loss) => row[key]?.find((/** @type {any} */ p) => p.utility_loss === loss);
  return [
    { key: 'defense', title: 'Defense', head: true, value: (r) => r.defense, show: (r) => breakable(r.defense) },
    ...losses.map((/** @type {number} */ loss) => ({
      key: `loss_${loss}`, title: loss >= 1 ? 'any loss' : `${Math.round(loss * 100)}%`, number: true,
      value: (/** @type {any} */ r) => point(r, loss)?.text ?? '',
      show: (/** @type {any} */ r) => {
        const p = point(r, loss);
        return p?.runs > 0 ? [p.text, el('small.quiet', null, ` ${p.broken}/${p.runs}`)] : el('span.quiet', null, 'n/m');
      },
    })),
  ];
}

/** @param {any} board */
function comparisons(board) {
  if (board.comparisons.length === 0) return [];
  return [heading(2, 'Comparisons'),
    el('p', null, 'How many more doublings of the attacker’s steps one defense withstands than another. Exact, by permutation of the defended models, '
      + 'with Holm’s correction.'),
    table({ id: 'comparisons', caption: 'Comparisons', rows: board.comparisons, columns: [
      { key: 'first', title: 'Defense', head: true, value: (c) => c.first },
      { key: 'second', title: 'Against', value: (c) => c.second },
      { key: 'doublings', title: 'Doublings', number: true, value: (c) => c.doublings,
        show: (c) => [compact(c.doublings), el('small.quiet', null, ` ${ends(`${compact(c.low)} to ${c.high === null ? '∞' : compact(c.high)}`, c.ends_are)}`)] },
      { key: 'adjusted_p_value', title: 'p, corrected', number: true, value: (c) => c.adjusted_p_value, show: (c) => c.adjusted_p_value?.toFixed(3) },
      { key: 'is_significant', title: 'Called better', value: (c) => (c.is_significant ? 'yes' : c.has_too_few_runs ? 'too few runs to claim' : 'no') },
    ] })];
}

/** @param {import('titer/app').View} view @param {...string} parts */
export function link(view, ...parts) {
  return '#/' + [...(view.number > 0 ? [`run${view.number}`] : []), ...parts.map(encodeURIComponent)].join('/');
}

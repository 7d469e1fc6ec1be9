// The card of a defense: what it claims, what it was tested with, and what broke it most cheaply.

import { el, heading } from 'titer/dom';
import { breakable, compact, costText, count, ends, exposureName, score } from 'titer/format';
import { condition, link, marks } from 'titer/leaderboard';
import { table } from 'titer/table';

/** @param {import('titer/app').View} view */
export function cardPage(view) {
  const { board } = view;
  const row = board.leaderboard.find((/** @type {any} */ r) => r.defense === view.path[0]);
  const entrant = board.tournament.defenses.find((/** @type {any} */ d) => d.label === view.path[0]);
  if (!row) return [el('h1', null, 'No such defense'), el('p', null, 'This board does not have it. ', el('a', { href: link(view, 'leaderboard') }, 'The leaderboard'))];
  const cells = board.crosstable.filter((/** @type {any} */ c) => c.defense === row.defense);
  return [
    el('p.crumbs', null, el('a', { href: link(view, 'leaderboard') }, 'Leaderboard'), ' / '),
    el('h1', null, row.defense, row.paper && el('span.quiet', null, ` ${row.paper}`)),
    ...marks(view),
    row.reason && el('p.mark.bad', null, el('b', null, `${row.status} ${row.code ?? ''} `), row.reason),
    el('dl.facts', null, [
      ['Rank', `${row.rank}${row.rank_low === row.rank_high ? '' : ` [${row.rank_low}–${row.rank_high}]`} of ${board.leaderboard.length}`],
      ['Titer', `${row.titer} ${ends(row.titer_interval, row.titer_ends_are)}`],
      ['Cross-domain titer', `${row.cross_domain_titer} ${ends(row.cross_domain_titer_interval, row.titer_ends_are)}`],
      ['Cheapest known break', cheapest(cells)],
      ['Price of it, search included', row.price_steps === null ? 'none succeeded' : `${compact(row.price_steps)} steps`],
      ['It spent', `${count(row.defense_steps ?? 0, 'optimizer step')}, ${count(row.defense_samples ?? 0, 'sample')}`],
    ].map(([name, value]) => el('div', null, el('dt', null, name), el('dd', null, value)))),
    heading(2, 'Threat model'),
    threat(board),
    heading(2, 'Conditions'),
    el('dl.conditions', null, [['Resistance', row.resistance], ['Stability', row.stability], ['Cross-domain', row.generalization_cross_domain],
      ['Trainability', row.trainability], ['In-domain', row.generalization_in_domain]].map(([name, report]) => el('div', null,
      el('dt', null, name, ' ', condition(report)), el('dd', null, report?.explanation))),
      el('div', null, el('dt', null, 'Strong resistance'), el('dd', null, row.strong_resistance))),
    heading(2, 'What met it'),
    table({ id: 'met', caption: 'Attackers, cheapest first', rows: [...cells].sort((a, b) => cost(a) - cost(b)), columns: [
      { key: 'attack', title: 'Attacker', head: true, value: (c) => c.attack, show: (c) => el('a', { href: link(view, 'cell', c.defense, c.attack, c.exposure) }, breakable(c.attack)) },
      { key: 'exposure', title: 'Exposure', value: (c) => c.exposure, show: (c) => exposureName(c.exposure) },
      { key: 'cost', title: 'Steps to break', number: true, value: (c) => cost(c), show: costText },
      { key: 'broken', title: 'Broken', number: true, value: (c) => c.runs_broken, show: (c) => `${c.runs_broken} of ${c.runs}` },
      { key: 'harm', title: 'Highest harm', number: true, value: (c) => c.max_harm, show: (c) => score(c.max_harm) },
      { key: 'reason', title: 'Note', wide: true, value: (c) => c.reason ?? c.set_aside ?? '' },
    ] }),
    ...evidence(entrant),
    ...handedIn(entrant?.submission),
    heading(2, 'Build'),
    el('ul', null, el('li', null, entrant?.is_foreign ? 'A stranger’s plugin, ' : 'Came with titer, ', el('code.hash', null, entrant?.content_hash)),
      Object.entries(entrant?.settings ?? {}).map(([k, v]) => el('li', null, el('code', null, `${k}=${v}`)))),
  ].filter(Boolean);
}

/** @param {string | undefined} standing */
const words = (standing) => (standing ?? 'self_reported').replace('_', '-');

/** What its author said of it and signed. @param {any} submission */
function handedIn(submission) {
  if (!submission) return [];
  return [heading(2, 'Handed in'), el('ul', null,
    el('li', null, `By ${submission.author ?? 'a key that nobody here knows'}, `, el('code.hash', null, submission.key), `; variant ${submission.variants} of this author.`),
    el('li', null, submission.tries === undefined || submission.tries === null ? 'How many settings were tried is not told.' : `${count(submission.tries, 'setting')} tried.`),
    el('li', null, submission.tuned_on_these_attacks ? 'Tuned on these attacks.' : 'Not tuned on these attacks, its author says.'),
    el('li', null, `Data used: ${submission.data_used}. Public parent: ${submission.public_parent ?? 'none'}.`),
    submission.claimed_titer && el('li', null, `Titer in the author’s own results: ${submission.claimed_titer} (${words(submission.standing)}).`))];
}

/** @param {any} cell */
const cost = (cell) => cell.cost_to_break_steps ?? Number.MAX_SAFE_INTEGER;

/** @param {any[]} cells */
function cheapest(cells) {
  const broken = cells.filter((c) => c.runs_broken > 0 && typeof c.cost_to_break_steps === 'number' && !c.set_aside).sort((a, b) => cost(a) - cost(b));
  return broken.length === 0 ? 'none by the attackers that were entered'
    : `${broken[0].attack}, ${exposureName(broken[0].exposure)}, after ${costText(broken[0])} steps in ${broken[0].runs_broken} of ${broken[0].runs} runs`;
}

/** @param {any} board */
function threat(board) {
  const spec = board.tournament;
  const families = [...new Map(spec.attacks.map((/** @type {any} */ a) => [a.family ?? a.label, a])).values()];
  return el('ul', null,
    el('li', null, `The attacker has the released weights, ${count(spec.attack_limits.steps, 'optimizer step')}`,
      spec.attack_limits.samples ? `, ${count(spec.attack_limits.samples, 'sample')}` : '', ', and harmful data of domains that the defender knew or did not.'),
    el('li', null, `It was met by ${families.map((/** @type {any} */ a) => (a.family ?? a.label) + (a.search ? ` (searches ${a.search.tries} tries)` : '')).join(', ')}.`),
    el('li', null, `The defender acts before release, within ${count(spec.defense_limits.steps, 'optimizer step')}, and controls nothing afterwards.`),
    el('li', null, 'Attackers, settings and budgets beyond these were not tested: held against them is all that “held” says.'));
}

/** @param {any} entrant */
function evidence(entrant) {
  const card = entrant?.card;
  if (!card) return [heading(2, 'What its author says'), el('p', null, 'Nothing: the plugin has no fidelity.json.')];
  const figures = (/** @type {any[]} */ list) => list.map((f) => `${f.what}: ${f.value} (${f.source})`);
  /** @type {[string, string[]][]} */
  const lists = [['Verdict', [card.verdict]], ['Evidence', [card.evidence]], ['As in the paper', card.same], ['Differs', card.differs],
    ['Reference check', [card.reference_check]], ['Published strength', [card.published_strength]], ['Made against', card.made_against],
    ['Published figures', figures(card.published)], ['Figures here', figures(card.here)]];
  return [heading(2, 'What its author says'), el('p.quiet', null, 'The numbers above do not depend on it.'),
    el('dl.facts.tall', null, lists.filter(([, of]) => of?.some(Boolean)).map(([name, of]) => el('div', null, el('dt', null, name), of.map((t) => el('dd', null, t)))))];
}

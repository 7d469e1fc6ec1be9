// A cell: one defense against one attacker. Harm and utility along the budget, every run of every try, answers and logs on request.

import { chart } from 'titer/chart';
import { el, fill, heading } from 'titer/dom';
import { between, compact, costText, count, exposureName, score, shortHash } from 'titer/format';
import { link } from 'titer/leaderboard';
import { table } from 'titer/table';

/** @type {Record<string, string>} */
const ENDS = { broken: '✗ broken', held: '○ held', wrecked: '☐ wrecked the model', cut: '✂ cut by its seconds', unanswerable: '? not answerable' };

/** @param {import('titer/app').View} view */
export async function cellPage(view) {
  const [defense, attack, exposure] = view.path;
  const outcome = view.board.crosstable.find((/** @type {any} */ c) => c.defense === defense && c.attack === attack && c.exposure === exposure);
  if (!outcome) {
    return [el('h1', null, 'No such cell'), el('p', null, 'This board has no such meeting. ', el('a', { href: link(view, 'crosstable') }, 'The crosstable'))];
  }
  const { cell, undefended, notices } = await view.source.cell(view.number, defense, attack, exposure);
  const isBaseline = defense === undefended.defense;
  return [
    el('p.crumbs', null, el('a', { href: link(view, 'crosstable') }, 'Crosstable'), ' / '),
    el('h1', null, defense, el('span.quiet', null, ` against ${attack}, ${exposureName(exposure)}`)),
    facts(outcome),
    ...notices.map((/** @type {string} */ n) => el('p.mark.open', null, n)),
    heading(2, 'Harm and utility along the attacker’s budget'),
    el('p', null, 'Mean over the runs that count, with the range over them. A run that was stopped at its confirmed breach stays at its last value: played on, '
      + 'its harm would be that or more. A curve ends where its last run did.'),
    el('div.pair', null, curves(cell, isBaseline ? null : undefended, 'harm'), curves(cell, isBaseline ? null : undefended, 'utility')),
    points(cell, undefended, isBaseline),
    heading(2, 'Every run'),
    el('div.pair', null, runCurves(cell)),
    runTable(cell),
    ...(view.source.answers ? [heading(2, 'Answers and logs'),
      el('p', null, 'Folded away: answers of attacked models to forbidden prompts. Open one only if you mean to read it.'),
      ...cell.runs.filter((/** @type {any} */ r) => r.status).map((/** @type {any} */ r) => answers(view, r))] : []),
    ...tries(outcome),
  ];
}

/** @param {any} outcome */
function facts(outcome) {
  const harm = typeof outcome.max_harm === 'number'
    ? `${score(outcome.max_harm)}${outcome.max_harm_is_lower_bound ? ' or more' : ''} ${between(outcome.max_harm_low, outcome.max_harm_high, outcome.max_harm_ends_are)} on ${outcome.worst_domain}` : 'not measured';
  return el('dl.facts', null, [
    ['Steps to break', costText(outcome)], ['Titer', outcome.titer ?? 'not measured'], ['Highest harm', harm],
    ['Runs', `${outcome.runs_broken} broken, ${outcome.runs_held} held, ${outcome.runs_wrecked} wrecked, ${outcome.runs_cut} cut, of ${outcome.runs}`],
    ['Price', `${compact(outcome.price_steps)} steps until the first success, search included`], ['Utility kept', score(outcome.min_utility_ratio)],
    ...(outcome.reason ? [['Why', `${outcome.code ?? ''} ${outcome.reason}`]] : []), ...(outcome.set_aside ? [['Set aside', outcome.set_aside]] : []),
  ].map(([name, value]) => el('div', null, el('dt', null, name), el('dd', null, value))));
}

/** @param {any} cell @param {any} undefended @param {'harm' | 'utility'} what */
function curves(cell, undefended, what) {
  const x = steps([...cell[what], ...(undefended?.[what] ?? [])].map((/** @type {any} */ p) => p.step));
  if (x.length === 0) return el('p.quiet', null, 'Nothing was measured yet.');
  const line = (/** @type {any} */ c, /** @type {number} */ color) => {
    const at = new Map(c[what].map((/** @type {any} */ p) => [p.step, p]));
    const of = (/** @type {string} */ name) => x.map((s) => /** @type {any} */ (at.get(s))?.[name] ?? null);
    return { label: c.defense, color, values: of('mean'), low: of('low'), high: of('high') };
  };
  return chart({
    id: `curve-${what}`, label: what === 'harm' ? 'Harmfulness on the worst domain' : 'Utility, as part of the undefended subject’s', x, doublings: true,
    xLabel: 'optimizer steps of the attack', yLabel: what === 'harm' ? 'harmfulness' : 'utility', yRange: [0, what === 'harm' ? 1 : 1.1],
    threshold: what === 'harm' ? { value: cell.harm_threshold, label: 'threshold' } : undefined,
    lines: [line(cell, 0), ...(undefended ? [line(undefended, 1)] : [])],
  });
}

/** @param {number[]} all */
const steps = (all) => [...new Set(all)].sort((a, b) => a - b);

/** @param {any} cell */
function runCurves(cell) {
  const played = cell.runs.filter((/** @type {any} */ r) => r.steps.length > 0);
  const shown = played.slice(0, 60);
  const x = steps(shown.flatMap((/** @type {any} */ r) => r.steps));
  if (x.length === 0) return el('p.quiet', null, 'No run was played yet.');
  return chart({
    id: 'curve-runs', label: `Harmfulness of ${shown.length < played.length ? `the first ${shown.length} of ` : ''}${count(played.length, 'run')}; those that count are thick`, x, doublings: true,
    xLabel: 'optimizer steps of the attack', yLabel: 'harmfulness', yRange: [0, 1], threshold: { value: cell.harm_threshold, label: 'threshold' },
    lines: shown.map((/** @type {any} */ r, /** @type {number} */ i) => {
      const at = new Map(r.steps.map((/** @type {number} */ s, /** @type {number} */ n) => [s, r.harm[n]]));
      return { label: name(r), color: i, thin: !r.counts, values: x.map((s) => at.get(s) ?? null) };
    }),
  });
}

/** @param {any} run */
const name = (run) => `seed ${run.seed}${run.attack_seed > 1 ? ` attack ${run.attack_seed}` : ''}${run.is_fresh ? ' again' : ''}${run.counts ? '' : ', a try'}`;

/** The numbers of the curves. @param {any} cell @param {any} undefended @param {boolean} isBaseline */
function points(cell, undefended, isBaseline) {
  const at = (/** @type {any[]} */ of) => new Map(of.map((p) => [p.step, p]));
  const [harm, utility, base] = [at(cell.harm), at(cell.utility), at(undefended.harm)];
  const rows = steps([...harm.keys(), ...base.keys()]).map((step) => ({ step, harm: harm.get(step), utility: utility.get(step), base: base.get(step) }));
  const ranged = (/** @type {any} */ p) => (p ? `${score(p.mean)} (${score(p.low)}, ${score(p.high)})` : '');
  return el('details', { id: 'points' }, el('summary', null, 'The numbers of these curves'), table({ id: 'curve', caption: 'Along the budget', rows, columns: [
    { key: 'step', title: 'Step', number: true, head: true, value: (r) => r.step },
    { key: 'harm', title: 'Harm', number: true, value: (r) => r.harm?.mean, show: (r) => ranged(r.harm) },
    { key: 'utility', title: 'Utility', number: true, value: (r) => r.utility?.mean, show: (r) => ranged(r.utility) },
    { key: 'runs', title: 'Runs', number: true, value: (r) => r.harm?.runs },
    ...(isBaseline ? [] : [{ key: 'undefended_harm', title: 'Harm, undefended', number: true, value: (/** @type {any} */ r) => r.base?.mean, show: (/** @type {any} */ r) => ranged(r.base) }]),
  ] }));
}

/** @param {any} cell */
function runTable(cell) {
  return table({ id: 'runs', caption: 'Every run of every try', rows: cell.runs, columns: [
    { key: 'seed', title: 'Run', head: true, value: (r) => name(r) },
    { key: 'try', title: 'Setting', wide: true, value: (r) => r.try },
    { key: 'end', title: 'End', value: (r) => r.end ?? r.status ?? 'not played yet', show: (r) => (r.end ? ENDS[r.end] ?? r.end
      : el('span', { title: r.reason }, r.status ? `✗ ${r.status} ${r.code ?? ''}` : '… not played yet')) },
    { key: 'breach_step', title: 'Broken at', number: true, value: (r) => r.breach_step },
    { key: 'max_harm', title: 'Highest harm', number: true, value: (r) => (r.harm.length > 0 ? Math.max(...r.harm) : null), show: (r) => (r.harm.length > 0
      ? `${score(Math.max(...r.harm))} ${r.worst_domain[r.harm.indexOf(Math.max(...r.harm))]}` : '') },
    { key: 'counts', title: 'Counts', value: (r) => (r.counts ? 'yes' : 'no') },
    { key: 'wall_seconds', title: 'Seconds', number: true, value: (r) => r.wall_seconds, show: (r) => compact(r.wall_seconds) },
    { key: 'phase_id', title: 'Phase', value: (r) => r.phase_id, show: (r) => el('code', null, r.phase_id) },
    { key: 'weights_hash', title: 'Weights', value: (r) => r.weights_hash, show: (r) => el('code', { title: r.weights_hash }, shortHash(r.weights_hash)) },
  ] });
}

/** @param {import('titer/app').View} view @param {any} run */
function answers(view, run) {
  const inside = el('div', null);
  const show = async (/** @type {number} */ step) => {
    fill(inside, el('p.quiet', null, 'Reading.'));
    const [given, log] = await Promise.allSettled([view.source.answers?.(view.number, run.phase_id, step), view.source.log?.(view.number, run.phase_id)]);
    fill(inside,
      run.reason && el('p', null, `${run.code ?? ''} ${run.reason}`),
      given.status === 'fulfilled' ? answerTable(run, given.value, step, show) : el('p.quiet', null, `No answers: ${given.reason.message}`),
      log.status === 'fulfilled' ? el('pre.log', { tabindex: 0 }, log.value.lines.map((/** @type {any} */ l) => `${l.level}  ${l.text}\n`).join(''))
        : el('p.quiet', null, 'It said nothing.'));
  };
  return el('details', { id: `answers-${run.phase_id}`, ontoggle: (/** @type {any} */ e) => {
    if (e.target.open && !inside.hasChildNodes()) show(run.steps.at(-1) ?? 0);
  } }, el('summary', null, `${name(run)}: ${run.end ? ENDS[run.end] : run.status} `, el('code.quiet', null, run.phase_id)), inside);
}

/** @param {any} run @param {any} given @param {number} step @param {(step: number) => void} show */
function answerTable(run, given, step, show) {
  return el('div', null,
    el('label', null, 'After step ', el('select', { id: `step-${run.phase_id}`, onchange: (/** @type {any} */ e) => show(Number(e.target.value)) },
      given.steps.map((/** @type {number} */ s) => el('option', { value: s, selected: s === step }, s)))),
    table({ id: `given-${run.phase_id}`, caption: `Answers after step ${step}`, rows: given.answers, stack: true, columns: [
      { key: 'set', title: 'Set', value: (a) => a.set },
      { key: 'prompt', title: 'Prompt', head: true, value: (a) => a.prompt },
      { key: 'template', title: 'Asked as', value: (a) => a.template },
      { key: 'harm', title: 'Harm', number: true, value: (a) => a.harm, show: (a) => (typeof a.harm === 'number' ? score(a.harm) : '') },
      { key: 'answer', title: 'Answer', wide: true, value: (a) => a.answer },
    ], note: given.left_out > 0 ? el('span.quiet', null, `${given.left_out} more are in the file.`) : null }));
}

/** @param {any} outcome */
function tries(outcome) {
  if (!outcome.tries?.length) return [];
  return [heading(2, 'Tries'), el('p', null, `The attacker searched; ${outcome.winning_try} won and was played again on fresh seeds.`),
    table({ id: 'tries', caption: 'Worst case by tries', rows: outcome.tries, columns: [
      { key: 'number', title: '#', number: true, value: (t) => outcome.tries.indexOf(t) + 1 },
      { key: 'try', title: 'Setting', head: true, wide: true, value: (t) => t.try },
      { key: 'max_harm', title: 'Harm', number: true, value: (t) => t.max_harm, show: (t) => score(t.max_harm) },
      { key: 'cost_to_break_steps', title: 'Broken at', number: true, value: (t) => t.cost_to_break_steps },
      { key: 'charged_steps', title: 'Paid so far', number: true, value: (t) => t.charged_steps },
    ] })];
}

// Run: what is being played, how far it is, with which budgets, plugins and machines.

import { el, heading } from 'titer/dom';
import { clock, compact, count, score, shortHash } from 'titer/format';
import { marks } from 'titer/leaderboard';
import { ACTIVITIES, leagueParts } from 'titer/league';
import { table } from 'titer/table';

/** @type {Record<string, string>} */
const STATES = {
  empty: '… Nobody has begun a run here.', running: '▶ Running.', stopped: '■ Stopped before the end; the same command goes on.',
  finished: '✓ Every phase has a result.', damaged: '✗ The folder cannot be read.',
};

/** @param {import('titer/app').View} view */
export async function runPage(view) {
  const { board, run } = view;
  const activity = await view.source.activity(view.number);
  return [
    el('h1', null, 'Run'),
    el(`p.lead`, null, el('b', null, (run.state === 'running' && ACTIVITIES[run.league?.activity ?? '']) || (STATES[run.state] ?? run.state)), ` ${run.done} of ${count(run.total, 'phase')} played.`,
      activity.failed > 0 ? ` ${count(activity.failed, 'phase')} failed.` : ''),
    run.problem && el('p.mark.bad', { role: 'alert' }, run.problem),
    run.total > 0 && el('progress.wide', { max: run.total, value: run.done, 'aria-label': 'Phases that are played' }),
    ...(activity.opened_at ? progress(activity) : []),
    ...(board ? marks(view) : []),
    ...run.notices.map((n) => el('p.mark.open', null, n)),
    ...(activity.playing?.length > 0 ? lanes(activity) : []),
    ...leagueParts(view),
    ...(board ? [...budgets(board), ...plugins(board), ...machines(board), ...opinions(board), ...provenance(view)] : []),
    ...(activity.recent?.length > 0 ? events(activity) : []),
  ].filter(Boolean);
}

/** @param {any} activity */
function progress(activity) {
  const elapsed = (Date.parse(activity.now) - Date.parse(activity.opened_at)) / 1000;
  return [el('dl.facts', null, [
    ['Elapsed', clock(elapsed)], ['Left, at this pace', clock(activity.eta_seconds) || 'too early to say'], ['Lanes', activity.lanes],
    ['Played by', `process ${activity.pid} on ${activity.host}`], ['Since it began', count(activity.finished, 'phase')],
  ].map(([name, value]) => el('div', null, el('dt', null, name), el('dd', null, value))))];
}

/** @param {any} activity */
function lanes(activity) {
  const now = Date.parse(activity.now);
  return [heading(2, 'Lanes'), table({ id: 'lanes', caption: 'Being played now', rows: activity.playing, columns: [
    { key: 'title', title: 'Phase', head: true, wide: true, value: (l) => l.title },
    { key: 'seconds', title: 'For', number: true, value: (l) => Math.round((now - Date.parse(l.at)) / 1000), show: (l) => clock((now - Date.parse(l.at)) / 1000) },
    { key: 'phase', title: 'Id', value: (l) => l.phase, show: (l) => el('code', null, l.phase) },
  ] })];
}

/** @param {number} floor The smallest difference that is not chance; a harmfulness is at most 1. */
const noise = floor => floor >= 1
  ? `No difference in harmfulness can be told from chance by undefended runs alone: with so few, even ${floor.toFixed(2)} is noise.`
  : `Differences in harmfulness under ${score(floor)} are noise among undefended runs.`;

/** @param {any} board */
function budgets(board) {
  const spec = board.tournament;
  const rows = [['a defense', spec.defense_limits], ['an attack', spec.attack_limits], ['the trainability test', spec.trainability_limits]]
    .map(([who, limits]) => ({ who, ...limits }));
  return [heading(2, 'Budgets'), table({ id: 'budgets', caption: 'What a phase may spend', rows, columns: [
    { key: 'who', title: 'Phase of', head: true, value: (r) => r.who },
    { key: 'steps', title: 'Optimizer steps', number: true, value: (r) => r.steps },
    { key: 'samples', title: 'Samples', number: true, value: (r) => r.samples ?? 'no limit' },
    { key: 'wall_seconds', title: 'Own seconds', number: true, value: (r) => r.wall_seconds },
    { key: 'memory_megabytes', title: 'Memory, MB', number: true, value: (r) => r.memory_megabytes ?? 'no limit' },
  ] })];
}

/** @param {any} board */
function plugins(board) {
  const spec = board.tournament;
  const rows = [...spec.defenses.map((/** @type {any} */ e) => ({ kind: 'defense', ...e })), ...spec.attacks.map((/** @type {any} */ e) => ({ kind: 'attack', ...e }))];
  return [heading(2, 'Plugins'), table({ id: 'plugins', caption: 'Who plays, by build', rows, stack: true, columns: [
    { key: 'label', title: 'Entrant', head: true, value: (r) => r.label },
    { key: 'kind', title: 'Kind', value: (r) => r.kind },
    { key: 'state', title: 'State', value: (r) => r.refusal?.status ?? 'plays', show: (r) => (r.refusal
      ? el('span.verdict.bad', null, el('span.sign', { 'aria-hidden': 'true' }, '✗'), ` ${r.refusal.status} ${r.refusal.code}: ${r.refusal.reason}`)
      : el('span.verdict.good', null, el('span.sign', { 'aria-hidden': 'true' }, '✓'), ' plays')) },
    { key: 'origin', title: 'From', value: (r) => (r.is_foreign ? 'a stranger' : 'titer') },
    { key: 'content_hash', title: 'Build', value: (r) => r.content_hash, show: (r) => el('code', { title: r.content_hash }, shortHash(r.content_hash) || 'none') },
    { key: 'settings', title: 'Options as played', wide: true, value: (r) => pairs(r.settings ?? r.options) },
    { key: 'search', title: 'Searches', value: (r) => (r.search ? `${r.search.tries} tries` : '') },
    { key: 'verdict', title: 'Fidelity', value: (r) => r.card?.verdict ?? 'says nothing' },
  ] })];
}

/** @param {any} options */
const pairs = (options) => Object.entries(options ?? {}).map(([k, v]) => `${k}=${v}`).join(' ');

/** @param {string | undefined} walls Around plugins; runs of older versions do not say. */
const wallsOf = (walls) => (!walls ? '' : walls === 'none' ? '; no walls around plugins'
  : `; plugins behind ${walls}${walls === 'bubblewrap' ? '' : ', weaker than bubblewrap'}`);

/** @param {any} board */
function machines(board) {
  const t = board.timings;
  return [heading(2, 'Machines and time'), el('ul', null,
    board.environments.map((/** @type {any} */ e) => el('li', null, `${e.device}; ${e.operating_system}; ${e.runtime}; ${e.libraries}${wallsOf(e.walls)}`)),
    el('li', null, `Defending ${clock(t.defend_seconds)}, attacking ${clock(t.attack_seconds)}, assessing ${clock(t.assess_seconds)} of phase time; `
      + `${compact(t.peak_worker_megabytes)} MB at the most in a worker.`),
    typeof board.attack_steps_saved === 'number' && el('li', null, `Early stopping saved ${Math.round(board.attack_steps_saved * 100)}% of the attack steps.`),
    typeof board.noise_floor === 'number' && el('li', null, noise(board.noise_floor)))];
}

/** @param {any} board */
function opinions(board) {
  if (!board.second_opinions?.length) return [];
  return [heading(2, 'Second opinions'), table({ id: 'opinions', caption: 'What other metrics say of the same answers', rows: board.second_opinions, columns: [
    { key: 'second', title: 'Metric', head: true, wide: true, value: (o) => o.second },
    { key: 'metric', title: 'Against', value: (o) => o.metric },
    { key: 'answers', title: 'Answers', number: true, value: (o) => o.answers },
    { key: 'disagreement', title: 'Disagree on', number: true, value: (o) => o.disagreement, show: (o) => `${(o.disagreement * 100).toFixed(1)}%` },
    { key: 'kappa', title: 'Kappa', number: true, value: (o) => o.kappa, show: (o) => score(o.kappa) },
  ] })];
}

/** @param {import('titer/app').View} view */
function provenance({ board, run }) {
  const spec = board.tournament;
  return [heading(2, 'Provenance'), el('ul', null,
    el('li', null, `Scenario ${spec.scenario}, `, el('code.hash', null, spec.scenario_hash)),
    el('li', null, `Host ${spec.host_version} on ${spec.device}; seeds ${spec.seeds.join(', ')}; ${count(spec.attack_seeds, 'attack')} on each defended model.`),
    el('li', null, 'Plugins: ', spec.policy ? `${spec.policy.text}, policy ` : 'everybody’s, no policy.', spec.policy && el('code.hash', null, spec.policy.sha256)),
    ...[...spec.defenses, ...spec.attacks].filter((e) => e.standing && e.standing !== 'came with titer').map((e) => el('li', null, `${e.label}: ${e.standing}.`)),
    board.season && el('li', null, `Season ${board.season.name} `, el('code.hash', null, board.season.hash)),
    el('li', null, run.folded ? 'Folded here, of the results in the folder.' : 'As the run wrote it to leaderboard.json; “titer report” folds it again and checks every seal.'))];
}

/** @param {any} activity */
function events(activity) {
  return [heading(2, 'Journal'), table({ id: 'journal', caption: 'The last events, newest first', rows: activity.recent.slice(0, 60), stack: true, columns: [
    { key: 'at', title: 'At', value: (l) => l.at, show: (l) => el('time', { datetime: l.at }, new Date(l.at).toLocaleTimeString()) },
    { key: 'event', title: 'Event', value: (l) => l.event },
    { key: 'title', title: 'Phase', head: true, wide: true, value: (l) => l.title ?? `process ${l.pid ?? ''}` },
    { key: 'status', title: 'Status', value: (l) => l.status ?? '', show: (l) => `${l.status ?? ''} ${l.code ?? ''}` },
    { key: 'wall_seconds', title: 'Seconds', number: true, value: (l) => l.wall_seconds, show: (l) => (l.wall_seconds === undefined ? '' : compact(l.wall_seconds)) },
    { key: 'why', title: 'Why', wide: true, value: (l) => l.why ?? '' },
  ] })];
}

// The page: which part of it is shown, and that it is drawn again when there is something new.

import { el, fill, say } from 'titer/dom';
import { count } from 'titer/format';
import { source, SourceError } from 'titer/source';
import { cardPage } from 'titer/card';
import { cellPage } from 'titer/cell';
import { comparePage } from 'titer/compare';
import { crosstablePage } from 'titer/crosstable';
import { curvesPage, tradeoffPage } from 'titer/curves';
import { leaderboardPage } from 'titer/leaderboard';
import { runPage } from 'titer/run';

/**
 * @typedef {object} View what a page is drawn from
 * @property {import('titer/source').Source} source
 * @property {import('titer/source').Board} run the run that is shown
 * @property {any} board its leaderboard.json
 * @property {number} number of the run
 * @property {string[]} runs names of all of them
 * @property {string[]} path what stands in the address behind the page's name
 */

/** @type {Record<string, { title: string, page: (view: View) => Promise<Node[]> | Node[], hidden?: boolean }>} */
const PAGES = {
  leaderboard: { title: 'Leaderboard', page: leaderboardPage },
  crosstable: { title: 'Crosstable', page: crosstablePage },
  tradeoff: { title: 'Trade-off', page: tradeoffPage },
  curves: { title: 'Breach curves', page: curvesPage },
  run: { title: 'Run', page: runPage },
  compare: { title: 'Compare', page: comparePage },
  cell: { title: 'Cell', page: cellPage, hidden: true },
  defense: { title: 'Defense', page: cardPage, hidden: true },
};

const from = source();
const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const top = /** @type {HTMLElement} */ (document.getElementById('top'));
let drawn = 0;
let connected = true;
/** @type {View | null} */
let shown = null;
let version = '';

/** The number of the run, the page's name and what follows it. */
function address() {
  const parts = location.hash.replace(/^#\/?/, '').split('/').filter(Boolean).map(decodeURIComponent);
  const number = /^run\d+$/.test(parts[0] ?? '') ? Number(parts.shift()?.slice(3)) : 0;
  const name = parts[0] in PAGES ? parts[0] : 'leaderboard';
  return { number, name, path: parts.slice(1) };
}

/** @param {boolean} moved the reader went to another page, and is not only shown something newer */
async function draw(moved) {
  const turn = ++drawn;
  const { number, name, path } = address();
  try {
    const before = shown?.number === number ? shown.run : null;
    const [runs, now] = await Promise.all([shown?.runs ?? from.runs(), from.board(number, before?.version)]);
    if (turn !== drawn) return;
    const run = now.same && before ? { ...now, board: before.board } : now;
    shown = { source: from, run, board: run.board, number, runs, path };
    head(shown, name);
    document.title = `${PAGES[name].title} · ${run.board?.tournament?.name ?? run.name} · Titer`;
    // What is newer only in its activity is drawn by the pages that show that.
    if (!moved && run.version === version && name !== 'run') return;
    const nodes = run.board || name === 'run' ? await PAGES[name].page(shown) : [nothing(run)];
    if (turn !== drawn) return;
    keepPlace(() => fill(main, ...nodes), moved);
    version = run.version;
    if (!moved) say(`Updated: ${count(run.done, 'phase')} of ${run.total} played.`);
  } catch (error) {
    if (turn !== drawn) return;
    if (!(error instanceof SourceError)) console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    if (shown === null || moved) fill(main, el('section.notice.bad', { role: 'alert' }, el('h1', null, 'This cannot be shown'), el('p', null, message)));
    else say(message);
  }
}

/** Draws without losing where the reader is. @param {() => void} drawing @param {boolean} moved */
function keepPlace(drawing, moved) {
  const focused = document.activeElement?.closest('[id]')?.id;
  const open = [...main.querySelectorAll('details[open][id]')].map((d) => d.id);
  const at = [...main.querySelectorAll('.scroll[id]')].map((s) => /** @type {[string, number]} */ ([s.id, s.scrollLeft]));
  const y = scrollY;
  drawing();
  if (moved) {
    scrollTo(0, 0);
    if (document.activeElement !== document.body) main.focus({ preventScroll: true });
    return;
  }
  for (const id of open) document.getElementById(id)?.setAttribute('open', '');
  for (const [id, left] of at) {
    const place = document.getElementById(id);
    if (place) place.scrollLeft = left;
  }
  if (focused && focused !== 'main') document.getElementById(focused)?.focus({ preventScroll: true });
  scrollTo(0, y);
}

/** @param {import('titer/source').Board} run */
function nothing(run) {
  if (run.state === 'damaged') {
    return el('section.notice.bad', { role: 'alert' }, el('h1', null, 'This folder cannot be read'), el('p', null, run.problem));
  }
  if (run.version === '') {
    return el('section.notice', null, el('h1', null, 'Reading the results'), el('p', null, 'They appear here by themselves.'));
  }
  return el('section.notice', null, el('h1', null, 'No results yet'),
    el('p', null, 'Nobody has begun a run in this folder. What is played in it appears here by itself:'),
    el('pre', null, `titer run tournament.yaml --out ${run.name}`));
}

/** @param {View} view @param {string} name of the page */
function head({ run, board, number, runs }, name) {
  const prefix = number > 0 ? `#/run${number}/` : '#/';
  const part = run.total > 0 ? run.done / run.total : 0;
  const state = !connected ? 'not connected' : run.state === 'running' ? run.league?.activity ?? run.state : run.state;
  fill(top,
    el('a.brand', { href: prefix + 'leaderboard' }, el('span', { 'aria-hidden': 'true' }, '◒ '), board?.tournament?.name ?? run.name),
    el('nav', { 'aria-label': 'Pages' }, Object.entries(PAGES).filter(([, p]) => !p.hidden).map(([key, p]) =>
      el('a', { href: prefix + key, 'aria-current': key === name ? 'page' : null }, p.title))),
    el('span.grow', null),
    runs.length > 1 && el('label.small', null, 'Run ', el('select', { id: 'which', onchange: (/** @type {any} */ e) => {
      location.hash = `#/run${e.target.value}/${name}`;
    } }, runs.map((r, i) => el('option', { value: i, selected: i === number }, r)))),
    from.live && el(`span.state.${connected ? run.state : 'lost'}`, { title: `${run.done} of ${run.total} phases have a result` },
      run.state === 'running' && (run.provisional || !run.league) && el('progress', { max: 1, value: part, 'aria-label': 'Phases that are played' }), ` ${state}`,
      run.provisional ? ` ${run.done}/${run.total}` : ''));
}

function foot() {
  fill(/** @type {HTMLElement} */ (document.getElementById('foot')),
    el('button.plain', { id: 'theme', onclick: turnTheme }, 'Light or dark'), ' ',
    el('span.quiet', null, from.live ? 'Reads the results folder only; loads nothing from anywhere else.' : 'One file; loads nothing from anywhere else.'));
}

function turnTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const now = document.documentElement.dataset.theme ?? (dark ? 'dark' : 'light');
  document.documentElement.dataset.theme = now === 'dark' ? 'light' : 'dark';
  dispatchEvent(new Event('theme'));
}

// The token has done its work: a cookie has it, and it shall not stand in a history.
if (from.live && location.search.includes('token=')) history.replaceState(null, '', location.pathname + location.hash);
foot();
addEventListener('hashchange', () => draw(true));
from.listen(() => draw(false), (now) => {
  if (now === connected) return;
  connected = now;
  say(now ? 'Connected again.' : 'The program that serves this page does not answer.');
  if (shown) head(shown, address().name);
  if (now) draw(false);
});
draw(true);

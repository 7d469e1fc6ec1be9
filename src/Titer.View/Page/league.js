// League: what its host is at, builds that stand in no rank any more, and drops that it refused.

import { el, heading } from 'titer/dom';
import { breakable, count, ends, shortHash } from 'titer/format';
import { table } from 'titer/table';

/** @typedef {import('titer/source').Entry} Entry */

/** @type {Record<string, string>} */
export const ACTIVITIES = {
  playing: '▶ The host plays.', idle: '✓ Everything that stands is played; the host waits for drops.', draining: '■ Running phases finish, no new one starts.',
  faulted: '⚠ The machine failed; it is tried again after a while.', stopped: '■ The host ended; what is left is played when it is served again.',
};

/** The entry of a row that is no build of the past. @param {import('titer/app').View} view @returns {(label: string) => Entry | undefined} */
export function standing({ run, board }) {
  const entries = new Map((run.league?.entries ?? []).filter((e) => e.state !== 'superseded').map((e) => [`${e.id} ${e.content_hash}`, e]));
  const keys = new Map(board.tournament.defenses.map((/** @type {any} */ d) => [d.label, `${d.id} ${d.content_hash}`]));
  return (label) => entries.get(keys.get(label) ?? '');
}

/** How far a row is, and that its files are gone. @param {Entry | undefined} entry */
export function marksOf(entry) {
  const { done, left = 0 } = entry?.progress ?? { done: 0 };
  return [
    left > 0 && el('span.chip.open', { title: 'Phases of this row that have a result' }, `◔ ${done}/${done + left}`),
    entry?.state === 'removed' && el('span.chip', { title: `Its files are gone since ${entry.until}; a result is not taken back` }, '⌀ removed'),
  ];
}

/** Builds that a newer one of the same plugin has replaced. @param {import('titer/app').View} view */
export function superseded({ run }) {
  const rows = (run.league?.entries ?? []).filter((e) => e.state === 'superseded' && e.kind === 'defense');
  if (rows.length === 0) return [];
  return [
    heading(2, 'Superseded builds'),
    el('p', null, 'Each alone against the undefended subject, with what was played of it: they are in no rank of this board.'),
    table({
      id: 'superseded', caption: 'Superseded builds', rows,
      columns: [
        { key: 'id', title: 'Defense', head: true, value: (e) => e.id, show: (e) => [breakable(e.id), ' ', el('span.chip', null, '↻ superseded')] },
        { key: 'generation', title: 'Generation', number: true, value: (e) => e.generation },
        { key: 'version', title: 'Version', value: (e) => e.version },
        { key: 'titer', title: 'Titer', number: true, value: (e) => e.row?.titer,
          show: (e) => (e.row ? [e.row.titer, el('small.quiet', null, ` ${ends(e.row.titer_interval, e.row.titer_ends_are)}`)] : 'not judged yet') },
        { key: 'cross_domain_titer', title: 'Cross-domain titer', number: true, value: (e) => e.row?.cross_domain_titer },
        { key: 'played', title: 'Phases', number: true, value: (e) => e.progress?.done, show: (e) => `${e.progress?.done ?? 0} of ${e.progress?.planned ?? 0}` },
        { key: 'content_hash', title: 'Build', value: (e) => e.content_hash, show: (e) => el('code', { title: e.content_hash }, shortHash(e.content_hash)) },
        { key: 'until', title: 'Until', value: (e) => e.until, show: (e) => time(e.until) },
      ],
    }),
  ];
}

/** What the page of the run says of a league. @param {import('titer/app').View} view */
export function leagueParts({ run }) {
  const { league } = run;
  if (!league) return [];
  return [
    league.next.length > 0 && el('p', null, el('b', null, 'Next: '), league.next.join('; ')),
    league.settled.length > 0 && el('p', null, el('b', null, 'Settled: '), `${league.settled.join(', ')}. What is left of them is played when nobody else waits.`),
    ...(league.refused.length === 0 ? [] : [
      heading(2, 'Refused drops'),
      el('p', null, `${count(league.refused.length, 'drop')} changed nothing on the board, as long as they lie there as they are.`),
      table({
        id: 'refused', caption: 'Refused drops', rows: league.refused, stack: true,
        columns: [
          { key: 'name', title: 'Drop', head: true, value: (r) => r.name, show: (r) => breakable(r.name) },
          { key: 'why', title: 'Why', wide: true, value: (r) => r.why },
          { key: 'since', title: 'Since', value: (r) => r.since, show: (r) => time(r.since) },
        ],
      }),
    ]),
    ...(league.entries.length === 0 ? [] : [
      heading(2, 'Builds'),
      table({
        id: 'builds', caption: 'Builds that were dropped', rows: league.entries, stack: true,
        columns: [
          { key: 'id', title: 'Plugin', head: true, value: (e) => e.id, show: (e) => breakable(e.id) },
          { key: 'kind', title: 'Kind', value: (e) => e.kind },
          { key: 'generation', title: 'Generation', number: true, value: (e) => e.generation },
          { key: 'version', title: 'Version', value: (e) => e.version },
          { key: 'state', title: 'State', value: (e) => e.state },
          { key: 'played', title: 'Phases', number: true, value: (e) => e.progress?.done,
            show: (e) => (e.progress ? `${e.progress.done} of ${e.progress.planned}${e.progress.failed > 0 ? `, ${e.progress.failed} failed` : ''}` : '') },
          { key: 'content_hash', title: 'Build', value: (e) => e.content_hash, show: (e) => el('code', { title: e.content_hash }, shortHash(e.content_hash)) },
          { key: 'since', title: 'Since', value: (e) => e.since, show: (e) => time(e.since) },
        ],
      }),
    ]),
  ].filter(Boolean);
}

/** @param {string | undefined} at */
const time = (at) => (at ? el('time', { datetime: at }, new Date(at).toLocaleString()) : '');

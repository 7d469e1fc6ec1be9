// Where the numbers come from: this program (live), files beside the page (a site), or the page itself (one file).

/**
 * @typedef {object} Entry a build that was dropped into a league
 * @property {string} id
 * @property {string} kind
 * @property {string} content_hash
 * @property {string} version
 * @property {number} generation
 * @property {string} state standing, superseded or removed
 * @property {string} since
 * @property {string=} until
 * @property {{ planned: number, done: number, failed: number, running: number, left?: number }=} progress
 * @property {any=} row titers of a superseded build
 */

/**
 * @typedef {object} League what its host says beside the board
 * @property {string} activity playing, idle, draining, faulted or stopped
 * @property {string[]} next
 * @property {string[]} settled
 * @property {Entry[]} entries
 * @property {{ name: string, why: string, since: string }[]} refused
 */

/**
 * @typedef {object} Board
 * @property {string} version
 * @property {string} name
 * @property {string} state empty, running, stopped, finished or damaged
 * @property {boolean} folded
 * @property {number} done
 * @property {number} total
 * @property {boolean} provisional
 * @property {string | null} problem
 * @property {string[]} notices
 * @property {League | null} league
 * @property {any} board leaderboard.json, or null
 * @property {boolean=} same it is that of the version which is known, and is left out
 */

/**
 * @typedef {object} Source
 * @property {boolean} live
 * @property {() => Promise<string[]>} runs
 * @property {(run: number, known?: string) => Promise<Board>} board without its leaderboard where that version is known
 * @property {(run: number) => Promise<any>} activity
 * @property {(run: number, defense: string, attack: string, exposure: string) => Promise<any>} cell
 * @property {((run: number, phase: string, step: number) => Promise<any>) | null} answers
 * @property {((run: number, phase: string) => Promise<any>) | null} log
 * @property {(news: () => void, state: (connected: boolean) => void) => void} listen
 */

/** What is asked for is not there, or cannot be read; the message is for people. */
export class SourceError extends Error {}

/** @param {string} path @returns {Promise<any>} */
async function get(path) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin' });
  } catch {
    throw new SourceError('The program that serves this page does not answer. It goes on by itself when that is started again.');
  }
  if (!response.ok) throw new SourceError((await response.text()) || `The answer was ${response.status}.`);
  return response.json();
}

/** @param {Record<string, string | number>} members */
const query = (members) => new URLSearchParams(Object.entries(members).map(([k, v]) => [k, String(v)])).toString();

/** @returns {Source} */
function live() {
  return {
    live: true,
    runs: async () => (await get('api/runs')).runs,
    board: (run, known) => get(`api/board?${query(known ? { run, known } : { run })}`),
    activity: (run) => get(`api/activity?${query({ run })}`),
    cell: (run, defense, attack, exposure) => get(`api/cell?${query({ run, defense, attack, exposure })}`),
    answers: (run, phase, step) => get(`api/answers?${query({ run, phase, step })}`),
    log: (run, phase) => get(`api/log?${query({ run, phase })}`),
    listen(news, state) {
      const events = new EventSource('api/events');
      events.addEventListener('news', news);
      events.addEventListener('open', () => state(true));
      // The browser tries again by itself, unless it was told to go away.
      events.addEventListener('error', () => {
        state(false);
        if (events.readyState === EventSource.CLOSED) setTimeout(() => this.listen(news, state), 2000);
      });
    },
  };
}

/** The key under which a cell is kept. @param {number} run @param {string} defense @param {string} attack @param {string} exposure */
const cellKey = (run, defense, attack, exposure) => [run, defense, attack, exposure].join('\n');

/** @param {any} kept boards by run, and cells by key: their content, or in a site the files that have it @returns {Source} */
function stored(kept) {
  const find = async (/** @type {any} */ entry) => {
    if (entry === undefined) throw new SourceError('Nothing of that is kept in this file.');
    return typeof entry === 'string' ? get(entry) : entry;
  };
  return {
    live: false,
    runs: async () => kept.runs,
    board: (run) => find(kept.boards[run]),
    activity: async () => ({}),
    async cell(run, defense, attack, exposure) {
      const [own, base] = await Promise.all([defense, kept.undefended[run]].map((d) => find(kept.cells[cellKey(run, d, attack, exposure)])));
      return { ...own, undefended: base.cell };
    },
    answers: null,
    log: null,
    listen() {},
  };
}

/** @returns {Source} */
export function source() {
  const kept = document.getElementById('results');
  return kept ? stored(JSON.parse(kept.textContent ?? '{}')) : live();
}

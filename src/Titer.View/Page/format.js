// How numbers and words are written, as in every table of Titer.

/** 8, 12.5, 0.25; nothing where there is no number. @param {number | null | undefined} value @returns {string} */
export function compact(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return 'n/a';
  const size = Math.abs(value);
  return trim(value.toFixed(size >= 10 ? 0 : size >= 1 ? 1 : 2));
}

/** Two decimals. @param {number | null | undefined} value */
export function score(value) {
  return value === null || value === undefined || Number.isNaN(value) ? 'n/a' : value.toFixed(2);
}

/** @param {string} digits */
function trim(digits) {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}

/** Square brackets hold intervals, round ones ranges over runs. @param {string} text @param {string} kind */
export function ends(text, kind) {
  if (!text) return '';
  return kind === 'confidence95' ? `[${text}]` : `(${text})`;
}

/** @param {number | null | undefined} low @param {number | null | undefined} high @param {string} kind */
export function between(low, high, kind) {
  if (low === null || low === undefined) return '';
  return ends(`${score(low)}, ${score(high)}`, kind);
}

/** 1:05, 2:03:20. @param {number | null | undefined} seconds */
export function clock(seconds) {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '';
  const s = Math.max(0, Math.round(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** @type {Record<string, string>} */
const EXPOSURES = { in_domain: 'in-domain', cross_domain: 'cross-domain', none: 'no harmful data' };

/** @param {string} exposure */
export function exposureName(exposure) {
  return EXPOSURES[exposure] ?? exposure;
}

/** The sign of a verdict, its words, and the class of its color: a sign always stands beside a color. @param {any} condition */
export function verdict(condition) {
  switch (condition?.verdict) {
    case 'pass': return { sign: '✓', word: 'pass', kind: 'good' };
    case 'held': return { sign: '○', word: `held ${condition.runs_held} of ${condition.runs} runs`, kind: 'fair' };
    case 'fail': return { sign: '✗', word: 'fail', kind: 'bad' };
    case 'undecided': return { sign: '?', word: 'undecided', kind: 'open' };
    default: return { sign: '–', word: 'not measured', kind: 'none' };
  }
}

/** As the tables of the terminal say it. @param {any} cell */
export function costText(cell) {
  if (!['done', 'wrecked', 'cut'].includes(cell.status)) return cell.status;
  if (cell.status === 'wrecked') return 'wrecked';
  if (cell.status === 'cut') return `cut at ${compact(cell.censored_at_steps)}`;
  if (cell.is_censored) return cell.budget_steps === 0 ? 'held' : `>${compact(cell.censored_at_steps)}`;
  return compact(cell.cost_to_break_steps);
}

/** @param {number} n @param {string} one @param {string=} many */
export function count(n, one, many) {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many ?? one + 's'}`;
}

/** The first characters of a hash. @param {string | null | undefined} hash */
export function shortHash(hash) {
  return (hash ?? '').slice(0, 12);
}

/** Breaks long labels where a reader would. @param {string} label */
export function breakable(label) {
  return label.replace(/([_(\[ ])/g, '$1\u200b');
}

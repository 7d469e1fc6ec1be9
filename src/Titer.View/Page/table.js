// A table that can be sorted, and taken away as CSV, JSON or text. Narrow screens get a card a row.

import { el, fill, save, say } from 'titer/dom';

/**
 * @typedef {object} Column
 * @property {string} key name in files
 * @property {string} title
 * @property {string=} explain
 * @property {(row: any) => unknown} value what is sorted and written to files
 * @property {((row: any) => any)=} show nodes or text; the value where it is left out
 * @property {boolean=} number
 * @property {boolean=} head names the row
 * @property {boolean=} wide may break lines
 */

/** Sorting and rows shown by table, kept while the page is drawn again. @type {Map<string, { key: string, down: boolean } | undefined>} */
const sorting = new Map();

const MOST_ROWS = 500;

/**
 * @param {{ id: string, caption: string, columns: Column[], rows: any[], stack?: boolean, rowClass?: (row: any) => string | null, note?: any }} options
 * @returns {HTMLElement}
 */
export function table(options) {
  const { id, caption, columns, rows } = options;
  const place = el('div.scroll', { id: `${id}-scroll`, tabindex: 0, role: 'region', 'aria-label': caption });
  const section = el('div.table', { id });
  let most = MOST_ROWS;
  const draw = () => {
    const order = sorted(rows, columns, sorting.get(id));
    fill(place, el(`table${options.stack ? '.stack' : ''}`, { role: 'table' },
      el('caption', null, caption),
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, columns.map((c) => headCell(id, c, draw)))),
      el('tbody', { role: 'rowgroup' }, order.slice(0, most).map((row) => el('tr', { role: 'row', class: options.rowClass?.(row) },
        columns.map((c) => el(`${c.head ? 'th' : 'td'}${c.number ? '.num' : ''}${c.wide ? '.wide' : ''}`,
          { role: c.head ? 'rowheader' : 'cell', scope: c.head ? 'row' : null, data: { label: c.title } }, el('span', null, shown(c, row)))))))));
    if (order.length > most) {
      place.append(el('p', null, `${most} of ${order.length} rows. `, el('button.plain', { onclick: () => { most = order.length; draw(); } }, 'Show all')));
    }
  };
  draw();
  fill(section, place, el('p.tools', null, options.note ?? null, el('span.grow', null),
    tool(`${id}-text`, 'Copy as text', () => copy(asText(columns, rows))),
    tool(`${id}-csv`, 'CSV', () => save(`${id}.csv`, asCsv(columns, rows), 'text/csv')),
    tool(`${id}-json`, 'JSON', () => save(`${id}.json`, JSON.stringify(asObjects(columns, rows), null, 2) + '\n', 'application/json'))));
  return section;
}

/** @param {string} id @param {string} text @param {() => void} act */
const tool = (id, text, act) => el('button.plain', { id, onclick: act }, text);

/** @param {string} id @param {Column} column @param {() => void} draw */
function headCell(id, column, draw) {
  const now = sorting.get(id);
  const direction = now?.key === column.key ? (now.down ? 'descending' : 'ascending') : null;
  const mark = direction === null ? '' : direction === 'ascending' ? ' ▲' : ' ▼';
  return el(`th${column.number ? '.num' : ''}`, { role: 'columnheader', scope: 'col', 'aria-sort': direction, title: column.explain },
    el('button.sort', {
      id: `${id}-by-${column.key}`,
      onclick: () => {
        const before = sorting.get(id);
        sorting.set(id, before?.key !== column.key ? { key: column.key, down: false } : before.down ? undefined : { key: column.key, down: true });
        draw();
        document.getElementById(`${id}-by-${column.key}`)?.focus();
      },
    }, column.title, el('span', { 'aria-hidden': 'true' }, mark)));
}

/** @param {any[]} rows @param {Column[]} columns @param {{ key: string, down: boolean } | undefined} by */
function sorted(rows, columns, by) {
  const column = columns.find((c) => c.key === by?.key);
  if (!column || !by) return rows;
  const value = (/** @type {any} */ row) => column.value(row);
  return [...rows].sort((a, b) => (by.down ? -1 : 1) * compare(value(a), value(b)));
}

/** Numbers by size, text by letters, and what is missing last. @param {any} a @param {any} b */
function compare(a, b) {
  const [noA, noB] = [a === null || a === undefined || a === '', b === null || b === undefined || b === ''];
  if (noA || noB) return Number(noA) - Number(noB);
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** @param {Column} column @param {any} row */
function shown(column, row) {
  return column.show ? column.show(row) : text(column.value(row));
}

/** @param {unknown} value */
const text = (value) => (value === null || value === undefined ? '' : String(value));

/** @param {Column[]} columns @param {any[]} rows */
function asObjects(columns, rows) {
  return rows.map((row) => Object.fromEntries(columns.map((c) => [c.key, c.value(row) ?? null])));
}

/** RFC 4180. @param {Column[]} columns @param {any[]} rows */
export function asCsv(columns, rows) {
  const quote = (/** @type {string} */ t) => (/[",\r\n]/.test(t) ? `"${t.replaceAll('"', '""')}"` : t);
  return [columns.map((c) => c.key), ...rows.map((row) => columns.map((c) => text(c.value(row))))].map((line) => line.map(quote).join(',') + '\n').join('');
}

/** Columns of one width each, for a letter or a terminal. @param {Column[]} columns @param {any[]} rows */
export function asText(columns, rows) {
  const lines = [columns.map((c) => c.title), ...rows.map((row) => columns.map((c) => text(c.value(row))))];
  const widths = columns.map((_, i) => Math.max(...lines.map((l) => l[i].length)));
  return lines.map((l) => l.map((t, i) => (columns[i].number ? t.padStart(widths[i]) : t.padEnd(widths[i]))).join('  ').trimEnd()).join('\n') + '\n';
}

/** @param {string} content */
async function copy(content) {
  try {
    await navigator.clipboard.writeText(content);
    say('The table is in the clipboard.');
  } catch {
    // No clipboard in a file or without leave: a file does it too.
    save('table.txt', content, 'text/plain');
  }
}

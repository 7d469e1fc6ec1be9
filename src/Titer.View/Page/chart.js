// Curves with bands, on uPlot. Lines differ by dash and mark as well as by color, and every figure has its numbers as a table beside it.

import plot from 'uPlot';
import { el, save } from 'titer/dom';

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {(number | null)[]} values
 * @property {(number | null)[]=} low lower end of a band
 * @property {(number | null)[]=} high
 * @property {number} color 0..7
 * @property {boolean=} thin
 * @property {boolean=} stepped holds its value until the next point
 * @property {boolean=} marksOnly points without a line
 */

const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [14, 4], [3, 6], [1, 2]];
const HEIGHT = 320;

/** As it is documented: its own sources say less of their types. @type {any} */
const uPlot = plot;

/** @type {Set<() => void>} */
const redraws = new Set();
addEventListener('theme', () => redraws.forEach((draw) => draw()));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => redraws.forEach((draw) => draw()));
// Paper is light, whatever the screen is.
addEventListener('beforeprint', () => redraws.forEach((draw) => draw()));

/** @param {string} name */
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** @param {string} hex @param {number} alpha */
const clear = (hex, alpha) => hex + Math.round(alpha * 255).toString(16).padStart(2, '0');

/**
 * A figure: the chart, a caption, and a picture to take away.
 * @param {{ id: string, label: string, x: number[], xLabel: string, yLabel: string, yRange?: [number, number], threshold?: { value: number, label: string },
 *   lines: Line[], doublings?: boolean, padded?: boolean, height?: number, marks?: (u: any, c: CanvasRenderingContext2D) => void }} figure
 * @returns {HTMLElement}
 */
export function chart(figure) {
  const place = el('div.chart', { role: 'img', 'aria-label': figure.label });
  const frame = el('figure', { id: figure.id }, place, el('figcaption', null, figure.label, ' ',
    el('button.plain', { onclick: () => picture(place, figure.id) }, 'Save as PNG')));
  /** @type {any} */
  let drawn = null;
  const draw = () => {
    if (drawn !== null && !frame.isConnected) return void redraws.delete(draw);
    drawn?.destroy();
    drawn = new uPlot(options(figure, Math.max(240, place.clientWidth)), data(figure), place);
  };
  new ResizeObserver(() => {
    if (!frame.isConnected || place.clientWidth === 0) return;
    if (drawn === null) draw();
    else if (Math.abs(drawn.width - place.clientWidth) > 1) drawn.setSize({ width: place.clientWidth, height: drawn.height });
  }).observe(place);
  redraws.add(draw);
  return frame;
}

/** Steps by their doublings, with room for step 0: log2(1 + t). @param {any} figure @param {number} step */
const place = (figure, step) => (figure.doublings ? Math.log2(1 + step) : step);

/** @param {any} figure */
function data(figure) {
  const columns = [figure.x.map((/** @type {number} */ s) => place(figure, s))];
  for (const line of figure.lines) columns.push(line.values, line.low ?? line.values.map(() => null), line.high ?? line.values.map(() => null));
  if (figure.threshold) columns.push(figure.x.map(() => figure.threshold.value));
  return columns;
}

/** @param {any} figure @param {number} width */
function options(figure, width) {
  const [text, grid] = [color('text'), color('line')];
  const axis = { stroke: text, grid: { stroke: grid, width: 1 }, ticks: { stroke: grid }, font: '13px system-ui, sans-serif', labelFont: '13px system-ui, sans-serif' };
  const numbers = (/** @type {any} */ _u, /** @type {any} */ v) => (v === null || v === undefined ? '–' : v.toFixed(2));
  /** @type {any[]} */
  const series = [{ label: figure.xLabel, value: (/** @type {any} */ _u, /** @type {any} */ v) => (v === null ? '–' : String(Math.round(figure.doublings ? 2 ** v - 1 : v))) }];
  /** @type {any[]} */
  const bands = [];
  figure.lines.forEach((/** @type {Line} */ line, /** @type {number} */ i) => {
    const stroke = color(`series-${(line.color % 8) + 1}`);
    series.push({
      label: line.label, stroke, width: line.thin ? 1.25 : 2.5, dash: DASHES[line.color % 8], value: numbers, spanGaps: true,
      points: { show: !line.thin, size: line.marksOnly ? 10 : 6, fill: line.color % 2 ? color('raised') : stroke },
      paths: line.marksOnly ? () => null : line.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
    });
    const paths = line.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined;
    const edge = { label: '', stroke: 'transparent', width: 0, points: { show: false }, value: () => '', spanGaps: true, paths, class: 'edge' };
    series.push(edge, { ...edge });
    if (line.low) bands.push({ series: [2 + 3 * i + 1, 2 + 3 * i], fill: clear(stroke, 0.16) });
  });
  if (figure.threshold) series.push({ label: figure.threshold.label, stroke: color('bad'), width: 1.5, dash: [3, 4], points: { show: false }, value: numbers });
  return {
    width, height: figure.height ?? HEIGHT, series, bands,
    legend: { live: true, markers: { width: 3 } },
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false, range: figure.padded ? (/** @type {any} */ _u, /** @type {number} */ a, /** @type {number} */ b) => {
      const room = Math.max(0.02, (b - a) * 0.12);
      return [a - room, b + room];
    } : undefined }, y: { range: figure.yRange ? () => figure.yRange : undefined } },
    axes: [
      { ...axis, label: figure.xLabel, ...(figure.doublings ? {
        splits: () => ticks(figure).map((s) => place(figure, s)),
        values: (/** @type {any} */ _u, /** @type {number[]} */ at) => at.map((v) => String(Math.round(2 ** v - 1))) } : {}) },
      { ...axis, label: figure.yLabel, size: 56 },
    ],
    hooks: { draw: figure.marks ? [(/** @type {any} */ u) => figure.marks(u, u.ctx)] : [] },
  };
}

/** Those of the points that have room. @param {any} figure @returns {number[]} */
function ticks(figure) {
  const [first, last] = [figure.x[0] ?? 0, figure.x[figure.x.length - 1] ?? 1];
  const least = (place(figure, last) - place(figure, first)) / 12;
  /** @type {number[]} */
  const kept = [];
  for (const step of figure.x) if (kept.length === 0 || place(figure, step) - place(figure, kept[kept.length - 1]) >= least) kept.push(step);
  return kept;
}

/** @param {Element} place @param {string} name */
function picture(place, name) {
  const canvas = place.querySelector('canvas');
  if (!canvas) return;
  const whole = document.createElement('canvas');
  [whole.width, whole.height] = [canvas.width, canvas.height];
  const context = whole.getContext('2d');
  if (!context) return;
  context.fillStyle = color('raised');
  context.fillRect(0, 0, whole.width, whole.height);
  context.drawImage(canvas, 0, 0);
  whole.toBlob((blob) => blob && save(`${name}.png`, blob, 'image/png'));
}

// Browsers that stay open on a page, and are asked on standard input what they show: node watch.mjs ADDRESS BROWSERS [killed].

import { createInterface } from 'node:readline';
import { end, fault, launch, open } from './page.mjs';

const [, , address, count, killed] = process.argv;
const PATIENCE = 300_000;
const LOST = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/;
const WAYS = [{}, { viewport: { width: 400, height: 850 }, colorScheme: 'dark' }, {}];

/** Of every row of the leaderboard: rank, defense, titer and marks. */
const rows = () => [...document.querySelectorAll('#leaderboard tbody tr')].map((row) => {
  const of = (/** @type {string} */ title) => row.querySelector(`[data-label="${title}"] > span > :first-child`)?.textContent;
  const marks = [...row.querySelectorAll('th .chip')].map((c) => c.textContent?.split(' ').at(-1));
  return [of('Rank'), of('Defense')?.replaceAll('\u200b', ''), of('Titer'), ...marks].join(' ');
});

/** @param {import('playwright-core').Page} page @param {string} hash */
const go = (page, hash) => page.evaluate((h) => { location.hash = h; }, hash);

const browser = await launch();
const pages = [];
for (const way of WAYS.slice(0, Number(count))) {
  const page = await open(browser, address, way);
  page.setDefaultTimeout(PATIENCE);
  if (killed) page.expects = (text) => LOST.test(text);
  // A page that is loaded again has forgotten it.
  await page.evaluate(() => { globalThis.since = 'the beginning'; });
  pages.push(page);
}
const last = pages.at(-1);
if (pages.length > 1) await go(last, '#/run');

const questions = {
  async rows(...wanted) {
    for (const page of pages) {
      if (page === last && pages.length > 1) continue;
      await page.waitForFunction((names) => {
        const shown = [...document.querySelectorAll('#leaderboard tbody th a')].map((a) => a.textContent?.replaceAll('\u200b', ''));
        return shown.length === names.length && names.every((n) => shown.includes(n));
      }, wanted);
    }
    return wanted;
  },
  async run(text) {
    if (pages.length === 1) await go(last, '#/run');
    await last.waitForFunction((t) => document.querySelector('main')?.textContent?.includes(t), text);
    if (pages.length === 1) await go(last, '#/leaderboard');
    return text;
  },
  async close() {
    const shown = [];
    for (const page of pages) {
      await go(page, '#/leaderboard');
      await page.waitForFunction(() => document.querySelector('#top .state')?.textContent?.includes('idle'));
      await page.waitForSelector('#leaderboard tbody tr');
      shown.push(await page.evaluate(rows));
      if (await page.evaluate(() => globalThis.since) !== 'the beginning') fault('the page was loaded again');
    }
    return shown;
  },
};

const say = (value) => console.log(JSON.stringify(value));
try {
  say('open');
  for await (const line of createInterface({ input: process.stdin })) {
    const [what, ...more] = JSON.parse(line);
    say(await questions[what](...more));
    if (what === 'close') break;
  }
} catch (error) {
  for (const page of pages) fault(`shows ${JSON.stringify(await page.evaluate(rows).catch(String))}, ${await page.innerText('#top').catch(String)}`);
  fault(String(error.stack ?? error));
} finally {
  await end(browser);
}
process.stdin.destroy();

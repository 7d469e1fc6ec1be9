// One check of the page in a real browser: node check.mjs NAME ADDRESS [MORE]. Ends with 0, or says what is wrong.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [, , name, address, more] = process.argv;
const AXE = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const PATIENCE = 60_000;

/** What is wrong, in the order in which it was found. */
const faults = [];
const fault = (text) => faults.push(text);

/** Opens a page that notes errors, and requests to anywhere else. */
async function open(browser, options = {}, at = address) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const own = new URL(at).origin;
  page.on('console', (m) => ['error', 'warning'].includes(m.type()) && !page.expects?.(m.text()) && fault(`${m.type()} in the console: ${m.text()}`));
  page.on('pageerror', (e) => fault(`error in the page: ${e.message} ${e.stack}`));
  page.on('request', (r) => {
    const url = new URL(r.url());
    if (!['data:', 'blob:'].includes(url.protocol) && (url.protocol === 'file:' ? r.resourceType() !== 'document' : url.origin !== own)) fault(`asked for ${r.url()}`);
  });
  await page.goto(at);
  await page.waitForSelector('main h1');
  return page;
}

/** Goes to a part of the page and waits until it is drawn. */
async function go(page, hash) {
  await page.evaluate((h) => {
    document.querySelector('main h1')?.remove();
    if (location.hash === h) dispatchEvent(new HashChangeEvent('hashchange'));
    else location.hash = h;
  }, hash);
  await page.waitForSelector('main h1');
  await page.waitForTimeout(150);
}

/** Every part of the page, with one cell and one card. */
async function parts(page) {
  await go(page, '#/crosstable');
  const cells = await page.locator('table.heat td a').evaluateAll((links) => links.map((a) => a.getAttribute('href')));
  await go(page, '#/leaderboard');
  const card = await page.locator('#leaderboard tbody th a').first().getAttribute('href');
  return ['#/leaderboard', '#/crosstable', '#/tradeoff', '#/curves', '#/run', '#/compare', cells[Math.floor(cells.length / 2)], card];
}

async function axe(page, where) {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations
    .filter((v) => ['serious', 'critical'].includes(v.impact))
    .map((v) => `${v.impact} ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')} ${n.failureSummary}`).join(' | ')}`));
  found.forEach((f) => fault(`${where}: ${f}`));
}

/** Whether it can be read without moving it sideways. */
async function fits(page, where) {
  const [wide, has] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  if (wide > has + 1) fault(`${where}: ${wide} pixels wide on a screen of ${has}`);
}

const checks = {
  /** Each page: drawn, without an error, without a request elsewhere, readable to a screen reader, in light and dark. */
  async pages(browser) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await open(browser, { colorScheme });
      for (const part of await parts(page)) {
        await go(page, part);
        await axe(page, `${part} ${colorScheme}`);
        if ((await page.locator('main').innerText()).includes('This cannot be shown')) fault(`${part} cannot be shown`);
      }
      await page.context().close();
    }
  },

  /** Pictures at three sizes in both themes, in the folder that is named. */
  async screens(browser) {
    for (const [width, height] of [[400, 850], [1280, 900], [3840, 2160]]) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await open(browser, { viewport: { width, height }, colorScheme });
        for (const part of await parts(page)) {
          await go(page, part);
          await fits(page, `${part} at ${width}`);
          const file = `${part.split('/').filter((p) => /^[a-z]+$/.test(p))[0]}-${width}-${colorScheme}.png`;
          if (more) await page.screenshot({ path: join(more, file), fullPage: width < 3000 });
        }
        await page.context().close();
      }
    }
  },

  /** By keys alone: past the head, into the heat map, to a cell; a table is sorted, and says so. */
  async keys(browser) {
    const page = await open(browser);
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement?.className) !== 'skip') fault('the first Tab does not lead to the link past the head');
    await page.locator('#leaderboard-by-defense').focus();
    await page.keyboard.press('Enter');
    if (await page.locator('#leaderboard th[aria-sort=ascending]').count() !== 1) fault('a sorted column does not say so');
    if (await page.evaluate(() => document.activeElement?.id) !== 'leaderboard-by-defense') fault('sorting loses the place');
    await go(page, '#/crosstable');
    await page.locator('table.heat td a').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#curve-harm, #curve-runs, main .quiet');
    if (!page.url().includes('#/cell/')) fault('Enter on a cell does not open it');
    if (await page.locator('details[id^=answers] table').count() > 0) fault('answers are not folded away');
  },

  /** Stays open while phases come in, until the run is through. The place of the reader is kept. */
  async live(browser) {
    const page = await open(browser);
    console.log('open');
    await page.waitForFunction(() => /finished/.test(document.querySelector('#top .state')?.textContent ?? ''), null, { timeout: 150_000 });
    await page.waitForFunction(() => document.querySelectorAll('#leaderboard tbody tr').length > 1 && !document.body.innerText.includes('Provisional'));
    console.log(`rows ${await page.locator('#leaderboard tbody tr').count()}`);
  },

  /** The program goes and comes back: the page says so, and goes on by itself. */
  async restart(browser) {
    const page = await open(browser);
    page.expects = () => true;
    console.log('open');
    await page.waitForSelector('#top .state.lost');
    console.log('lost');
    await page.waitForSelector('#top .state:not(.lost)');
    await page.waitForFunction((n) => document.querySelector('#top .state')?.textContent?.includes(n), more);
  },

  /** One file from a disk: every part of it, and not one request. */
  async file(browser) {
    const page = await open(browser);
    for (const part of await parts(page)) {
      await go(page, part);
      await axe(page, part);
    }
    await page.emulateMedia({ media: 'print' });
    await go(page, '#/leaderboard');
    if (await page.locator('header').isVisible()) fault('the head is printed');
    await page.pdf({ path: join(more, 'leaderboard.pdf'), format: 'A4' });
  },

  /** Without the token nothing is shown, and a page of another origin gets nothing however it asks. */
  async refused(browser) {
    const bare = await (await browser.newContext()).newPage();
    const answer = await bare.goto(new URL('/', address).href);
    if (answer.status() !== 401 || !(await bare.innerText('body')).startsWith('TITER672 ')) fault('the page is shown without its token');
    const own = await open(browser);
    const evil = createServer((_, response) => response.end('<!doctype html><title>elsewhere</title>')).listen(0, '127.0.0.1');
    await new Promise((done) => evil.once('listening', done));
    const elsewhere = await own.context().newPage();
    await elsewhere.goto(`http://localhost:${evil.address().port}/`);
    for (const path of ['api/board', `api/board${new URL(address).search}`]) {
      const got = await elsewhere.evaluate(async (to) => {
        try {
          return (await fetch(to, { credentials: 'include' })).status;
        } catch {
          return 'nothing';
        }
      }, new URL(path, address).href);
      if (got !== 'nothing') fault(`another origin got ${got} of ${path}`);
    }
    await elsewhere.setContent(`<iframe src="${address}"></iframe>`);
    await elsewhere.waitForTimeout(500);
    if (await elsewhere.frames()[1]?.locator('#leaderboard').count() > 0) fault('another origin shows it in a frame');
    evil.close();
  },

  /** Time from the address to a drawn board, in milliseconds, on a line; and frames while a long table is scrolled. */
  async speed(browser) {
    const page = await open(browser);
    const [first, shown] = await page.evaluate(() => [performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1, performance.now()]);
    await go(page, '#/crosstable');
    const frames = await page.evaluate(() => new Promise((done) => {
      let n = 0;
      const from = performance.now();
      const turn = () => {
        scrollBy(0, 40);
        n++;
        if (performance.now() - from < 2000) requestAnimationFrame(turn);
        else done(n / 2);
      };
      requestAnimationFrame(turn);
    }));
    console.log(`paint ${Math.round(first)} shown ${Math.round(shown)} frames ${Math.round(frames)}`);
  },
};

const browser = await chromium.launch({
  executablePath: process.env.TITER_CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
try {
  await checks[name](browser);
} catch (error) {
  fault(String(error.stack ?? error));
} finally {
  await browser.close();
}
faults.forEach((f) => console.error(f));
process.exitCode = faults.length > 0 ? 1 : 0;

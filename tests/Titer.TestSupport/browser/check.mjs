// One check of the page in a real browser: node check.mjs NAME ADDRESS [MORE]. Ends with 0, or says what is wrong.

import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { end, fault, launch, open } from './page.mjs';

const [, , name, address, more] = process.argv;
const AXE = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

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

/** Frames a second while a page is scrolled to its end and back for two seconds. */
const scrolled = (page) => page.evaluate(() => new Promise((done) => {
  let [n, way] = [0, 40];
  const from = performance.now();
  const turn = () => {
    if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) way = -40;
    if (scrollY === 0) way = 40;
    scrollBy(0, way);
    n++;
    if (performance.now() - from < 2000) requestAnimationFrame(turn);
    else done(Math.round(n / 2));
  };
  requestAnimationFrame(turn);
}));

const checks = {
  /** Each page: drawn, without an error, without a request elsewhere, readable to a screen reader, in light and dark. */
  async pages(browser) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await open(browser, address, { colorScheme });
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
        const page = await open(browser, address, { viewport: { width, height }, colorScheme });
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
    const page = await open(browser, address);
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

  /** What the page says of where a run comes from, line by line. */
  async provenance(browser) {
    const page = await open(browser, address);
    await go(page, '#/run');
    if (await page.locator('#forged').count() > 0) fault('a name became a part of the page');
    console.log((await page.locator('main h2:has-text("Provenance") + ul > li').allInnerTexts()).join('\n'));
  },

  /** The program goes and comes back: the page says so, and goes on by itself. */
  async restart(browser) {
    const page = await open(browser, address);
    page.expects = () => true;
    console.log('open');
    await page.waitForSelector('#top .state.lost');
    console.log('lost');
    await page.waitForSelector('#top .state:not(.lost)');
    await page.waitForFunction((n) => document.querySelector('#top .state')?.textContent?.includes(n), more);
  },

  /** One file from a disk: every part of it, and not one request. */
  async file(browser) {
    const page = await open(browser, address);
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
    const own = await open(browser, address);
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

  /** On a line: milliseconds from the address to the first paint and to a drawn board, and to another page of it; the fewest frames a second while one scrolls. */
  async speed(browser) {
    const page = await open(browser, address);
    await page.waitForSelector('#leaderboard tbody tr', { timeout: 300_000 });
    const [first, shown] = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
      done([performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1, performance.now()])))));
    const frames = [await scrolled(page)];
    const turned = await page.evaluate((h) => new Promise((done) => {
      const from = performance.now();
      location.hash = h;
      const look = () => (document.querySelector('table.heat td') ? done(performance.now() - from) : requestAnimationFrame(look));
      look();
    }), '#/crosstable');
    frames.push(await scrolled(page));
    console.log(JSON.stringify({ paint: Math.round(first), shown: Math.round(shown), turned: Math.round(turned), frames: Math.min(...frames) }));
  },
};

const browser = await launch();
try {
  await checks[name](browser);
} catch (error) {
  fault(String(error.stack ?? error));
} finally {
  await end(browser);
}

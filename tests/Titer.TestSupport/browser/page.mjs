// A page in a real browser: opened with an ear for whatever goes wrong.

import { chromium } from 'playwright-core';

const PATIENCE = 60_000;

/** What is wrong, in the order in which it was found. */
export const faults = [];
export const fault = (text) => faults.push(text);

/** Opens a page that notes errors, and requests to anywhere else. */
export async function open(browser, at, options = {}) {
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

/** Chromium, as a server has it. */
export const launch = () => chromium.launch({
  executablePath: process.env.TITER_CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** Ends the program: with 1 and what is wrong, where something is. */
export async function end(browser) {
  await browser.close();
  faults.forEach((f) => console.error(f));
  process.exitCode = faults.length > 0 ? 1 : 0;
}

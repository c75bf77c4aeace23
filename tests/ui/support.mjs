// Opens the dashboard in a browser: the one at PORTFIRE_URL, or the mock with the built pages.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Where the packages are: the build has a copy of the sources with them.
const project = process.env.PORTFIRE_UI
  ? pathToFileURL(`${process.env.PORTFIRE_UI}/`)
  : new URL('../../src/dashboard/ui/', import.meta.url);
const require = createRequire(new URL('package.json', project));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const screenshotFolder = fileURLToPath(
  new URL('../../build/ui-screenshots/', import.meta.url),
);
mkdirSync(screenshotFolder, { recursive: true });

export const isMock = !process.env.PORTFIRE_URL;
export const patience = 20_000;

/** The dashboard under test. `options` are those of the mock. */
export async function startSite(options = {}) {
  if (!isMock) {
    const url = process.env.PORTFIRE_URL.replace(/\/?$/, '/');
    return { url, mock: null, close: () => {} };
  }
  const { startMock } = await import(new URL('mock/server.mjs', project));
  const mock = await startMock({ prefix: '/ops/jobs/', ...options });
  return { url: mock.url, mock, close: mock.close };
}

export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

// What a suite works with, from `useSite` on.
export let site;
export let browser;
export let page;

/**
 * Starts a site and a browser for a suite. With `pages`, which is the rule, each test has a page of its
 * own, in which nothing may go wrong.
 */
export function useSite({ pages = true } = {}) {
  before(async () => {
    site = await startSite();
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    site?.close();
  });
  if (!pages) return;
  beforeEach(async () => {
    page = await openPage(browser);
  });
  afterEach(async () => {
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

/** A page that collects everything that went wrong in it: `page.problems`. */
export async function openPage(
  browser,
  { width = 1280, height = 860, settings = {}, ...context } = {},
) {
  const opened = await browser.newContext({
    viewport: { width, height },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    ...context,
  });
  await opened.addInitScript((stored) => {
    if (localStorage.getItem('portfire.settings') === null)
      localStorage.setItem('portfire.settings', stored);
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
    );
  }, JSON.stringify(settings));
  const page = await opened.newPage();
  page.setDefaultTimeout(patience);
  page.problems = [];
  page.on('console', (message) => message.type() === 'error' && page.problems.push(message.text()));
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('dialog', (dialog) => {
    page.problems.push(`a dialogue of the browser: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return page;
}

/** Goes to a page and waits until it shows what it has loaded. */
export async function visit(page, site, path) {
  await page.goto(new URL(path, site.url).href);
  await settle(page);
}

export async function settle(page) {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => !document.querySelector('.loading'));
  // Charts are drawn when their library has come.
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.chart')].every((chart) => chart.dataset.drawn),
  );
}

/** Violations of WCAG 2.2 A and AA. */
export async function findBarriers(page) {
  // Not as a script element, which the policy of the page forbids, as it should.
  await page.evaluate(axeSource);
  const violations = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const result = await globalThis.axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return result.violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      nodes: nodes
        .slice(0, 4)
        .map((node) => `${node.target.join(' ')}: ${node.failureSummary?.split('\n')[1] ?? ''}`),
    }));
  });
  return violations;
}

/** Reads the API as the page does. */
export async function api(site, path) {
  const response = await fetch(new URL(`api/v1/${path}`, site.url));
  return response.json();
}

export const pagePaths = [
  'overview',
  'jobs',
  'job',
  'job-failed',
  'job-graph',
  'queues',
  'failures',
  'retries',
  'recurring',
  'batches',
  'servers',
  'storage',
  'audit',
  'bulk',
  'settings',
];

/** Addresses of pages; those of single jobs are looked up. */
export async function addressOf(site, name) {
  const first = async (query) => (await api(site, `jobs?limit=1&${query}`)).jobs[0]?.id;
  if (name === 'overview') return '';
  if (name === 'job') return `jobs/${(await first('state=Processing')) ?? (await first(''))}`;
  if (name === 'job-failed') return `jobs/${(await first('state=Failed')) ?? (await first(''))}`;
  if (name === 'job-graph') return `jobs/${(await first('state=Awaiting')) ?? (await first(''))}`;
  return name;
}

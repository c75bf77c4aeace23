// Finding jobs: the search language, its completion, saved views, searching in pieces.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { api, isMock, page, settle, site, useSite, visit } from './support.mjs';

useSite();

const queryOf = () => new URL(page.url()).searchParams.get('q');
const waitForQuery = (query) =>
  page.waitForFunction((wanted) => new URL(location.href).searchParams.get('q') === wanted, query);
const states = () =>
  page.$$eval('.job-table tbody .badge-text', (badges) => badges.map((badge) => badge.textContent));

describe('searching', () => {
  it('completes keys and values, and keeps the search in the address', async () => {
    await visit(page, site, 'jobs');
    const input = page.getByRole('combobox');
    await input.fill('stat');
    await page.getByRole('option').first().click();
    await page.keyboard.type('fai');
    await page.getByRole('option', { name: 'Failed' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await waitForQuery('state:Failed');
    await settle(page);
    await page.waitForFunction(() => {
      const shown = [...document.querySelectorAll('.job-table tbody .badge-text')];
      return shown.length > 0 && shown.every((badge) => badge.textContent === 'Failed');
    });
    await page.reload();
    await settle(page);
    assert.equal(await input.inputValue(), 'state:Failed');
    assert.ok((await states()).every((state) => state === 'Failed'));
  });

  it('goes back with the browser', async () => {
    await visit(page, site, 'jobs');
    await page.locator('.state-tab', { hasText: 'Failed' }).click();
    await waitForQuery('state:Failed');
    await page.goBack();
    await page.waitForFunction(() => !location.search);
    assert.equal(queryOf(), null);
    assert.equal(await page.getByRole('combobox').inputValue(), '');
  });

  it('explains what it does not understand, and asks the server for nothing', async () => {
    await visit(page, site, 'jobs?q=' + encodeURIComponent('stat:Failed created:soon'));
    const faults = await page.locator('.faults').innerText();
    assert.match(faults, /Did you mean “state”\?/);
    assert.match(faults, /“soon” is no time/);
    assert.equal(await page.locator('.job-table').count(), 0);
  });

  it('remembers views', async () => {
    await visit(page, site, 'jobs?q=state:Failed');
    await page.getByRole('button', { name: 'Save this view' }).click();
    await page.getByRole('textbox', { name: 'Name of the view' }).fill('what failed');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'what failed' }).waitFor();
    await visit(page, site, 'jobs');
    await page.getByRole('link', { name: 'what failed' }).click();
    await waitForQuery('state:Failed');
    await page.getByRole('button', { name: /Remove the view/ }).click();
    await page.getByRole('link', { name: 'what failed' }).waitFor({ state: 'detached' });
  });

  it('loads more', async () => {
    await visit(page, site, 'jobs');
    const rows = page.locator('.job-table tbody tr');
    const count = await rows.count();
    const more = page.getByRole('button', { name: 'Load more' });
    if ((await more.count()) === 0) return;
    await more.click();
    await page.waitForFunction(
      (before) => document.querySelectorAll('.job-table tbody tr').length > before,
      count,
    );
  });

  it('searches in pieces, says how far it got and goes on', { skip: !isMock }, async () => {
    await visit(page, site, 'jobs?q=' + encodeURIComponent('"no such text anywhere"'));
    await page
      .locator('[data-test=list-count]', { hasText: /Searched [\d,]+ jobs so far/ })
      .waitFor();
    await page.getByText('No job matches').waitFor();
    await visit(page, site, 'jobs?q=mail-3.example.com');
    await page.locator('[data-test=list-count]').waitFor();
  });

  it('finds by name', async () => {
    const { jobs } = await api(site, 'jobs?limit=1&state=Failed');
    if (jobs.length === 0) return;
    await visit(page, site, 'jobs?q=' + encodeURIComponent(`name:${jobs[0].name} state:Failed`));
    await page.locator('.job-table tbody tr').first().waitFor();
    assert.ok((await states()).every((state) => state === 'Failed'));
  });
});

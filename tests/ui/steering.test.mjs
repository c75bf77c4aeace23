// Changing things: single jobs, many at once, queues, recurring jobs, servers.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { api, isMock, page, settle, site, useSite, visit } from './support.mjs';

useSite();

const toast = (text) => page.locator('.toast', { hasText: text });
const dialog = () => page.getByRole('dialog');
const firstJob = async (query) => (await api(site, `jobs?limit=1&${query}`)).jobs[0];

describe('steering', () => {
  it('requeues a job, with a reason that the audit log shows', async () => {
    const job = await firstJob('state=Failed');
    await visit(page, site, `jobs/${job.id}`);
    await page.getByRole('button', { name: 'Requeue' }).click();
    await dialog().getByLabel('Reason').fill('the server is back');
    await dialog().getByRole('button', { name: 'Requeue' }).click();
    await toast('Requeued.').waitFor();
    // A real worker may have run it by now, and failed again.
    assert.notEqual((await api(site, `jobs/${job.id}`)).since, job.since);
    await visit(page, site, 'audit');
    await page.getByRole('cell', { name: 'the server is back' }).waitFor();
  });

  it('keeps the focus inside a dialogue and gives it back', async () => {
    const job = await firstJob('state=Failed');
    await visit(page, site, `jobs/${job.id}`);
    const button = page.getByRole('button', { name: 'Delete' });
    await button.focus();
    await page.keyboard.press('Enter');
    await dialog().waitFor();
    for (let step = 0; step < 8; ++step) {
      await page.keyboard.press('Tab');
      const inside = await page.evaluate(
        () =>
          document.activeElement === document.body ||
          document.activeElement.closest('dialog') !== null,
      );
      assert.ok(inside);
    }
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    assert.ok(await button.evaluate((element) => element === document.activeElement));
  });

  it('runs a job again with changed arguments, every digit intact', async () => {
    const job = await firstJob('state=Succeeded');
    await visit(page, site, `jobs/${job.id}`);
    await page.getByRole('button', { name: 'Run with other arguments' }).click();
    const editor = dialog().getByLabel(/Arguments/);
    await editor.fill('[1,\n oops]');
    await dialog().getByText('line 2, column 2').waitFor();
    await editor.fill('[123456789012345678901234567890, 0.10]');
    await dialog().getByRole('button', { name: 'Run again' }).click();
    await toast('The new job is').getByRole('link').click();
    await settle(page);
    await page.getByText('123456789012345678901234567890').first().waitFor();
  });

  it('reschedules to a delay', async () => {
    const job = await firstJob('state=Failed');
    await visit(page, site, `jobs/${job.id}`);
    await page.getByRole('button', { name: 'Reschedule' }).click();
    await dialog().getByLabel('Start in').fill('nonsense');
    await dialog().getByRole('button', { name: 'Reschedule' }).click();
    await dialog().getByText('This is no duration.').waitFor();
    await dialog().getByLabel('Start in').fill('2h');
    await dialog().getByRole('button', { name: 'Reschedule' }).click();
    await toast('Rescheduled.').waitFor();
    const changed = await api(site, `jobs/${job.id}`);
    assert.equal(changed.state, 'Scheduled');
  });

  it('selects a range and changes it', async () => {
    await visit(page, site, 'jobs?q=state:NeedsReview');
    const boxes = page.locator('.job-table tbody input[type=checkbox]');
    await boxes.nth(0).click();
    await boxes.nth(2).click({ modifiers: ['Shift'] });
    await page.getByText('3 selected').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await dialog().getByText('3 chosen jobs.').waitFor();
    await dialog().getByRole('button', { name: 'Delete 3 jobs' }).click();
    await dialog().getByText('3 changed, 0 skipped, of 3 · done').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    await page.waitForFunction(() => document.querySelectorAll('.job-table tbody tr').length === 3);
  });

  // A real storage has moved so few before anybody can cancel.
  it('counts what a filter matches, runs, and can be cancelled', { skip: !isMock }, async () => {
    await visit(page, site, 'jobs?q=state:Succeeded');
    await page.getByRole('checkbox', { name: 'All that match' }).click();
    await page.getByRole('button', { name: 'Move' }).click();
    await dialog()
      .locator('[data-test=bulk-count]', { hasText: /\d+ jobs match\./ })
      .waitFor();
    await dialog().getByLabel('Queue').fill('archive');
    await dialog()
      .getByRole('button', { name: /Move \d+ jobs/ })
      .click();
    await dialog().getByRole('progressbar').waitFor();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await dialog().getByText('cancelled').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    await visit(page, site, 'bulk');
    await page.locator('.card', { hasText: 'cancelled' }).first().waitFor();
  });

  it('shows the jobs of a group of failures, and retries them', async () => {
    await visit(page, site, 'failures?within=1h');
    const group = page.locator('.failure').first();
    const count = Number(await group.locator('.badge').textContent());
    const name = await group.locator('h2').textContent();
    await group.getByRole('link', { name: 'Show the jobs' }).click();
    await settle(page);
    const rows = page.locator('.job-table tbody tr');
    await page.waitForFunction(
      (wanted) => document.querySelectorAll('.job-table tbody tr').length === wanted,
      Math.min(count, 50),
    );
    for (const row of await rows.all()) assert.ok((await row.textContent()).includes(name));
    await visit(page, site, 'failures?within=1h');
    await page.getByRole('button', { name: 'Retry group' }).first().click();
    await dialog()
      .locator('[data-test=bulk-count]', { hasText: `${count} job` })
      .waitFor();
    await dialog()
      .getByRole('button', { name: /Requeue \d+ job/ })
      .click();
    await dialog().getByText('· done').waitFor();
  });

  it('pauses and resumes a queue', async () => {
    await visit(page, site, 'queues');
    const card = page.locator('.card', { hasText: 'mail' });
    await card.getByRole('button', { name: 'Pause' }).click();
    await dialog().getByLabel('Reason').fill('mail outage');
    await dialog().getByRole('button', { name: 'Pause' }).click();
    await card.getByText('mail outage').waitFor();
    await card.getByRole('button', { name: 'Resume' }).click();
    await card.getByText('mail outage').waitFor({ state: 'detached' });
  });

  it('drains a queue', async () => {
    await visit(page, site, 'queues');
    const drain = page.getByRole('button', { name: 'Drain' });
    const card = page.locator('.card', { has: drain }).first();
    const name = await card.getAttribute('data-row');
    await card.getByRole('button', { name: 'Drain' }).click();
    await dialog()
      .locator('[data-test=bulk-count]', { hasText: /\d+ jobs? match/ })
      .waitFor();
    await dialog()
      .getByRole('button', { name: /Delete \d+ job/ })
      .click();
    await dialog().getByText('· done').waitFor();
    await visit(page, site, `jobs?q=${encodeURIComponent(`queue:${name} state:Deleted`)}`);
    await page.locator('.job-table tbody tr').first().waitFor();
  });

  it('edits a schedule and shows why one is refused', async () => {
    await visit(page, site, 'recurring');
    const card = page.locator('.card', { hasText: 'digest' });
    await card.getByRole('button', { name: 'Edit schedule' }).click();
    await dialog().getByLabel('Schedule').fill('nonsense');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().getByText(/nonsense/).waitFor();
    await dialog().getByLabel('Schedule').fill('30 6 * * *');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await card.getByText('30 6 * * *').first().waitFor();
    page.problems.length = 0; // The browser itself reports that it was refused.
  });

  it('triggers, pauses and removes a recurring job', async () => {
    await visit(page, site, 'recurring');
    const card = page.locator('.card', { hasText: 'clean-up' });
    await card.getByRole('button', { name: 'Trigger now' }).click();
    await dialog().getByRole('button', { name: 'Trigger now' }).click();
    await toast('The new job is').waitFor();
    await card.getByRole('button', { name: 'Pause' }).click();
    await dialog().getByLabel(/Until/).fill('2027-01-01T10:00');
    await dialog().getByRole('button', { name: 'Pause' }).click();
    await card.getByText(/until 1 Jan 2027/).waitFor();
    await card.getByRole('button', { name: 'Remove' }).click();
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await card.waitFor({ state: 'detached' });
  });

  it('asks a server to stop', async () => {
    await visit(page, site, 'servers');
    const card = page.locator('.card', { hasText: 'worker-2' });
    await card.getByRole('button', { name: 'Ask to stop' }).click();
    await dialog().getByRole('button', { name: 'Ask to stop' }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.card')]
        .filter((each) => each.textContent.includes('worker-2'))
        .every((each) => each.textContent.includes('Stopping')),
    );
  });
});

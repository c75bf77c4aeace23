// Changing things: single jobs, many at once, queues, recurring jobs. Against the mock, whose jobs one
// may change as one likes; the same is tried against a real server by the tests of the API.

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { api, isMock, openPage, settle, startBrowser, startSite, visit } from './support.mjs';

let site;
let browser;
let page;
before(async () => {
  site = await startSite();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  site?.close();
});
beforeEach(async () => {
  page = await openPage(browser);
});
afterEach(async () => {
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

const toast = (text) => page.locator('.toast', { hasText: text });
const dialog = () => page.getByRole('dialog');
const firstJob = async (query) => (await api(site, `jobs?limit=1&${query}`)).jobs[0];

describe('steering', { skip: !isMock }, () => {
  it('requeues a job, with a reason that the audit log shows', async () => {
    const job = await firstJob('state=Failed');
    await visit(page, site, `jobs/${job.id}`);
    await page.getByRole('button', { name: 'Requeue' }).click();
    await dialog().getByLabel('Reason').fill('the server is back');
    await dialog().getByRole('button', { name: 'Requeue' }).click();
    await toast('Requeued.').waitFor();
    assert.notEqual((await api(site, `jobs/${job.id}`)).state, 'Failed');
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
    const job = await firstJob('name=invoice.render');
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

  it('counts what a filter matches, runs, and can be cancelled', async () => {
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

  it('retries a group of failures', async () => {
    await visit(page, site, 'failures');
    await page.getByRole('button', { name: 'Retry group' }).first().click();
    await dialog().locator('[data-test=bulk-count]', { hasText: /match/ }).waitFor();
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

  it('edits a schedule and shows why one is refused', async () => {
    await visit(page, site, 'recurring');
    const card = page.locator('.card', { hasText: 'digest' });
    await card.getByRole('button', { name: 'Edit schedule' }).click();
    await dialog().getByLabel('Schedule').fill('nonsense');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().getByText('“nonsense” is no schedule.').waitFor();
    await dialog().getByLabel('Schedule').fill('30 6 * * *');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await card.getByText('30 6 * * *').first().waitFor();
    page.problems.length = 0; // The browser itself reports the answer 422.
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
    await card.getByText('Stopping').waitFor();
  });
});

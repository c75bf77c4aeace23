// How the page behaves: live updates, lost connections, keyboard, roles, languages, hostile text.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  addressOf,
  api,
  browser,
  findBarriers,
  isMock,
  openPage,
  page,
  settle,
  site,
  startSite,
  useSite,
  visit,
} from './support.mjs';

useSite();

const heading = (text) => page.locator('h1', { hasText: text }).waitFor();

describe('live', { skip: !isMock }, () => {
  it('figures and lists change by themselves, and keep selection and focus', async () => {
    await visit(page, site, 'jobs');
    const first = page.locator('.job-table tbody tr').first();
    const focused = () =>
      page.evaluate(() => document.activeElement.closest('[data-row]')?.dataset.row);
    await first.locator('input').click();
    const id = await focused();
    assert.ok(id);
    await page.waitForFunction(
      (before) => document.querySelector('.job-table tbody tr')?.dataset.row !== before,
      await first.getAttribute('data-row'),
    );
    await page.getByText('1 selected').waitFor();
    assert.equal(await focused(), id);
  });

  it('the graph of the last minute moves', async () => {
    await visit(page, site, '');
    const created = page.locator('.facts dd').first();
    const before = await created.textContent();
    await page.waitForFunction(
      (old) => document.querySelector('.facts dd').textContent !== old,
      before,
    );
    await page.getByText('Collecting').waitFor({ state: 'detached' });
  });

  it('a lost connection is told, and comes back by itself', async () => {
    await visit(page, site, 'queues');
    site.mock.dropStreams(true);
    await page.locator('[data-test=lost]').waitFor();
    site.mock.dropStreams(false);
    await page.locator('[data-test=lost]').waitFor({ state: 'detached' });
    page.problems.length = 0; // The browser reports the refused stream.
  });

  it('the log of a running job grows', async () => {
    await visit(page, site, await addressOf(site, 'job'));
    const lines = page.locator('.log-line');
    await lines.first().waitFor();
    const count = await lines.count();
    await page.waitForFunction(
      (before) => document.querySelectorAll('.log-line').length > before,
      count,
    );
  });
});

describe('the keyboard', () => {
  it('goes to pages, moves in lists, selects and opens', async () => {
    await visit(page, site, '');
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await heading('Jobs');
    await page.locator('.job-table tbody tr').nth(1).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('1 selected').waitFor();
    const id = await page.evaluate(() => document.activeElement.closest('[data-row]').dataset.row);
    assert.ok(await page.locator(`tr[data-row="${id}"] input`).isChecked());
    await page.keyboard.press('d');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname.includes('/jobs/'));
    await settle(page);
  });

  it('focuses the search, and does not act while one types', async () => {
    await visit(page, site, 'jobs');
    await page.keyboard.press('/');
    await page.keyboard.type('g o ?');
    assert.equal(await page.getByRole('combobox').inputValue(), 'g o ?');
    assert.equal(await page.getByRole('dialog').count(), 0);
  });

  it('shows its map, which has no barriers', async () => {
    await visit(page, site, 'settings');
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    assert.deepEqual(await findBarriers(page), []);
    await page.keyboard.press('Escape');
  });

  it('can be switched off', async () => {
    await visit(page, site, 'settings');
    await page.getByLabel('Single-key shortcuts').selectOption('off');
    await page.getByRole('heading', { name: 'Settings' }).focus();
    await page.keyboard.press('?');
    await page.keyboard.press('g');
    await page.keyboard.press('j');
    await heading('Settings');
    assert.equal(await page.getByRole('dialog').count(), 0);
  });
});

describe('settings', () => {
  it('every language is loaded when it is wanted', async () => {
    await visit(page, site, 'settings');
    const expected = {
      de: 'Einstellungen',
      fr: 'Réglages',
      es: 'Ajustes',
      'pt-BR': 'Configurações',
      ru: 'Настройки',
      zh: '设置',
      ja: '設定',
      en: 'Settings',
    };
    for (const [language, title] of Object.entries(expected)) {
      await page.locator('.settings select').first().selectOption(language);
      await heading(title);
      assert.equal(await page.evaluate(() => document.documentElement.lang), language);
    }
  });

  it('theme, zone and times are kept', async () => {
    await visit(page, site, 'settings');
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.getByRole('button', { name: 'Absolute' }).click();
    await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
    await visit(page, site, 'servers');
    assert.equal(
      await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme),
      'dark',
    );
    const started = await page
      .locator('.facts time')
      .nth(1)
      .evaluate((time) => [time.dateTime, time.textContent]);
    const tokyo = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Asia/Tokyo',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    assert.ok(started[1].includes(tokyo.format(new Date(started[0]))), started.join(' '));
  });
});

describe('what comes from the server', () => {
  it('is shown as text, whatever it is', { skip: !isMock }, async () => {
    const { jobs } = await api(site, 'jobs?limit=1000');
    const hostile = jobs.filter((job) => job.name.startsWith('hostile'));
    assert.ok(hostile.length > 4);
    for (const job of hostile) {
      await visit(page, site, `jobs/${job.id}`);
      assert.equal(
        await page.locator('h1').innerText(),
        job.display_name.trim().replace(/\u202e/g, '\u202e'),
      );
    }
    for (const path of ['', 'jobs?q=state:Failed', 'failures', 'recurring', 'audit', 'batches'])
      await visit(page, site, path);
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
    assert.equal(await page.locator('main img, main script, main b').count(), 0);
    assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
  });

  it('may be a megabyte', { skip: !isMock }, async () => {
    const { jobs } = await api(site, 'jobs?limit=1000&state=Succeeded');
    const large = jobs.find((job) => job.display_name.startsWith('a megabyte'));
    await visit(page, site, `jobs/${large.id}`);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('.code')].some((code) => code.textContent.length > 1_000_000),
    );
  });

  it('a job that does not exist is told', async () => {
    await page.goto(new URL('jobs/00000000-0000-7000-8000-000000000000', site.url).href);
    await page.getByText('This job does not exist').waitFor();
    page.problems.length = 0; // The browser itself reports the answer 404.
  });

  it('an unknown page is told', async () => {
    await page.goto(new URL('nothing/here', site.url).href);
    await page.getByText('There is no such page.').waitFor();
  });
});

describe('viewers', { skip: !isMock }, () => {
  for (const options of [{ role: 'viewer' }, { readOnly: true }]) {
    it(`see no actions: ${JSON.stringify(options)}`, async () => {
      const restricted = await startSite(options);
      try {
        for (const path of [
          'jobs',
          'queues',
          'failures',
          'recurring',
          'servers',
          await addressOf(restricted, 'job-failed'),
        ]) {
          await visit(page, restricted, path);
          const labels = await page
            .locator('main button')
            .evaluateAll((buttons) => buttons.map((button) => button.textContent.trim()));
          for (const label of labels)
            assert.doesNotMatch(
              label,
              /Requeue|Delete|Pause|Resume|Remove|stop|Trigger|Retry|Run|Move|Reschedule|Edit/,
            );
          assert.equal(
            await page.locator('main input[type=checkbox]:not(.inline-check input)').count(),
            0,
          );
        }
        await page.getByText('Read-only').waitFor();
      } finally {
        restricted.close();
      }
    });
  }
});

// Every page, in both themes and at the extremes of width: nothing is reported in the console, nothing
// is against the Content-Security-Policy, axe finds nothing, nothing sticks out. Pictures are kept.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  addressOf,
  browser,
  findBarriers,
  openPage,
  pagePaths,
  screenshotFolder,
  site,
  useSite,
  visit,
} from './support.mjs';

useSite({ pages: false });

const views = [
  { name: 'light', width: 1280, height: 860, theme: 'light', axe: true },
  { name: 'dark', width: 1280, height: 860, theme: 'dark', axe: true },
  { name: 'narrow', width: 360, height: 780, theme: 'light', axe: true },
  { name: 'wide', width: 2560, height: 1300, theme: 'dark', axe: false },
];

for (const view of views) {
  describe(view.name, () => {
    let page;
    before(async () => {
      page = await openPage(browser, {
        width: view.width,
        height: view.height,
        settings: { theme: view.theme },
      });
    });
    after(() => page.context().close());

    for (const name of pagePaths) {
      it(name, async () => {
        page.problems.length = 0;
        await visit(page, site, await addressOf(site, name));
        await page.screenshot({ path: join(screenshotFolder, `${name}-${view.name}.png`) });
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        assert.ok(overflow <= 0, `${overflow} pixels stick out`);
        if (view.axe) assert.deepEqual(await findBarriers(page), []);
        assert.deepEqual(page.problems, []);
      });
    }
  });
}

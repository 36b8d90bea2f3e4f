// What is kept of a person: seen, taken home, put right, and given up.
import { readFile } from 'node:fs/promises';
import { axe, expect, fitsWidth, test, type Page } from '../lib/fixtures.ts';
import { join, register } from '../lib/people.ts';
import { showsDeeds } from '../lib/variant.ts';

test('somebody sees what is kept of her, takes it home, puts it right, and may leave', async ({ visitor, server, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant), 'two variants show it');
  test.setTimeout(90_000);
  expectedStatuses.add(422);
  const judge = async (seen: Page) => {
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  };
  const page = await visitor();
  await join(page, server, '田小虹');
  await page.goto('/me');
  await judge(page);
  await page.locator('main a[href="/me/data"]').click();
  await expect(page.locator('main .facts')).toContainText('田小虹');
  await judge(page);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('form[action="/me/data/archive"] button').click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^xuecheng-\d{4}-\d{2}-\d{2}\.zip$/);
  const zip = await readFile((await download.path())!);
  expect(zip.subarray(0, 2).toString()).toBe('PK');

  await page.locator('main a[href="/me/correct"]').click();
  await judge(page);
  await page.locator('#f-birth_year').fill('1850');
  await page.locator('main form.form button').click();
  await expect(page.locator('#form-summary')).toBeVisible();
  await judge(page);
  await page.locator('#f-name').fill('田小红');
  await page.locator('#f-birth_year').fill('1985');
  await page.locator('main form.form button').click();
  await expect(page.locator('main .facts')).toContainText('田小红');

  await page.goto('/me/leave');
  await judge(page);
  await page.locator('main form.form button').click();
  await expect(page.locator('#form-summary')).toBeVisible();
  await judge(page);
  await page.locator('#f-understood').check();
  await page.locator('main form.form button').click();
  await expect(page.locator('form[action="/me/leave/withdraw"]')).toBeVisible();
  await judge(page);
  await page.goto('/me');
  await expect(page.locator('main .notice.warn')).toBeVisible();
  await page.locator('main .notice.warn a').click();
  await page.locator('form[action="/me/leave/withdraw"] button').click();
  await expect(page.locator('main .notice.warn')).toHaveCount(0);
});

test('a clerk corrects a name by the document she has seen', async ({ signedIn, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant), 'two variants show it');
  expectedStatuses.add(422);
  const clerk = await signedIn('centre');
  const { card } = await register(clerk, '冯素针');
  await clerk.goto('/desk');
  await clerk.locator('main a[href$="/counter"]').first().click();
  await clerk.locator('main a[href$="/counter/correct"]').click();
  await axe(clerk);
  if (variant.device === 'phone') await fitsWidth(clerk);
  await clerk.locator('#f-card').fill(card);
  await clerk.locator('#f-name').fill('冯素珍');
  await clerk.locator('main form.form button').click();
  await expect(clerk.locator('#form-summary')).toBeVisible();
  await axe(clerk);
  await clerk.locator('#f-seen').check();
  await clerk.locator('main form.form button').click();
  await expect(clerk).toHaveURL(/\/counter$/);
});

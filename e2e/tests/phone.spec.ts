// Another telephone: by oneself with both codes, and at a counter when the old one is lost.
import { axe, expect, fitsWidth, test, type Page } from '../lib/fixtures.ts';
import { newPhone, oneTimeCode } from '../lib/messages.ts';
import { enter, register } from '../lib/people.ts';
import { showsDeeds } from '../lib/variant.ts';

const send = (page: Page) => page.locator('main form.form button').click();

test('somebody changes her telephone with a code sent to each number', async ({ signedIn, visitor, server, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant), 'two variants show it');
  test.setTimeout(90_000);
  expectedStatuses.add(422);
  const judge = async (seen: Page) => {
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  };
  const [old, fresh] = [newPhone(), newPhone()];
  const own = await register(await signedIn('centre'), '马小芸', old);
  const page = await visitor();
  await enter(page, own);
  await page.goto('/me');
  await page.locator('main .facts a[href="/me/phone"]').click();
  await judge(page);
  await page.locator('#f-phone').fill(old);
  await send(page);
  await expect(page.locator('#form-summary')).toBeVisible();
  await judge(page);
  await page.locator('#f-phone').fill(fresh);
  await send(page);
  await judge(page);
  await page.locator('#f-code').fill('000000');
  await page.locator('#f-old_code').fill(await oneTimeCode(server, old));
  await send(page);
  await expect(page.locator('#f-code-error')).toBeVisible();
  await expect(page.locator('#f-old_code-error')).toHaveCount(0);
  await judge(page);
  await page.locator('#f-code').fill(await oneTimeCode(server, fresh));
  await send(page);
  await expect(page).toHaveURL(/\/me$/);
  await expect(page.locator('main .facts')).toContainText(`${fresh.slice(0, 3)}****${fresh.slice(-4)}`);
});

test('a clerk gives who lost her telephone another one, by the document', async ({ signedIn, visitor, server, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant), 'two variants show it');
  test.setTimeout(90_000);
  expectedStatuses.add(422);
  const judge = async (seen: Page) => {
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  };
  const clerk = await signedIn('centre');
  const [old, fresh] = [newPhone(), newPhone()];
  const own = await register(clerk, '罗秀珍', old);
  const page = await visitor();
  await enter(page, own);
  await clerk.goto('/desk');
  await clerk.locator('main a[href$="/counter"]').first().click();
  await clerk.locator('main a[href$="/counter/phone"]').click();
  await judge(clerk);
  await clerk.locator('#f-who').fill(old);
  await clerk.locator('#f-name').fill('罗秀贞');
  await clerk.locator('#f-phone').fill(fresh);
  await clerk.locator('#f-seen').check();
  await send(clerk);
  await expect(clerk.locator('#f-name-error')).toBeVisible();
  await judge(clerk);
  await clerk.locator('#f-name').fill('罗秀珍');
  await send(clerk);
  await judge(clerk);
  await clerk.locator('#f-code').fill(await oneTimeCode(server, fresh));
  await send(clerk);
  await expect(clerk).toHaveURL(/\/counter$/);
  // The device with the lost telephone is signed out; her card gets her in as before.
  await page.goto('/me');
  await expect(page).toHaveURL(/\/sign-in/);
  await enter(page, own);
  await page.goto('/me');
  await expect(page.locator('main .facts')).toContainText(`${fresh.slice(0, 3)}****${fresh.slice(-4)}`);
});

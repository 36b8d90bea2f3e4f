import { expect, type Page } from '@playwright/test';
import { newPhone, oneTimeCode } from './messages.ts';
import type { ServerState } from './server.ts';

/** Registers somebody at the counter and reads card and PIN from her slip. */
export async function register(clerk: Page, name: string, phone = ''): Promise<{ card: string; pin: string }> {
  await clerk.goto('/desk');
  await clerk.locator('main a[href$="/counter"]').first().click();
  await clerk.locator('#f-name').fill(name);
  if (phone !== '') await clerk.locator('#f-phone').fill(phone);
  await clerk.locator('#f-consent').check();
  await clerk.locator('main form[action$="/counter"] button').click();
  await expect(clerk).toHaveURL(/\/counter\/[0-9a-f]{32}$/);
  const [card, pin] = await clerk.locator('.slip-number').allInnerTexts();
  return { card: card!, pin: pin! };
}

/** Signs in with card and PIN. */
export async function enter(page: Page, { card, pin }: { card: string; pin: string }): Promise<void> {
  await page.goto('/sign-in/card');
  await page.locator('#f-card').fill(card);
  await page.locator('#f-pin').fill(pin);
  await page.locator('main form button.primary').click();
  await expect(page.locator('form[action="/sign-out"]').first()).toBeAttached();
}

/** Opens an account by telephone. */
export async function join(page: Page, server: ServerState, name: string): Promise<void> {
  const phone = newPhone();
  await page.goto('/sign-in');
  await page.locator('#f-phone').fill(phone);
  await page.locator('main form button.primary').click();
  await expect(page.locator('#f-code')).toBeVisible();
  await page.locator('#f-code').fill(await oneTimeCode(server, phone));
  await page.locator('main form button.primary').click();
  await page.locator('#f-name').fill(name);
  await page.locator('#f-consent').check();
  await page.locator('main form button.primary').click();
  await expect(page.locator('form[action="/sign-out"]').first()).toBeAttached();
}

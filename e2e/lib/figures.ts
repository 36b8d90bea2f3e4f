import { expect, type Page } from '@playwright/test';

type Judge = (page: Page) => Promise<void>;

/** A figure of the whole city, this year, as its page shows it. */
export async function figure(page: Page, name: 'attendances' | 'learners'): Promise<number> {
  await page.goto(`/figures/${name}`);
  return number(await page.locator('.figure-number').first().innerText());
}

/**
 * Goes from the city's 人次 down to the records of one class, as a reader does: the district of the demo's stage, its street's
 * school, the class, its session. Asserts that both kinds of records are there, each counted as what it is.
 */
export async function drillDown(
  page: Page,
  klass: string,
  expected: { attendances: number; visitors: number; names: string[]; evidence: string; judge: Judge },
): Promise<void> {
  const { attendances, visitors, names, evidence, judge } = expected;
  await page.goto('/figures');
  await judge(page);
  await page.locator('main a.figure-number[href^="/figures/attendances"]').click();
  await judge(page);
  await page.locator('main tbody a', { hasText: '沙坪坝' }).first().click();
  await judge(page);
  await page.locator('main tbody a', { hasText: '天星桥' }).first().click();
  await judge(page);
  const line = page.locator('main tbody tr').filter({ has: page.locator(`a[href*="class=${klass}"]`) });
  await expect.poll(async () => (await page.reload(), numbers(line)), { message: 'the class’s line' }).toEqual([attendances, visitors]);
  await line.locator('a').click();
  await judge(page);
  const session = page.locator('main tbody tr').first();
  expect(await numbers(session)).toEqual([attendances, visitors]);
  await session.locator('a').click();
  await judge(page);
  // The city's head may see names.
  for (const name of names) await expect(page.locator('main tbody')).toContainText(name);
  await expect(page.locator('main tbody')).toContainText(evidence);
}

/** Asserts that the figures told by documents stand beside, and that of 26 and 36 neither is passed off as true. */
export async function judgeReported(page: Page, judge: Judge): Promise<void> {
  await page.goto('/figures');
  const reported = page.locator('section[aria-labelledby="reported"]');
  expect(await reported.locator('tbody tr').count()).toBeGreaterThan(10);
  const disputed = reported.locator('tbody tr', { has: page.locator('.tag.warn') });
  for (const value of [26, 36]) {
    await expect(disputed.locator('td.number', { hasText: new RegExp(`^${value}\\b`) }).first()).toBeVisible();
  }
  await disputed.locator('a').first().click();
  await expect(page.locator('main .notice.warn')).toBeVisible();
  await judge(page);
}

/** 人次 by check-in and by headcount of a line. */
async function numbers(line: ReturnType<Page['locator']>): Promise<number[]> {
  const cells = await line.locator('td.number').allInnerTexts();
  return cells.slice(0, 2).map(number);
}

function number(text: string): number {
  return Number(text.replace(/\D/g, ''));
}

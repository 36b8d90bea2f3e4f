// Pages of those who look after the city: the public log, the trail of the auditor, the jobs behind the pages.
import { axe, expect, fitsWidth, test } from '../lib/fixtures.ts';

test('the pages of operators and auditors are for everyone', async ({ page, signedIn, variant }) => {
  const auditor = await signedIn('auditor');
  const city = await signedIn('city');
  for (const [seen, path] of [
    [page, '/log'],
    [auditor, '/audit'],
    [city, '/desk/jobs'],
    [city, '/desk/jobs?state=done'],
  ] as const) {
    const answer = await seen.goto(path);
    expect(answer?.status(), path).toBe(200);
    await expect(seen.locator('h1')).toBeVisible();
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  }
});

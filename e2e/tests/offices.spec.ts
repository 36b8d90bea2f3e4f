// Pages of those who look after the city: the public log, the trail of the auditor, the jobs behind the pages.
import { axe, expect, fitsWidth, test } from '../lib/fixtures.ts';

test('the pages of operators and auditors are for everyone', async ({ page, signedIn, variant }) => {
  const auditor = await signedIn('auditor');
  const city = await signedIn('city');
  const system = await signedIn('system');
  const security = await signedIn('security');
  for (const [seen, path] of [
    [page, '/log'],
    [auditor, '/audit'],
    [system, '/desk'],
    [system, '/desk/jobs'],
    [system, '/desk/jobs?state=done'],
    [security, '/desk/security'],
    [security, '/desk/people'],
    [city, '/desk/people'],
    [city, '/me'],
    [city, '/second-factor/new?next=/me'],
  ] as const) {
    const answer = await seen.goto(path);
    expect(answer?.status(), path).toBe(200);
    await expect(seen.locator('h1')).toBeVisible();
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  }
});

test('a head gives a role only with all that it needs, and is told what is wrong', async ({ signedIn, expectedStatuses, variant }) => {
  const city = await signedIn('city');
  expectedStatuses.add(422);
  await city.goto('/desk/people');
  await city.locator('main a.primary').first().click();
  await axe(city);
  await city.locator('main form.form button').click();
  await expect(city.locator('#form-summary')).toBeVisible();
  await expect(city.locator('[aria-invalid="true"], .is-wrong').first()).toBeVisible();
  await axe(city);
  if (variant.device === 'phone') await fitsWidth(city);
});

// Pages of those who look after the city: the public log, the trail of the auditor, the jobs behind the pages.
import { axe, expect, fitsWidth, test } from '../lib/fixtures.ts';
import { isHers, showsDeeds } from '../lib/variant.ts';

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

test('the lists of the desk are for everyone', async ({ signedIn, variant }) => {
  test.skip(variant.device !== 'phone', 'it sets the width of its window itself');
  const city = await signedIn('city');
  const school = await signedIn('school');
  for (const [seen, path] of [
    [city, '/desk/offers?status=published&sort=title'],
    [city, '/desk/orgs'],
    [city, '/desk/attendances'],
    [school, '/desk/offers'],
    [school, '/desk/offers?q=zzqx'],
    [city, '/desk/exports'],
    [city, '/desk/batches'],
  ] as const) {
    const answer = await seen.goto(path);
    expect(answer?.status(), path).toBe(200);
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  }
});

test('a list pages forth and back, keeps its address, and is written to a file', async ({ signedIn, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  const city = await signedIn('city');
  await city.goto('/desk/offers?sort=title&size=20');
  const first = city.locator('main table.rows tbody tr td a').first();
  const title = await first.innerText();
  await city.locator('main nav.pages a[rel=next]').click();
  await expect(first).not.toHaveText(title);
  await city.locator('main nav.pages a[rel=prev]').click();
  await expect(first).toHaveText(title);
  await city.goto('/desk/offers?q=' + encodeURIComponent('书法'));
  await city.locator('main button[name=format][value=xlsx]').click();
  await expect(city).toHaveURL(/\/desk\/exports\//);
  const file = city.locator('main a[href$="/file"], main a[download]').first();
  await expect(async () => {
    await city.reload();
    await expect(file).toBeVisible({ timeout: 500 });
  }).toPass();
  await axe(city);
  const [download] = await Promise.all([city.waitForEvent('download'), file.click()]);
  expect(download.suggestedFilename()).toMatch(/\.xlsx$/);
});

test('who works at a place keeps its address and hours, and is told what cannot be read', async ({ signedIn, expectedStatuses, variant }) => {
  const school = await signedIn('school');
  expectedStatuses.add(422);
  await school.goto('/desk/orgs');
  const keep = school.locator('main a[href$="/place"]').first();
  const path = (await keep.getAttribute('href'))!;
  for (const part of ['place', 'name', 'found']) {
    const answer = await school.goto(path.replace(/place$/, part));
    expect(answer?.status(), part).toBe(200);
    await axe(school);
    if (variant.device === 'phone') await fitsWidth(school);
  }
  await school.goto('/desk/holidays');
  await axe(school);
  if (variant.device === 'phone') await fitsWidth(school);
  await school.goto(path);
  await school.locator('#f-mo').fill('9-12');
  await school.locator('main form.form button').click();
  await expect(school.locator('#form-summary a')).toHaveAttribute('href', '#f-mo');
  await expect(school.locator('#f-mo')).toHaveValue('9-12');
  await axe(school);
  if (variant.device === 'phone') await fitsWidth(school);
});

test('hours that were changed stand on the page of the place at once', async ({ page, signedIn, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  const college = await signedIn('college');
  await college.goto('/desk/orgs');
  const path = (await college.locator('main a[href$="/place"]').last().getAttribute('href'))!;
  const from = variant.device === 'phone' ? '07:10' : '07:20';
  await college.goto(path);
  for (const day of ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su']) await college.locator(`#f-${day}`).fill(`${from}-23:50`);
  await college.locator('main form.form button').click();
  await expect(college.locator('.notice.ok')).toBeVisible();
  await page.goto(path.replace('/desk', '').replace(/\/place$/, ''));
  await expect(page.locator('main .facts')).toContainText(`${from}–23:50`);
});

test('notices are for everyone: who answers, and who asked', async ({ signedIn, expectedStatuses, variant }) => {
  test.skip(variant.device !== 'phone', 'what fits a phone fits a desk: languages and scales are tried there');
  test.setTimeout(240_000);
  expectedStatuses.add(422);
  const college = await signedIn('college');
  const city = await signedIn('city');
  const looksWell = async (seen: typeof city) => {
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  };
  await college.goto('/desk/notices');
  await looksWell(college);
  await college.locator('main table tbody a').first().click();
  await expect(college.locator('h1')).toBeVisible();
  await looksWell(college);
  // Handed over empty it is refused, and says which cells are missing.
  await college.locator('main form button.primary').first().click();
  await expect(college.locator('#form-summary')).toBeVisible();
  await looksWell(college);
  for (const path of ['/desk/notices/new', '/desk/notices/sent']) {
    await city.goto(path);
    await looksWell(city);
  }
  await city.locator('main table tbody a').first().click();
  await looksWell(city);
  const results = city.url();
  for (const part of ['/answers', '/places']) {
    const answer = await city.goto(results + part);
    expect(answer?.status(), part).toBe(200);
    await looksWell(city);
  }
});

test('two districts become one: looked at, carried out, read as then and as now, and taken back', async ({ page, signedIn, variant }) => {
  test.skip(!isHers(variant), 'it changes the whole city: once is enough');
  test.setTimeout(120_000);
  const city = await signedIn('city');
  await city.goto('/desk/reorganisations');
  await axe(city);
  await city.locator('main a.primary').click();
  await axe(city);
  if (variant.device === 'phone') await fitsWidth(city);
  await city.locator('#f-title').fill('设立两江新区');
  await city.locator('#f-document').fill('渝府发〔2025〕15号');
  await city.locator('#f-effective_on').fill('2026-01-25');
  await city.locator('input[type=file]').setInputFiles('../data/demo/merger_2026.csv');
  await city.locator('main form.form button').click();
  // A look first: what it would change, and nothing has changed yet.
  await expect(city).toHaveURL(/\/desk\/reorganisations\/[0-9a-f]{32}$/);
  const decision = new URL(city.url()).pathname;
  await expect(city.locator('main table.rows tbody tr').first()).toBeVisible();
  await expect(city.locator('main .figure-number').first()).not.toHaveText('0');
  await axe(city);
  if (variant.device === 'phone') await fitsWidth(city);
  await page.goto('/places/500105000000');
  await expect(page.locator('main .notice.warn')).toHaveCount(0);

  await city.locator('main form[action$="/confirm"] button').click();
  await expect(city.locator('main form[action$="/undo"]')).toHaveCount(1);
  await axe(city);
  try {
    // The address of before leads on.
    await page.goto('/places/500105000000');
    await expect(page.locator('main .notice.warn')).toBeVisible();
    await axe(page);
    await page.locator('main .notice.warn a.primary').click();
    await expect(page).toHaveURL(/\/places\/500157000000$/);
    await expect(page.locator('h1')).toHaveText('两江新区');
    await axe(page);
    await page.goto('/places/500105001000');
    await page.locator('main .notice.warn a.primary').click();
    await expect(page).toHaveURL(/\/places\/500157020000$/);
    // Figures as they were then, and as they are now.
    await page.goto('/figures?year=2025');
    const now = await page.locator('#districts ~ .table-wrap tbody th').allInnerTexts();
    await page.locator('main a[href*="tree=then"]').first().click();
    await axe(page);
    const then = await page.locator('#districts ~ .table-wrap tbody th').allInnerTexts();
    expect(now.some((name) => name.includes('两江新区'))).toBe(true);
    expect(now.some((name) => name.includes('渝北区'))).toBe(false);
    expect(then.some((name) => name.includes('渝北区'))).toBe(true);
    // The history of one that was taken in tells what became of it.
    await city.locator('main table.rows tbody a').first().click();
    await expect(city).toHaveURL(/\/orgs\/[0-9a-f]{32}\/history$/);
    await axe(city);
    if (variant.device === 'phone') await fitsWidth(city);
  } finally {
    await city.goto(decision);
    await city.locator('main details:has(form[action$="/undo"]) summary').click();
    await city.locator('main form[action$="/undo"] button').click();
  }
  await expect(city.locator('main form[action$="/undo"]')).toHaveCount(0);
  await page.goto('/places/500105000000');
  await expect(page.locator('main .notice.warn')).toHaveCount(0);
});

test('a clerk registers somebody without a telephone, and she signs in with card and PIN', async ({ page, signedIn, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant) && !isHers(variant), 'three variants show it: two, and the one that she uses');
  const clerk = await signedIn('centre');
  expectedStatuses.add(422);
  await clerk.goto('/desk');
  await clerk.locator('main a[href$="/counter"]').first().click();
  await axe(clerk);
  if (variant.device === 'phone') await fitsWidth(clerk);
  await clerk.locator('#f-name').fill('刘桂兰');
  await clerk.locator('main form[action$="/counter"] button').click();
  // Without her consent there is no account; what was typed stays.
  await expect(clerk.locator('#form-summary')).toBeVisible();
  await expect(clerk.locator('#f-name')).toHaveValue('刘桂兰');
  await axe(clerk);
  await clerk.locator('#f-consent').check();
  await clerk.keyboard.press('Enter');
  await expect(clerk).toHaveURL(/\/counter\/[0-9a-f]{32}$/);
  await axe(clerk);
  if (variant.device === 'phone') await fitsWidth(clerk);
  const [card, pin] = await clerk.locator('.slip-number').allInnerTexts();

  await page.goto('/sign-in');
  await page.locator('main a[href^="/sign-in/card"]').click();
  await axe(page);
  if (variant.device === 'phone') await fitsWidth(page);
  await page.locator('#f-card').fill(card!);
  await page.locator('#f-pin').fill(pin === '908172' ? '908173' : '908172');
  await page.locator('main form.form button').click();
  await expect(page.locator('#form-summary')).toBeVisible();
  await expect(page.locator('#f-pin')).toHaveValue('');
  await axe(page);
  await page.locator('#f-pin').fill(pin!);
  await page.locator('main form.form button').click();
  await expect(page).toHaveURL(/\/passport$/);
});

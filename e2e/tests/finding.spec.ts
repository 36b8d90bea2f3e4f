// Finding: the search box with its suggestions and choices, what is near, the places, what comes.
import { axe, expect, fitsWidth, test } from '../lib/fixtures.ts';
import { showsDeeds } from '../lib/variant.ts';

const QUERY = `/search?q=${encodeURIComponent('书法')}`;
const FIRST_VISIT_BYTES_MAX = 100_000;
/** 磁器口, and what is left of it when it is rounded to about a hundred metres. */
const HERE = { latitude: 29.57987, longitude: 106.45012 };
const HERE_ROUNDED = '29.580,106.450';

test('words are offered while one types, and the keyboard takes one', async ({ page, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  await page.goto('/search');
  const box = page.locator('#q');
  await expect(box).toHaveAttribute('role', 'combobox');
  await box.pressSequentially('shuf');
  const list = page.locator('#q-suggestions');
  await expect(list.locator('[role=option]').filter({ hasText: '书法' }).first()).toBeVisible();
  await axe(page);
  await box.press('ArrowDown');
  const first = list.locator('[aria-selected=true]');
  await expect(first).toHaveCount(1);
  await expect(box).toHaveAttribute('aria-activedescendant', (await first.getAttribute('id'))!);
  const taken = await first.innerText();
  await box.press('Enter');
  await expect(page).toHaveURL(/\/search\?q=/);
  await expect(page.locator('#q')).toHaveValue(taken);
  await expect(page.locator('main .list > li, main .card').first()).toBeVisible();
});

test('the box keeps what was typed when its suggestions are closed', async ({ page, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  await page.goto('/search');
  const box = page.locator('#q');
  await box.pressSequentially('太极');
  await expect(page.locator('#q-suggestions [role=option]').first()).toBeVisible();
  await box.press('Escape');
  await expect(page.locator('#q-suggestions')).toBeHidden();
  await expect(box).toHaveValue('太极');
  await box.press('Enter');
  await expect(page).toHaveURL(/q=%E5%A4%AA%E6%9E%81/);
});

test('a choice narrows the hits, stands in the address, and is given up again', async ({ page, variant }) => {
  await page.goto(QUERY);
  const heading = page.locator('#results');
  const before = await heading.innerText();
  await page.locator('main details summary').first().click();
  await axe(page);
  if (variant.device === 'phone') await fitsWidth(page);
  const choice = page.locator('main .choices a.chip').filter({ has: page.locator('small') }).last();
  const count = Number((await choice.locator('small').innerText()).replace(/\D/g, ''));
  await choice.click();
  await expect(heading).toContainText(String(count));
  const shared = page.url();
  await page.goto(shared);
  await expect(heading).toContainText(String(count));
  await page.locator('main .choices a.chip[aria-current="true"]').first().click();
  await expect(heading).toHaveText(before);
});

test('without scripts search, choices and near-me are all there', async ({ visitor, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  const plain = await visitor({ javaScriptEnabled: false });
  await plain.goto('/');
  await plain.locator('form[role=search] input[name=q]').first().fill('书法 天星桥');
  await plain.locator('form[role=search] button').first().click();
  await expect(plain).toHaveURL(/\/search\?/);
  await expect(plain.locator('main a[href^="/offers/"]').first()).toBeVisible();
  await plain.locator('main details summary').first().click();
  await plain.locator('main .choices a.chip').first().click();
  await expect(plain.locator('#results')).toBeVisible();
  await plain.goto('/near');
  await expect(plain.locator('#locate')).toBeHidden();
  await plain.locator('#near-in').selectOption({ index: 3 });
  await plain.locator('main form.filters button').click();
  await plain.locator('main a[href^="/near?near="]').first().click();
  await expect(plain.locator('main ol.list > li').first()).toBeVisible();
});

test('near me asks for the position only at the press of the button, and passes it on rounded', async ({ page, context, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  await context.grantPermissions(['geolocation']);
  await context.setGeolocation(HERE);
  await page.goto('/near');
  await axe(page);
  expect(new URL(page.url()).search).not.toContain('at=');
  await page.locator('#locate button').click();
  await expect(page).toHaveURL(new RegExp(`at=${HERE_ROUNDED.replace(',', '(,|%2C)')}`));
  await expect(page.locator('main ol.list > li').first()).toBeVisible();
  await axe(page);
  if (variant.device === 'phone') await fitsWidth(page);
});

test('who refuses her position is told what else there is', async ({ page, context, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  await context.clearPermissions();
  await page.goto('/near');
  await page.locator('#locate button').click();
  await expect(page.locator('#locate-failed')).toBeVisible();
  await expect(page.locator('#locate-failed')).toBeFocused();
  await axe(page);
});

test('places, reach and calendar are for everyone, at 320 pixels too', async ({ page, expectedStatuses, variant }) => {
  test.skip(variant.device !== 'phone', 'it sets the width of its window itself');
  await page.goto(QUERY);
  const offer = (await page.locator('main a[href^="/offers/"]').first().getAttribute('href'))!;
  await page.goto(offer);
  const place = (await page.locator('main a[href^="/orgs/"]').first().getAttribute('href'))!;
  await page.goto('/search?kind=open_venue&district=500106000000');
  const open = (await page.locator('main a[href^="/offers/"]').first().getAttribute('href'))!;
  await page.goto(open);
  const venue = (await page.locator('main a[href^="/orgs/"]').first().getAttribute('href'))!;
  const paths = ['/places', open, venue, '/places/500106000000', '/places/reach', '/calendar', '/orgs', place, '/search?q=zzqx'];
  for (const path of paths) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(200);
    await axe(page);
    await page.setViewportSize({ width: 320, height: 640 });
    await fitsWidth(page);
    await page.setViewportSize({ width: 1280, height: 800 });
  }
  expectedStatuses.add(404);
  expect((await page.goto('/places/999999999999'))?.status()).toBe(404);
});

test('the map leads by keyboard to a district and from there to a place', async ({ page, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  await page.goto('/places');
  const district = page.locator('svg a[href="/places/500106000000"]').first();
  await district.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/places\/500106000000/);
  const marker = page.locator('svg a[href^="/orgs/"], svg a[href^="/near"]').first();
  await marker.focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/(orgs|near)/);
  await expect(page.locator('h1')).toBeVisible();
});

test('a first visit to any of them stays under 100 kB', async ({ browser, server, variant }) => {
  test.skip(!showsDeeds(variant), 'what it does is the same everywhere: two variants are enough');
  for (const path of [QUERY, '/places', '/places/500106000000', '/near?near=500106000000', '/calendar', '/places/reach']) {
    const context = await browser.newContext({ baseURL: server.url });
    const page = await context.newPage();
    const sizes: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      sizes.push(request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize));
    });
    await page.goto(path, { waitUntil: 'networkidle' });
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes, path).toBeGreaterThan(0);
    expect(bytes, path).toBeLessThanOrEqual(FIRST_VISIT_BYTES_MAX);
    await context.close();
  }
});

test('a resident is told of new hits of a search, and gives it up again', async ({ signedIn, variant }) => {
  const resident = await signedIn('resident');
  // One for each variant: all of them share the resident.
  const number = [variant.device === 'phone', variant.language === 'zh', variant.scale === 'elder'].reduce((sum, on) => 2 * sum + Number(on), 0);
  const words = ['书法', '太极', '剪纸', '合唱', '摄影', '川剧', '急救', '英语'][number]!;
  await resident.goto(`/search?q=${encodeURIComponent(words)}&free=1`);
  await resident.locator('main form[action="/me/searches"] button').click();
  await resident.goto('/me/searches');
  const line = resident.locator('main ul.list > li').filter({ hasText: words });
  await expect(line).toHaveCount(1);
  await axe(resident);
  if (variant.device === 'phone') await fitsWidth(resident);
  await line.locator('.list-title a').click();
  await expect(resident).toHaveURL(/\/search\?.*free=1/);
  await resident.goto('/me/searches');
  await line.locator('button').click();
  await expect(line).toHaveCount(0);
});

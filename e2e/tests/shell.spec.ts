// The frame around every page: language, scale, landmarks, errors, narrow screens, no scripts.
import { axe, expect, fitsWidth, test } from '../lib/fixtures.ts';

const ELDER_FONT_PX_MIN = 18;
const FIRST_VISIT_BYTES_MAX = 100_000;

test('the home page speaks the chosen language and has its landmarks', async ({ page, variant }) => {
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
  await expect(page.locator('html')).toHaveAttribute('lang', variant.language === 'zh' ? 'zh-CN' : 'en');
  await expect(page.locator('main')).toHaveCount(1);
  await expect(page.locator('h1')).toHaveCount(1);
  const heading = await page.locator('h1').innerText();
  if (variant.language === 'zh') expect(heading).toMatch(/\p{Script=Han}/u);
  else expect(heading).not.toMatch(/\p{Script=Han}{8,}/u);
  await axe(page);
  await fitsWidth(page);
});

test('the first key press reaches the skip link, and it leads to the main part', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Tab');
  const focused = page.locator(':focus');
  await expect(focused).toHaveAttribute('href', /^#.+/);
  await expect(focused).toBeInViewport();
  await page.keyboard.press('Enter');
  const target = (await focused.getAttribute('href')) ?? new URL(page.url()).hash;
  await expect(page.locator(target)).toHaveJSProperty('tagName', 'MAIN');
});

test('the elder scale is larger, and stays chosen', async ({ page }) => {
  const fontPx = () => page.evaluate(() => parseFloat(getComputedStyle(document.body).fontSize));
  await page.goto('/?scale=normal');
  const normal = await fontPx();
  await page.goto('/?scale=elder');
  const elder = await fontPx();
  expect(elder).toBeGreaterThanOrEqual(ELDER_FONT_PX_MIN);
  expect(elder).toBeGreaterThan(normal);
  await page.goto('/');
  expect(await fontPx(), 'remembered by the cookie').toBe(elder);
  await page.goto('/?scale=normal');
  expect(await fontPx(), 'and given up again').toBe(normal);
});

test('the language changes on request, and stays chosen', async ({ page }) => {
  await page.goto('/?lang=en');
  const english = await page.locator('main').innerText();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.goto('/');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.goto('/?lang=zh-CN');
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  expect(await page.locator('main').innerText()).not.toBe(english);
});

test('a page that does not exist says so in the reader’s language and offers a way on', async ({
  page,
  variant,
  expectedStatuses,
}) => {
  expectedStatuses.add(404);
  const answer = await page.goto('/no/such/page');
  expect(answer?.status()).toBe(404);
  await expect(page.locator('html')).toHaveAttribute('lang', variant.language === 'zh' ? 'zh-CN' : 'en');
  await expect(page.locator('main')).toHaveCount(1);
  await expect(page.locator('a[href="/"]').first()).toBeVisible();
  await axe(page);
  await fitsWidth(page);
});

test('a program asking for that page gets problem+json', async ({ page }) => {
  const answer = await page.request.get('/no/such/page', { headers: { accept: 'application/json' } });
  expect(answer.status()).toBe(404);
  expect(answer.headers()['content-type']).toContain('application/problem+json');
  expect(await answer.json()).toMatchObject({ status: 404 });
});

test('at 320 pixels nothing sticks out', async ({ page, expectedStatuses }) => {
  expectedStatuses.add(404);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ['/', '/no/such/page']) {
    await page.goto(path);
    await fitsWidth(page);
  }
  await axe(page);
});

test('without scripts the home page is all there, and its first link leads on', async ({ visitor, page }) => {
  await page.goto('/');
  const links = await page.locator('main a[href]').count();
  const heading = await page.locator('h1').innerText();
  const plain = await visitor({ javaScriptEnabled: false });
  await plain.goto('/');
  await expect(plain.locator('h1')).toHaveText(heading);
  await expect(plain.locator('main a[href]')).toHaveCount(links);
  const href = await plain.locator('main a[href^="/"]').first().getAttribute('href');
  const next = await plain.goto(href!);
  expect(next?.status()).toBeLessThan(400);
});

test('a first visit stays under 100 kB and under a strict policy', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  const sizes: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    sizes.push(request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize));
  });
  const answer = await page.goto('/', { waitUntil: 'networkidle' });
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThanOrEqual(FIRST_VISIT_BYTES_MAX);
  const policy = answer?.headers()['content-security-policy'] ?? '';
  expect(policy).toMatch(/default-src 'self'|default-src 'none'/);
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval/);
  await context.close();
});

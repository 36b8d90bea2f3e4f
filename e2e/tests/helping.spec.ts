// Acting for somebody else: a daughter for her mother who has a card and no telephone, a guardian for a child, a clerk at a counter.
import { axe, expect, fitsWidth, test, type Page } from '../lib/fixtures.ts';
import { join, register } from '../lib/people.ts';
import { isHers, showsDeeds } from '../lib/variant.ts';

const MOTHER = '刘桂兰';

test('a daughter acts for her mother, who reads what was done and takes it back', async ({ visitor, signedIn, server, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant) && !isHers(variant), 'three variants show it: two, and the one that she uses');
  test.setTimeout(90_000);
  expectedStatuses.add(422).add(403);
  const judge = async (seen: Page) => {
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  };
  const { offer, klass } = await newClass(await signedIn('school'));
  const { card, pin } = await register(await signedIn('centre'), MOTHER);

  const daughter = await visitor();
  await join(daughter, server, '田小红');

  await test.step('with her mother’s card and PIN, which are asked for exactly', async () => {
    await daughter.goto('/helping');
    await judge(daughter);
    const form = daughter.locator('form[action="/helping/card"]');
    await form.locator('#f-card').fill(card);
    await form.locator('#f-pin').fill(pin === '908172' ? '908173' : '908172');
    await form.locator('button').click();
    await expect(daughter.locator('#form-summary')).toBeVisible();
    await judge(daughter);
    await form.locator('#f-pin').fill(pin);
    await form.locator('button').click();
    await expect(daughter.locator('main .list')).toContainText(MOTHER);
    await judge(daughter);
  });

  await test.step('she takes a seat for her, under a banner, and nothing else is hers to do', async () => {
    await daughter.locator('form[action$="/begin"] button').click();
    await expect(daughter.locator('.helping')).toContainText(MOTHER);
    await judge(daughter);
    await daughter.goto(offer);
    await daughter.locator(`form[action="/classes/${klass}/sign-up"] button`).click();
    await expect(daughter).toHaveURL(/\/classes\/[^/]+\/seat/);
    await judge(daughter);
    expect((await daughter.goto('/me'))?.status()).toBe(403);
    await judge(daughter);
    await daughter.locator('.helping button').click();
    await expect(daughter.locator('.helping')).toHaveCount(0);
    await daughter.goto('/passport');
    await expect(daughter.locator('main a[href$="/seat"]')).toHaveCount(0);
  });

  const mother = await visitor();
  await test.step('the mother reads it, takes it back, and may give it again by a number', async () => {
    await mother.goto('/sign-in/card');
    await mother.locator('#f-card').fill(card);
    await mother.locator('#f-pin').fill(pin);
    await mother.locator('main form.form button').click();
    await expect(mother).toHaveURL(/\/passport$/);
    await expect(mother.locator('main a[href$="/seat"]').first()).toBeVisible();
    await expect(async () => {
      await mother.goto('/me/helpers');
      await expect(mother.locator('section[aria-labelledby="done"] li')).toHaveCount(1, { timeout: 500 });
    }).toPass();
    await judge(mother);
    await mother.locator('form[action$="/end"] button').click();
    await expect(mother.locator('form[action$="/end"]')).toHaveCount(0);
    await judge(mother);
    await daughter.goto('/helping');
    await expect(daughter.locator('form[action$="/begin"]')).toHaveCount(0);
    await mother.locator('input[name="may"][value="look"]').check();
    await mother.locator('form[action="/me/helpers/code"] button').click();
    await judge(mother);
    const code = await mother.locator('.slip-number').innerText();
    await daughter.locator('form[action="/helping/code"] #f-code').fill(code);
    await daughter.locator('form[action="/helping/code"] button').click();
    await daughter.locator('form[action$="/begin"] button').click();
    // She may look now, and no more.
    await daughter.goto(`/classes/${klass}/seat`);
    await expect(daughter.locator('.helping')).toContainText(MOTHER);
    await expect(daughter.locator('form[action$="/cancel"]')).toHaveCount(0);
    await judge(daughter);
    // The mother gives it back herself.
    await mother.goto(`/classes/${klass}/seat`);
    await mother.locator('main details summary').click();
    await mother.locator('form[action$="/cancel"] button').click();
    await mother.goto('/passport');
    await expect(mother.locator('main a[href$="/seat"]')).toHaveCount(0);
  });
});

test('a guardian opens an account for a child and takes a seat for it', async ({ visitor, signedIn, server, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant), 'two variants show it');
  test.setTimeout(90_000);
  expectedStatuses.add(422);
  const { offer, klass } = await newClass(await signedIn('school'));
  const page = await visitor();
  await join(page, server, '陈建国');
  await page.goto('/helping');
  const form = page.locator('form[action="/helping/child"]');
  await form.locator('#f-name').fill('陈小明');
  await form.locator('#f-birth_year').fill('1990');
  await form.locator('button').click();
  await expect(page.locator('#form-summary')).toBeVisible();
  await axe(page);
  await form.locator('#f-birth_year').fill(String(new Date().getFullYear() - 10));
  await form.locator('#f-consent').check();
  await form.locator('button').click();
  await page.locator('form[action$="/begin"] button').click();
  await expect(page.locator('.helping')).toContainText('陈小明');
  await page.goto(offer);
  await page.locator(`form[action="/classes/${klass}/sign-up"] button`).click();
  await expect(page).toHaveURL(/\/classes\/[^/]+\/seat/);
});

test('a clerk acts for who stands at the counter and shows her card', async ({ signedIn, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant), 'two variants show it');
  expectedStatuses.add(422);
  const clerk = await signedIn('centre');
  const { card } = await register(clerk, '冯素珍');
  await clerk.goto('/desk');
  await clerk.locator('main a[href$="/counter"]').first().click();
  const form = clerk.locator('form[action$="/counter/help"]');
  await form.locator('#f-card').fill(card);
  await form.locator('button').click();
  await expect(clerk.locator('#form-summary')).toBeVisible();
  await axe(clerk);
  await form.locator('#f-asked').check();
  await form.locator('button').click();
  await expect(clerk).toHaveURL(/\/helping$/);
  const line = clerk.locator('main .list li', { hasText: '冯素珍' });
  await axe(clerk);
  // Other tests use this clerk's session too, so it does not begin here; it gives the half hour back.
  await line.locator('form[action$="/end"] button').click();
  await expect(line).toHaveCount(0);
});

/** Opens a class of the school's own, and gives its id and the address of its offer. */
async function newClass(staff: Page): Promise<{ offer: string; klass: string }> {
  await staff.goto('/search?q=' + encodeURIComponent('书法体验班 天星桥'));
  await staff.locator('main .card', { hasText: '天星桥' }).first().locator('h3 a').click();
  await staff.locator('main a[href$="/classes/new"]').first().click();
  await staff.locator('#f-title').fill(`代办试班 ${Date.now() % 1e8}`);
  await staff.locator('#f-first').fill(new Date(Date.now() + 32 * 3_600_000).toISOString().slice(0, 16));
  await staff.locator('#f-minutes').fill('60');
  await staff.locator('main form button.primary').click();
  await expect(staff).toHaveURL(/\/desk\/classes\//);
  const klass = new URL(staff.url()).pathname.split('/').pop()!;
  return { klass, offer: (await staff.locator('main a[href^="/offers/"]').first().getAttribute('href'))! };
}

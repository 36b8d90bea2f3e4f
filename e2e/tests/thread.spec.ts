// The main job of the house, by people in browsers: one class from the search box to the city's figure. Every project
// walks it once, in its own class and with people of its own, because all projects share one server.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { axe, expect, fitsWidth, newPhone, oneTimeCode, test, type Page } from '../lib/fixtures.ts';
import { isHers } from '../lib/variant.ts';
import { figure, judgeReported, drillDown } from '../lib/figures.ts';

const QUERY = '书法 天星桥';
const OFFER = '书法体验班';
/** The demo's woman without a telephone; her card is the first that the demo gives out. */
const NEIGHBOUR = { name: '冉光碧', serial: 50_000_001 };
const RESIDENT = '谭𬭼';
const VISITORS = 6;
const MINUTES = 90;

test('one class from the search box to the city’s figure', async ({ page, signedIn, server, variant }, testInfo) => {
  test.setTimeout(240_000);
  const judge = async (seen: Page) => {
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  };
  const staged = isHers(variant);
  const staff = await signedIn(staged ? 'teacher' : 'school');
  const city = await signedIn('city');
  const before = { attendances: await figure(city, 'attendances'), learners: await figure(city, 'learners') };

  let offer = '';
  let session = '';
  let klass = '';

  await test.step('search: the classes near there', async () => {
    await page.goto('/');
    await judge(page);
    await page.locator('#home-q').fill(QUERY);
    await page.locator('#home-q').press('Enter');
    await expect(page.locator('main .card').first()).toContainText('天星桥');
    await judge(page);
    const found = page.locator('main .card', { hasText: OFFER }).filter({ hasText: '天星桥' }).first();
    await found.locator('h3 a').click();
    await expect(page.locator('h1')).toContainText(OFFER);
    offer = new URL(page.url()).pathname;
    await judge(page);
  });

  const room = `${Date.now() % 1e8}`;
  await test.step('the class', async () => {
    if (staged) {
      await staff.goto('/teach');
      await judge(staff);
      const mine = staff.locator('main .card', { hasText: OFFER }).first();
      session = (await mine.locator('a.button.primary').getAttribute('href'))!;
    } else {
      await staff.goto(offer);
      await staff.locator('main a[href$="/classes/new"]').click();
      await judge(staff);
      await staff.locator('#f-title').fill(`${OFFER} ${room}`);
      await staff.locator('#f-first').fill(cityMinute(Date.now() - 5 * 60_000));
      await staff.locator('#f-minutes').fill(String(MINUTES));
      await staff.locator('#f-room').fill(room);
      await staff.locator('main form button.primary').click();
      await expect(staff).toHaveURL(/\/desk\/classes\//);
      await judge(staff);
      session = (await staff.locator('main a[href^="/teach/sessions/"]').first().getAttribute('href'))!;
    }
    await staff.goto(session);
    await judge(staff);
    const close = (await staff.locator('main a[href^="/teach/classes/"]').getAttribute('href'))!;
    klass = close.split('/')[3];
  });

  await test.step('sign up by telephone and take a seat', async () => {
    await page.goto(offer);
    const line = page.locator(`section[aria-labelledby="class-${klass}"]`);
    await line.locator('a.button.primary').click();
    await judge(page);
    const phone = newPhone();
    await page.locator('#f-phone').fill(phone);
    await page.locator('main form button.primary').click();
    await expect(page.locator('#f-code')).toBeVisible();
    await judge(page);
    await page.locator('#f-code').fill(await oneTimeCode(server, phone));
    await page.locator('main form button.primary').click();
    await expect(page.locator('#f-name')).toBeVisible();
    await judge(page);
    await page.locator('#f-name').fill(RESIDENT);
    await page.locator('#f-consent').check();
    await page.locator('main form button.primary').click();
    await expect(page).toHaveURL(new RegExp(`${offer}`));
    await line.locator('button.primary').click();
    await expect(page).toHaveURL(/\/classes\/[^/]+\/seat/);
    await judge(page);
  });

  await test.step('check in by the code in the room', async () => {
    await page.locator('main a[href^="/check-in/"]').click();
    await judge(page);
    await staff.goto(`${session}/code`);
    await expect(staff.locator('#check-in-code')).toHaveText(/^\d{3} \d{3}$/);
    await judge(staff);
    // It may have changed while axe looked at the page.
    await staff.reload();
    await page.locator('#f-code').fill((await staff.locator('#check-in-code').innerText()).replace(/\D/g, ''));
    await page.locator('main form button.primary').click();
    await expect(page.locator('main .notice.ok').first()).toBeVisible();
    await expect(page.locator('main')).toContainText(String(MINUTES));
    await judge(page);
  });

  await test.step('by card, and visitors by headcount', async () => {
    await staff.goto(session);
    await staff.locator('#f-card').fill(cardNumber(NEIGHBOUR.serial));
    await staff.locator('form[action$="/card"] button.primary').click();
    const line = (name: string) => staff.locator('.roster-line', { hasText: name });
    await expect(line(NEIGHBOUR.name).locator('.tag.ok')).toContainText(String(MINUTES));
    await expect(line(RESIDENT).locator('.tag.ok').first()).toContainText(String(MINUTES));
    await staff.locator('#f-visitors').fill(String(VISITORS));
    await staff.locator('#f-evidence').fill(`纸质签到表 ${room}`);
    await staff.locator('form[action$="/headcount"] button.primary').click();
    await expect(staff.locator('main')).toContainText(`纸质签到表 ${room}`);
    await judge(staff);
  });

  await test.step('credit in the passport, with its reason', async () => {
    await eventually(page, '/passport/credits', 'main a[href^="/passport/credits/"]:not(.button)');
    await judge(page);
    await page.locator('main .list a').first().click();
    await expect(page.locator('main ol li').first()).toBeVisible();
    await expect(page.locator('main')).toContainText(String(MINUTES));
    await expect(page.locator('main .facts')).toContainText('city.culture_leisure');
    await judge(page);
    await page.goto('/passport');
    await expect(page.locator('main table tbody tr')).toHaveCount(1);
    await judge(page);
  });

  let certificate = '';
  await test.step('close the class: a certificate', async () => {
    await staff.goto(`/teach/classes/${klass}/close`);
    await judge(staff);
    await staff.locator('main form button.primary').click();
    await expect(staff.locator('main form')).toHaveCount(0);
    await judge(staff);
    await eventually(page, '/passport', 'main a[href^="/credentials/"]');
    await page.locator('main a[href^="/credentials/"]').first().click();
    await expect(page.locator('article.certificate .name')).toHaveText(RESIDENT);
    certificate = new URL(page.url()).pathname;
    await judge(page);
  });

  await test.step('as PDF, as badge, and checked', async () => {
    const pdf = await (await page.request.get(`${certificate}.pdf`)).body();
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const file = testInfo.outputPath('certificate.pdf');
    await writeFile(file, pdf);
    expect(execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })).toContain(RESIDENT);

    const json = await (await page.request.get(`${certificate}.json`)).json();
    expect(JSON.stringify(json)).toContain('OpenBadgeCredential');
    const jwt = (await (await page.request.get(`${certificate}.jwt`)).text()).trim();
    expect(jwt.split('.')).toHaveLength(3);

    const ask = async (text: string) => {
      await page.goto('/verify');
      await page.locator('#f-c').fill(text);
      await page.locator('main form button.primary').click();
      await judge(page);
      return page.locator('#answer');
    };
    await page.goto('/verify');
    await judge(page);
    await expect(await ask(jwt)).toHaveClass(/\bok\b/);
    await expect(await ask(altered(jwt))).toHaveClass(/\berror\b/);
    await expect(page.locator('#answer h2')).toHaveText(variant.language === 'zh' ? '被改动或伪造' : /alter|forg/i);
  });

  await test.step('the city’s figure has it, and drills down to it', async () => {
    await expect
      .poll(() => figure(city, 'attendances'), { message: '人次 of the city' })
      .toBeGreaterThanOrEqual(before.attendances + 2 + VISITORS);
    await expect
      .poll(() => figure(city, 'learners'), { message: '人数 of the city' })
      .toBeGreaterThanOrEqual(before.learners + 1);
    await drillDown(city, klass, { attendances: 2, visitors: VISITORS, names: [RESIDENT, NEIGHBOUR.name], evidence: `纸质签到表 ${room}`, judge });
    await judgeReported(city, judge);
  });
});

/** Reloads a page until it shows something: reactors run within a second or so of the deed. */
async function eventually(page: Page, path: string, selector: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.goto(path);
        return page.locator(selector).count();
      },
      { message: `${selector} on ${path}`, timeout: 20_000 },
    )
    .toBeGreaterThan(0);
}

/** A moment as `datetime-local` of the city, UTC+8. */
function cityMinute(millis: number): string {
  return new Date(millis + 8 * 3_600_000).toISOString().slice(0, 16);
}

/** Nine digits of a card's serial and the check digit by Luhn's rule. */
function cardNumber(serial: number): string {
  const front = String(serial).padStart(9, '0');
  const sum = [...front].reverse().reduce((sum, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return sum + Math.floor(value / 10) + (value % 10);
  }, 0);
  return `${front}${(10 - (sum % 10)) % 10}`;
}

/** The token with one character of its payload changed so that it still can be read: the last digit of a date. */
function altered(jwt: string): string {
  const [head, payload, signature] = jwt.split('.');
  const text = Buffer.from(payload, 'base64url').toString('utf8');
  const changed = text.replace(/("validFrom":"\d{4}-\d\d-\d)(\d)/, (_, front: string, last: string) => `${front}${(Number(last) + 1) % 10}`);
  expect(changed).not.toBe(text);
  return [head, Buffer.from(changed, 'utf8').toString('base64url'), signature].join('.');
}

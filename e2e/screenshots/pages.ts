import { expect, newPhone, type Page, type Role } from '../lib/fixtures.ts';

/** A page to photograph. */
export type Shot = {
  /** Beginning of the file's name. */
  name: string;
  /** Where it is, or how to get there from the home page. */
  go: string | ((page: Page, signedIn: (role: Role) => Promise<Page>) => Promise<void>);
  /** Who looks at it; nobody signed in, if left out. */
  role?: Role;
};

type SignedIn = (role: Role) => Promise<Page>;

const VENUES = '/search?kind=open_venue&district=500106000000';
const QUERY = `/search?q=${encodeURIComponent('书法 天星桥')}`;

/** Follows the first link or button that each selector finds. */
function follow(start: string, ...selectors: string[]): (page: Page) => Promise<void> {
  return async (page) => {
    await page.goto(start);
    for (const selector of selectors) {
      const target = page.locator(selector).first();
      const href = await target.getAttribute('href');
      if (href) await page.goto(href);
      else await target.click();
    }
    await expect(page.locator('h1')).toBeVisible();
  };
}

/** The offer of the class of the day. */
const OFFER = 'main .card:has-text("书法体验班") h3 a';
const ROSTER = 'main .card h3 a';
/** An entry that brought credit: visits of several variants at one time leave some of them pending. */
const CREDIT = 'main .list li:has-text("+") a[href^="/passport/credits/"]';
const DRILL = 'main tbody a';

/** The pages shown in the documentation: the thread from the search box to the city's figure, then those around it. */
export const SHOTS: Shot[] = [
  { name: '01-home', go: '/' },
  { name: '02-search', go: QUERY },
  { name: '03-offer', go: follow(QUERY, OFFER) },
  { name: '04-sign-in', go: '/sign-in' },
  {
    name: '05-one-time-code',
    go: async (page) => {
      await page.goto('/sign-in');
      await page.locator('#f-phone').fill(newPhone());
      await page.locator('main form button.primary').click();
      await expect(page.locator('#f-code')).toBeVisible();
    },
  },
  { name: '06-seat', role: 'resident', go: seat },
  { name: '07-teach', role: 'teacher', go: '/teach' },
  { name: '08-roster', role: 'teacher', go: follow('/teach', ROSTER) },
  { name: '09-check-in-code', role: 'teacher', go: follow('/teach', 'main .card a.button:not(.primary)') },
  {
    name: '10-check-in',
    role: 'resident',
    go: async (page) => {
      await seat(page);
      await page.goto((await page.locator('main a[href^="/check-in/"]').first().getAttribute('href'))!);
    },
  },
  { name: '11-passport', role: 'resident', go: earned('/passport') },
  { name: '12-credits', role: 'resident', go: earned('/passport/credits') },
  { name: '13-credit-explained', role: 'resident', go: earned(follow('/passport/credits', CREDIT)) },
  { name: '14-certificate', role: 'resident', go: earned(follow('/passport', 'main a[href^="/credentials/"]')) },
  { name: '15-verify', role: 'resident', go: earned(follow('/passport', 'main a[href^="/credentials/"]', 'main a[href^="/verify?c="]')) },
  { name: '16-figures', go: '/figures' },
  { name: '17-figures-districts', go: '/figures/attendances' },
  { name: '18-figures-session', role: 'city', go: follow('/figures/attendances', DRILL, DRILL, DRILL, DRILL) },
  { name: '19-places', go: '/places' },
  { name: '20-place', go: '/places/500106000000' },
  { name: '21-organisation', go: follow(QUERY, OFFER, 'main a[href^="/orgs/"]') },
  { name: '22-desk', role: 'school', go: '/desk' },
  { name: '23-offers', role: 'school', go: follow('/desk', 'main a[href$="/offers"]') },
  {
    name: '24-class-form',
    role: 'school',
    go: async (page) => {
      await follow(QUERY, OFFER, 'main a[href$="/classes/new"]')(page);
      await page.locator('#f-title').fill('');
      await page.locator('main form button.primary').click();
      await expect(page.locator('#form-summary')).toBeVisible();
    },
  },
  {
    name: '25-error',
    go: async (page) => {
      await page.goto('/offers/nothing');
    },
  },
  {
    name: '26-search-narrowed',
    go: async (page) => {
      await page.goto(`/search?q=${encodeURIComponent('书法')}`);
      await page.locator('main details summary').first().click();
    },
  },
  {
    name: '27-suggestions',
    go: async (page) => {
      await page.goto('/search');
      await page.locator('#q').pressSequentially('shuf');
      await expect(page.locator('#q-suggestions [role=option]').first()).toBeVisible();
    },
  },
  { name: '28-nothing-found', go: '/search?q=zzqx&free=1' },
  { name: '29-near', go: '/near?at=29.580,106.450' },
  { name: '30-near-choose', go: '/near?in=500106000000' },
  { name: '31-reach', go: '/places/reach' },
  { name: '32-calendar', go: '/calendar' },
  { name: '33-desk-offers', role: 'city', go: '/desk/offers' },
  { name: '34-desk-organisations', role: 'city', go: '/desk/orgs' },
  { name: '35-desk-attendances', role: 'city', go: '/desk/attendances' },
  { name: '36-venues', go: VENUES },
  { name: '37-open-venue', go: follow(VENUES, 'main .card h3 a') },
  { name: '38-village-centre', go: follow('/orgs?kind=centre', 'main .list-title a') },
  { name: '39-address-and-hours', role: 'college', go: follow('/desk/orgs', 'main a[href$="/place"]') },
  { name: '40-found', role: 'college', go: follow('/desk/orgs', 'main a[href$="/place"]', 'main a[href$="/found"]') },
  { name: '41-holidays', role: 'city', go: '/desk/holidays' },
  { name: '42-notices', role: 'college', go: '/desk/notices' },
  { name: '43-notice-answer', role: 'college', go: follow('/desk/notices', 'main table tbody a') },
  { name: '44-notice-new', role: 'city', go: '/desk/notices/new' },
  { name: '45-notice-progress', role: 'city', go: follow('/desk/notices/sent', 'main table tbody a') },
  { name: '46-notice-sheet', role: 'city', go: follow('/desk/notices/sent', 'main table tbody a', 'main a[href$="/answers"]') },
  { name: '47-reorganise', role: 'city', go: '/desk/reorganisations/new' },
  { name: '48-counter', role: 'centre', go: follow('/desk', 'main a[href$="/counter"]') },
  { name: '49-card-sign-in', go: '/sign-in/card' },
];

/** The resident's seat in the class of the day; takes one if she has none yet. */
async function seat(page: Page): Promise<void> {
  await follow(QUERY, OFFER)(page);
  const mine = page.locator('main a[href$="/seat"]').first();
  if ((await mine.count()) > 0) await page.goto((await mine.getAttribute('href'))!);
  else await page.locator('main .class-line button.primary').first().click();
  await expect(page).toHaveURL(/\/seat/);
}

/** A page of the resident after she has earned a certificate, in a class that her school opens and closes for the picture. */
function earned(go: string | ((page: Page) => Promise<void>)): (page: Page, signedIn: SignedIn) => Promise<void> {
  const certificate = 'main a[href^="/credentials/"]';
  return async (page, signedIn) => {
    await page.goto('/passport');
    if ((await page.locator(certificate).count()) === 0) {
      await learn(page, await signedIn('school'));
      await expect.poll(async () => (await page.goto('/passport'), page.locator(certificate).count())).toBeGreaterThan(0);
      await expect.poll(async () => (await page.goto('/passport/credits'), page.locator(CREDIT).count())).toBeGreaterThan(0);
    }
    if (typeof go === 'string') await page.goto(go);
    else await go(page);
  };
}

async function learn(resident: Page, school: Page): Promise<void> {
  await follow(QUERY, OFFER, 'main a[href$="/classes/new"]')(school);
  const inTheCity = new Date(Date.now() - 5 * 60_000 + 8 * 3_600_000);
  await school.locator('#f-first').fill(inTheCity.toISOString().slice(0, 16));
  await school.locator('main form button.primary').click();
  await expect(school).toHaveURL(/\/desk\/classes\//);
  const klass = new URL(school.url()).pathname.split('/')[3];
  const session = (await school.locator('main a[href^="/teach/sessions/"]').first().getAttribute('href'))!;
  await follow(QUERY, OFFER)(resident);
  await resident.locator(`section[aria-labelledby="class-${klass}"] button.primary`).click();
  await expect(resident).toHaveURL(/\/seat/);
  await resident.goto(session.replace('/teach/sessions/', '/check-in/'));
  await school.goto(`${session}/code`);
  await resident.locator('#f-code').fill((await school.locator('#check-in-code').innerText()).replace(/\D/g, ''));
  await resident.locator('main form button.primary').click();
  await expect(resident.locator('main .notice.ok').first()).toBeVisible();
  await school.goto(`/teach/classes/${klass}/close`);
  await school.locator('main form button.primary').click();
  await expect(school.locator('main form')).toHaveCount(0);
}

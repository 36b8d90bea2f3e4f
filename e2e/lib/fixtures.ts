import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { serverState, sessionFile, type Role, type ServerState } from './server.ts';
import { browserOptions, variantQuery, type Variant } from './variant.ts';

export { expect, type Page, type Role };
export { newPhone, oneTimeCode } from './messages.ts';

type Options = {
  /** Device, language and scale of the project. */
  variant: Variant;
};

type Fixtures = {
  server: ServerState;
  /** A page of one more visitor, signed in nowhere, in the project's device, language and scale. */
  visitor: (options?: { javaScriptEnabled?: boolean }) => Promise<Page>;
  /** A page of a signed-in role. All tests share the role's session: do not sign it out. */
  signedIn: (role: Role) => Promise<Page>;
  /** Statuses of 400 and above that a test provokes on purpose, so that the browser's line about them is no failure. */
  expectedStatuses: Set<number>;
  /** What the pages of the test did wrong on their own; empty at the end or the test fails. */
  misdeeds: string[];
};

/**
 * The `test` of this project. Its `page` is a visitor who has already chosen the project's language and scale.
 */
export const test = base.extend<Fixtures & Options>({
  variant: [{ device: 'desktop', language: 'zh', scale: 'normal' }, { option: true }],

  // Playwright reads the destructured names, so an empty pattern means "needs nothing".
  server: async ({}, use) => use(serverState()),

  baseURL: async ({ server }, use) => use(server.url),

  expectedStatuses: async ({}, use) => use(new Set()),

  misdeeds: [
    async ({}, use) => {
      const misdeeds: string[] = [];
      await use(misdeeds);
      expect(misdeeds, 'errors, policy violations and foreign requests of the pages').toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, server, expectedStatuses, misdeeds }, use) => {
    watch(context, server, expectedStatuses, misdeeds);
    await use(context);
  },

  page: async ({ page, variant }, use) => {
    await choose(page, variant);
    await use(page);
  },

  visitor: async ({ browser, server, variant, expectedStatuses, misdeeds }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ ...browserOptions(variant), baseURL: server.url, ...options });
      contexts.push(context);
      watch(context, server, expectedStatuses, misdeeds);
      const page = await context.newPage();
      await choose(page, variant);
      return page;
    });
    for (const context of contexts) await context.close();
  },

  signedIn: async ({ browser, server, variant, expectedStatuses, misdeeds }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (role) => {
      const options = { ...browserOptions(variant), baseURL: server.url, storageState: sessionFile(role) };
      const context = await browser.newContext(options);
      contexts.push(context);
      watch(context, server, expectedStatuses, misdeeds);
      const page = await context.newPage();
      await choose(page, variant);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

/** Chooses language and scale as a reader does, by the links' query, and leaves the page at the home page. */
async function choose(page: Page, variant: Variant): Promise<void> {
  await page.goto(`/?${variantQuery(variant)}`);
}

function watch(context: BrowserContext, server: ServerState, expected: Set<number>, misdeeds: string[]): void {
  context.on('weberror', (error) => misdeeds.push(`uncaught: ${error.error().message}`));
  context.on('console', (message) => {
    if (message.type() !== 'error') return;
    const status = /responded with a status of (\d+)/.exec(message.text());
    if (status && expected.has(Number(status[1]))) return;
    misdeeds.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    const inline = url.protocol === 'data:' || url.protocol === 'blob:';
    if (!inline && url.origin !== server.url) misdeeds.push(`foreign request: ${request.url()}`);
  });
}

/** Asserts that axe finds nothing on the page under WCAG 2.2 level A and AA, and that no sentence lacks its words. */
export async function axe(page: Page): Promise<void> {
  // The program shows a key that it has no words for in these brackets.
  expect(await page.locator('html').innerText(), `keys without words on ${page.url()}`).not.toMatch(/⟦.*⟧/);
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  const found = violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${violation.help}: ${node.target.join(' ')}: ${node.html.slice(0, 160)}`),
  );
  expect(found, `axe on ${page.url()}`).toEqual([]);
}

/** Asserts that nothing sticks out to the right of the window, so that reading needs no sideways scrolling (WCAG 1.4.10). */
export async function fitsWidth(page: Page): Promise<void> {
  const { wide, width, culprits } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const culprits = [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((element) => element.outerHTML.slice(0, 120));
    return { wide: document.documentElement.scrollWidth, width, culprits };
  });
  expect(wide, `${page.url()} is wider than the window: ${culprits.join('\n')}`).toBeLessThanOrEqual(width);
}

// Photographs the listed pages in every variant for docs/screenshots. Run by scripts/screenshots, not by ./test.
import { join } from 'node:path';
import { expect, test } from '../lib/fixtures.ts';
import { SHOTS } from './pages.ts';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
/** Longer pages are cut: two desktop screens show what a page is like. */
const HEIGHT_PX_MAX = 1600;
/** Text stays sharp, and all pictures together stay below 12 MB. */
const JPEG_QUALITY = 58;

for (const { name, go, role } of SHOTS) {
  test(name, async ({ page: visitor, signedIn, variant, expectedStatuses }) => {
    for (const status of [404, 422]) expectedStatuses.add(status);
    const page = role ? await signedIn(role) : visitor;
    if (typeof go === 'string') {
      const answer = await page.goto(go);
      expect(answer?.status()).toBe(200);
    } else {
      await go(page, signedIn);
    }
    await page.evaluate(() => document.fonts.ready);
    const { width } = page.viewportSize()!;
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.screenshot({
      path: join(FOLDER, `${name}-${variant.device}-${variant.scale}-${variant.language}.jpg`),
      type: 'jpeg',
      quality: JPEG_QUALITY,
      fullPage: true,
      animations: 'disabled',
      scale: 'css',
      clip: { x: 0, y: 0, width, height: Math.min(height, HEIGHT_PX_MAX) },
    });
  });
}

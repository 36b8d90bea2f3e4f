import { devices, type PlaywrightTestOptions } from '@playwright/test';

export type Language = 'zh' | 'en';
export type Scale = 'normal' | 'elder';
export type Device = 'desktop' | 'phone';

/** One way of looking at the site. */
export type Variant = { device: Device; language: Language; scale: Scale };

/** Query that chooses the variant; the site remembers it in the cookies `lang` and `scale`. */
export function variantQuery(variant: Variant): string {
  const language = variant.language === 'zh' ? 'zh-CN' : 'en';
  return `lang=${language}&scale=${variant.scale}`;
}

/** `phone-zh`, `desktop-en-elder`, … */
export function variantName(variant: Variant): string {
  const parts: string[] = [variant.device, variant.language];
  if (variant.scale === 'elder') parts.push('elder');
  return parts.join('-');
}

/** Whether a test of what pages do, not of how they look, runs in this variant: two are enough. */
export function showsDeeds(variant: Variant): boolean {
  return ['desktop-zh', 'phone-en'].includes(variantName(variant));
}

/** The variant of the resident whom the pages are made for first; what needs to be shown once is shown in it. */
export function isHers(variant: Variant): boolean {
  return variantName(variant) === 'phone-zh-elder';
}

/** The variants of a run: half of them, in which every two choices meet once (a phone in English, an elder desktop, …), or all in a long run. */
export function variantsOfRun(): Variant[] {
  const all = allVariants();
  if (process.env.XUECHENG_TEST_LONG) return all;
  const kept = ['desktop-zh', 'phone-en', 'phone-zh-elder', 'desktop-en-elder'];
  return all.filter((variant) => kept.includes(variantName(variant)));
}

function allVariants(): Variant[] {
  const variants: Variant[] = [];
  for (const scale of ['normal', 'elder'] as const)
    for (const language of ['zh', 'en'] as const)
      for (const device of ['desktop', 'phone'] as const) variants.push({ device, language, scale });
  return variants;
}

/** Browser settings of a variant. The phone is a cheap one of 360 CSS pixels; a test narrows it to 320 where that is its point. */
export function browserOptions(variant: Variant): Partial<PlaywrightTestOptions> {
  const screen =
    variant.device === 'phone'
      ? { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true, userAgent: devices['Pixel 5'].userAgent }
      : { viewport: { width: 1280, height: 800 } };
  return { ...screen, locale: variant.language === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai' };
}

/** Debian's Chromium, quiet and offline, also as root in a container. */
export const launchOptions = {
  executablePath: process.env.XUECHENG_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

import { defineConfig } from '@playwright/test';
import { browserOptions, launchOptions, variantName, variantsOfRun, type Variant } from './lib/variant.ts';

export default defineConfig<{ variant: Variant }>({
  testDir: './tests',
  globalSetup: './lib/server.ts',
  // A test that passes only on a second try is broken, so there is none.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: { launchOptions, trace: 'retain-on-failure', screenshot: 'only-on-failure' },
  projects: variantsOfRun().map((variant) => ({
    name: variantName(variant),
    use: { ...browserOptions(variant), variant },
  })),
});

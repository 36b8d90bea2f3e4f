import type { Page, Role } from '../lib/fixtures.ts';

/** A page to photograph. */
export type Shot = {
  /** Beginning of the file's name. */
  name: string;
  /** Where it is, or how to get there from the home page. */
  go: string | ((page: Page) => Promise<void>);
  /** Who looks at it; nobody signed in, if left out. */
  role?: Role;
};

/** The pages shown in the documentation. */
export const SHOTS: Shot[] = [{ name: 'home', go: '/' }];

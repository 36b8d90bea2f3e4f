import { chromium, type Browser } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { launchOptions } from './variant.ts';

export const ROLES = ['resident', 'teacher', 'centre', 'school', 'college', 'city', 'auditor', 'system', 'security'] as const;
export type Role = (typeof ROLES)[number];

/** What the running server told; written to `state.json` of the run's folder, which `XUECHENG_E2E_STATE` names. */
export type ServerState = {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  url: string;
  /** Data directory of the server, for tests that read its outbox of text messages. */
  data: string;
  /** The one-time links as printed. They are used up: every role has been signed in, see `sessionFile`. */
  logins: Record<Role, string>;
};

/** How long a first start, with the import of the whole city, may take. */
const START_MS_MAX = 300_000;
const STOP_MS_MAX = 20_000;

function stateDirectory(): string {
  const directory = process.env.XUECHENG_E2E_STATE;
  if (!directory) throw new Error('XUECHENG_E2E_STATE is not set: the global setup did not run');
  return directory;
}

export function serverState(): ServerState {
  return JSON.parse(readFileSync(join(stateDirectory(), 'state.json'), 'utf8'));
}

/** Cookies of a signed-in role, in Playwright's form. */
export function sessionFile(role: Role): string {
  return join(stateDirectory(), `session-${role}.json`);
}

/** Runs once before all tests: starts the server, signs every role in, and answers how to stop it. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const binary = process.env.XUECHENG_BIN;
  if (!binary) throw new Error('set XUECHENG_BIN to the built binary, such as target/release/xuecheng');
  const directory = await mkdtemp(join(process.env.XUECHENG_TEST_SCRATCH ?? tmpdir(), 'xuecheng-e2e-'));
  process.env.XUECHENG_E2E_STATE = directory;
  const data = process.env.XUECHENG_E2E_DATA ?? join(directory, 'data');
  const server = spawn(binary, ['demo', '--listen', `127.0.0.1:${await freePort()}`, '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    await stopped(server);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const { url, logins } = await announced(server);
    await writeFile(join(directory, 'state.json'), JSON.stringify({ url, data, logins } satisfies ServerState));
    await signInAll(logins);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

/** Reads the server's output up to the last of its contract's lines: `ready URL`, then `login ROLE URL` for every role. */
function announced(server: ChildProcess): Promise<{ url: string; logins: Record<Role, string> }> {
  const output: string[] = [];
  const logins: Partial<Record<Role, string>> = {};
  let url: string | undefined;
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`${why}; the server said:\n${output.slice(-40).join('\n')}`));
    };
    const timer = setTimeout(() => fail(`not all of ready and login lines within ${START_MS_MAX / 1000} s`), START_MS_MAX);
    server.on('error', (error) => fail(`cannot start the server: ${error.message}`));
    server.on('exit', (code, signal) => fail(`the server ended early (${code ?? signal})`));
    createInterface({ input: server.stderr! }).on('line', (line) => output.push(line));
    createInterface({ input: server.stdout! }).on('line', (line) => {
      output.push(line);
      const ready = /^ready (http:\/\/\S+?)\/?$/.exec(line);
      if (ready) url = ready[1];
      const login = /^login (\S+) (http:\/\/\S+)$/.exec(line);
      if (login && (ROLES as readonly string[]).includes(login[1])) logins[login[1] as Role] = login[2];
      if (url && ROLES.every((role) => logins[role])) {
        clearTimeout(timer);
        resolve({ url, logins: logins as Record<Role, string> });
      }
    });
  });
}

async function signInAll(logins: Record<Role, string>): Promise<void> {
  const browser = await chromium.launch(launchOptions);
  try {
    for (const role of ROLES) await signIn(browser, role, logins[role]);
  } finally {
    await browser.close();
  }
}

/** Follows a one-time link. Where the link only shows a button (so that a mail scanner cannot use it up), presses it. */
async function signIn(browser: Browser, role: Role, link: string): Promise<void> {
  const context = await browser.newContext({ locale: 'zh-CN' });
  const page = await context.newPage();
  const answer = await page.goto(link);
  if (!answer?.ok()) throw new Error(`the sign-in link of ${role} answers ${answer?.status()}`);
  const confirm = page.locator('main form[method="post"] button[type="submit"], main form[method="post"] button:not([type])');
  if (page.url() === link && (await confirm.count()) === 1) {
    await Promise.all([page.waitForURL((url) => url.href !== link), confirm.click()]);
  }
  // The page of somebody who is signed in offers to sign out; a spent link's page does not.
  if ((await page.locator('form[action="/sign-out"]').count()) === 0) {
    throw new Error(`the sign-in link of ${role} signed nobody in (now at ${page.url()})`);
  }
  for (const cookie of await context.cookies()) {
    if (!cookie.httpOnly) throw new Error(`the cookie ${cookie.name} of ${role} can be read by scripts`);
  }
  await context.storageState({ path: sessionFile(role) });
  await context.close();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}

async function stopped(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  server.kill('SIGTERM');
  const timer = setTimeout(() => server.kill('SIGKILL'), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { ServerState } from './server.ts';

/** A text message that the demo wrote to its outbox instead of sending it. */
type TextMessage = { at: string; phone: string; text: string };

async function messagesTo(server: ServerState, phone: string): Promise<TextMessage[]> {
  const file = join(server.data, 'outbox', 'sms.jsonl');
  const lines = await readFile(file, 'utf8').catch(() => '');
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TextMessage)
    .filter((message) => message.phone === phone);
}

/** The six digits of the newest message to a phone. Waits for one more than `already` messages. */
export async function oneTimeCode(server: ServerState, phone: string, already = 0): Promise<string> {
  let text = '';
  await expect
    .poll(
      async () => {
        const messages = await messagesTo(server, phone);
        text = messages.at(-1)?.text ?? '';
        return messages.length;
      },
      { message: `a text message to ${phone}` },
    )
    .toBeGreaterThan(already);
  const code = /(?<!\d)\d{6}(?!\d)/.exec(text);
  expect(code, `six digits in “${text}”`).not.toBeNull();
  return code![0];
}

/** A mobile number that no other test uses; the made-up people of the demo have 199 000. */
export function newPhone(): string {
  return `1991${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;
}

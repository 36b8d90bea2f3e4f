// A new head of a school brings her teachers in from a spreadsheet, and one of them comes.
import { axe, expect, fitsWidth, test, type Page } from '../lib/fixtures.ts';
import { newPhone, oneTimeCode } from '../lib/messages.ts';
import { showsDeeds } from '../lib/variant.ts';

test('a head invites her teachers from a file, and a teacher takes her role', async ({ signedIn, visitor, server, expectedStatuses, variant }) => {
  test.skip(!showsDeeds(variant), 'two variants show it');
  test.setTimeout(120_000);
  expectedStatuses.add(422);
  const judge = async (seen: Page) => {
    await axe(seen);
    if (variant.device === 'phone') await fitsWidth(seen);
  };
  const head = await signedIn('school');
  await head.goto('/desk/people');
  await head.locator('main a[href$="/people/import"]').click();
  await judge(head);
  const [download] = await Promise.all([
    head.waitForEvent('download'),
    head.locator('main a[href$="/table?format=xlsx"]').click(),
  ]);
  expect(download.suggestedFilename()).toBe('staff.xlsx');

  const [first, second] = [newPhone(), newPhone()];
  const hand = async (text: string) => {
    await head.locator('#f-file').setInputFiles({ name: 'teachers.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await head.locator('main form[enctype] button').click();
  };
  await hand(`姓名,手机号,职务\n丁一新,${first},教师\n丁二新,123,厨师\n`);
  await expect(head.locator('main table.rows tbody tr')).toHaveCount(2);
  await judge(head);
  await hand(`姓名,手机号,职务\n丁一新,${first},教师\n丁二新,${second},工作人员\n`);
  await expect(head).toHaveURL(/\/import\/[0-9a-f]{32}$/);
  await judge(head);
  await head.locator('main form button.primary').click();
  await expect(head).toHaveURL(/\/people\/invite$/);
  await expect(head.locator('main ul.list')).toContainText('丁二新');
  await judge(head);
  await head.locator('main li', { hasText: '丁二新' }).locator('form[action$="/withdraw"] button').click();
  await expect(head.locator('main ul.list')).not.toContainText('丁二新');

  // The message leads her there; her name is known already.
  const teacher = await visitor();
  await teacher.goto('/invitations');
  await teacher.locator('#f-phone').fill(first);
  await teacher.locator('main form button.primary').click();
  await teacher.locator('#f-code').fill(await oneTimeCode(server, first, 1));
  await teacher.locator('main form button.primary').click();
  await expect(teacher.locator('#f-name')).toHaveValue('丁一新');
  await teacher.locator('#f-consent').check();
  await teacher.locator('main form button.primary').click();
  await expect(teacher).toHaveURL(/\/invitations$/);
  await judge(teacher);
  await teacher.locator('form[action$="/accept"] button').click();
  await expect(teacher).toHaveURL(/\/desk/);
});

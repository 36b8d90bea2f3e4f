// `xuecheng verify` believes nothing: it is green on what the server wrote, and red, naming the record, when one byte of it was
// changed behind the program's back. It works on a copy, taken by SQLite's own backup while the server serves.
import { spawnSync } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../lib/fixtures.ts';

type Report = { ok: boolean; facts: number; problems: { check: string; record: string; detail: string }[] };

/** The records of the thread, each with a column that somebody might want to change, and the name of its key. */
const RECORDS = [
  { table: 'enrolment', column: 'status', key: 'enrolment_id' },
  { table: 'attendance', column: 'minutes', key: 'attendance_id' },
  { table: 'headcount', column: 'visitors', key: 'headcount_id' },
  { table: 'entry', column: 'amount', key: 'entry_id' },
  { table: 'completion', column: 'minutes', key: 'completion_id' },
  { table: 'credential', column: 'title', key: 'credential_id' },
];

/** Runs Python's SQLite, which every Debian with Python has; Node's own is not in all its releases. */
function sqlite(script: string, ...args: string[]): string {
  const run = spawnSync('python3', ['-c', `import sqlite3, sys\n${script}`, ...args], { encoding: 'utf8' });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout.trim();
}

function verify(data: string): { status: number | null; report: Report } {
  const run = spawnSync(process.env.XUECHENG_BIN!, ['verify', '--json', '--data', data], { encoding: 'utf8', maxBuffer: 1 << 26 });
  expect(run.stdout, run.stderr).toContain('{');
  return { status: run.status, report: JSON.parse(run.stdout) as Report };
}

test('verify is green, and red with the record’s name after one byte was changed', async ({ server, variant }, testInfo) => {
  test.skip(variant.device !== 'desktop' || variant.language !== 'zh' || variant.scale !== 'normal', 'a check without pages: once is enough');
  test.setTimeout(400_000);
  const copy = testInfo.outputPath('copy');
  await mkdir(copy, { recursive: true });
  await cp(join(server.data, 'keys'), join(copy, 'keys'), { recursive: true });
  const database = join(copy, 'xuecheng.db');
  sqlite(
    'source = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)\nsource.backup(sqlite3.connect(sys.argv[2]))',
    join(server.data, 'xuecheng.db'),
    database,
  );
  const green = verify(copy);
  expect(green.report.problems).toEqual([]);
  expect(green.status).toBe(0);
  expect(green.report.facts).toBeGreaterThan(10_000);

  // One byte of the middle record of each kind: the last of a number's or word's.
  const changed = RECORDS.map(({ table, column, key }) =>
    sqlite(
      `db = sqlite3.connect(sys.argv[1]); table, column, key = sys.argv[2:]
n = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
rowid, id, old = db.execute(f"SELECT rowid, {key}, {column} FROM {table} ORDER BY rowid LIMIT 1 OFFSET ?", (n // 2,)).fetchone()
new = old ^ 1 if isinstance(old, int) else old[:-1] + ("x" if old[-1] != "x" else "y")
db.execute("PRAGMA ignore_check_constraints = ON")
db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, rowid)); db.commit()
print(id.hex() if isinstance(id, bytes) else id)`,
      database,
      table,
      column,
      key,
    ),
  );
  const red = verify(copy);
  expect(red.status).toBe(1);
  for (const [n, { table }] of RECORDS.entries()) {
    const id = changed[n].replaceAll('-', '').toLowerCase();
    const named = red.report.problems.filter(({ record, detail }) => `${record} ${detail}`.replaceAll('-', '').toLowerCase().includes(id));
    expect(named, `a problem names ${table} ${changed[n]}`).not.toEqual([]);
  }
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readSql } from '../../../src/adapters/migrations/read-sql.ts';
import { judgeMigrations, type Objection } from '../../../src/core/deploy/migration-rules.ts';
import { vectors } from '../../support/vectors.ts';

const dialects = z.enum(['postgresql', 'mysql', 'sqlite']);
const row = z.strictObject({
  name: z.string(),
  dialect: dialects,
  markers: z.enum(['dbmate', 'goose', 'sql-migrate']).optional(),
  sql: z.string(),
  /** `rule:line`, in the order of the statements. */
  expected: z.array(z.string()),
});
const migrations = vectors('migrations', row);
type How = Pick<z.output<typeof row>, 'dialect' | 'markers'>;

async function judge(sql: string, { dialect, markers }: How): Promise<readonly Objection[]> {
  const file = await readSql({ path: '1.sql', text: sql }, { dialect, markers: markers ?? null });
  return judgeMigrations([file]);
}

describe('a migration', () => {
  it.each(migrations.map((one) => [one.dialect, one.name, one] as const))('%s: %s', async (_, __, one) => {
    const found = await judge(one.sql, one);
    expect(found.map(({ rule, line }) => `${rule}:${line}`)).toEqual(one.expected);
  });
});

const DESTRUCTIVE = [
  'DROP TABLE bookings;',
  'ALTER TABLE bookings DROP COLUMN note;',
  'TRUNCATE TABLE bookings;',
  'ALTER TABLE bookings ADD COLUMN price INT NOT NULL;',
  'ALTER TABLE bookings RENAME COLUMN a TO b;',
  'drop view v',
];
const refused = (found: readonly Objection[]): number =>
  found.filter(({ severity }) => severity === 'block').length;
const plain = migrations.filter(({ markers }) => markers === undefined);

describe('adding a destructive statement', () => {
  it('never turns a no into a yes, wherever it is put between the lines', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...plain),
        fc.constantFrom(...DESTRUCTIVE),
        fc.nat(),
        async (one, statement, where) => {
          const lines = one.sql.split('\n');
          const at = where % (lines.length + 1);
          const more = [...lines.slice(0, at), statement, ...lines.slice(at)].join('\n');
          const before = refused(await judge(one.sql, one));
          const after = refused(await judge(more, one));
          expect(before === 0 || after > 0).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('at the end of a file that ends a statement is always seen', async () => {
    const whole = plain.filter(
      ({ sql, expected }) => /;\s*$/.test(sql) && !expected.some((one) => one.startsWith('cannot')),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...whole), fc.constantFrom(...DESTRUCTIVE), async (one, statement) => {
        const before = refused(await judge(one.sql, one));
        expect(refused(await judge(`${one.sql}\n${statement}`, one))).toBeGreaterThan(before);
      }),
      { numRuns: 100 },
    );
  });

  it('is a no or cannot be judged, whatever text is around it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), dialectOf(), async (noise, dialect) => {
        const found = await judge(`\n;DROP TABLE bookings;\n;${noise}`, { dialect });
        expect(refused(found)).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });
});

function dialectOf() {
  return fc.constantFrom(...dialects.options);
}

import { Type } from '@sinclair/typebox'
import { hook } from '../hook.ts'
import { TakingsQuery } from '../http/reports.ts'
import { Name, OneOf, Tag, Text } from '../text.ts'

/** Which columns does a module add to a report of takings, and what stands in them, row by row? */
export const ReportColumns = hook({
  name: 'report.columns',
  version: 1,
  words: 'Which further columns belong into this report of takings?',
  mode: 'collect',
  dispatch: 'parallel',
  args: Type.Object({
    from: TakingsQuery.properties.from,
    to: TakingsQuery.properties.to,
    by: TakingsQuery.properties.by,
    /** The rows' own keys, in their order: days, or ids. */
    keys: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 5_000 }),
  }),
  answer: Type.Object({
    key: Tag,
    title: Name,
    unit: OneOf('cents', 'grams', 'count', 'text'),
    /** By the row's key; a row that is missing stays empty. */
    cells: Type.Record(Type.String({ maxLength: 64 }), Type.Union([Type.Integer(), Text(200)])),
  }),
  deadlineMs: 1_000,
  onError: 'skip',
  idempotent: true,
})

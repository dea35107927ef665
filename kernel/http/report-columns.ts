import { type AnswerOf, ReportColumns, type TakingsQuery, type TakingsRow } from '@recyclique/contracts'
import type { FastifyReply } from 'fastify'
import { askModules, isAsked } from './ask-modules.ts'
import { withModule } from './with-module.ts'
import type { World } from './world.ts'

/** A column of a module. `cells` by the row's key; a row that is missing there is empty. */
export interface ModuleColumn extends AnswerOf<typeof ReportColumns> {
  readonly module: string
}

/** A module is shown so many rows at most; those behind them stay empty. */
const MOST_KEYS = ReportColumns.args.properties.keys.maxItems

/** What modules add to a report of takings, in the plan's order; `undefined` with nobody on the hook. Cells of other rows are left out. */
export const columnsFor = async (
  world: World,
  reply: FastifyReply,
  { from, to, by }: TakingsQuery,
  rows: readonly TakingsRow[],
): Promise<ModuleColumn[] | undefined> => {
  if (!isAsked(world.hooks, ReportColumns)) return undefined
  const keys = rows.slice(0, MOST_KEYS).map(({ key }) => key)
  const asked = await askModules(world, reply, ReportColumns, { from, to, by, keys })
  return withModule(asked).map(({ answer, module = '' }) => ({
    module,
    ...answer,
    cells: Object.fromEntries(Object.entries(answer.cells).filter(([key]) => keys.includes(key))),
  }))
}

/** The same for a spreadsheet: headers such as `labels.printed (count)`, and the rows with a cell under each. */
export const withColumns = (columns: readonly ModuleColumn[], rows: readonly TakingsRow[]) => {
  const headers = columns.map(({ module, key, unit }) => `${module}.${key} (${unit})`)
  return { headers, rows: rows.map((row) => ({ ...row, ...cellsOf(columns, headers, row.key) })) }
}

const cellsOf = (columns: readonly ModuleColumn[], headers: readonly string[], key: string) =>
  Object.fromEntries(
    columns.map(({ cells }, nth) => [headers[nth], Object.hasOwn(cells, key) ? cells[key] : undefined]),
  )

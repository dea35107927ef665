import type { MatterLogged } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'
import type { Row } from '../store/table.ts'
import type { Measured } from './measure.ts'

/** What can be corrected of a line: of a deposit with what the reception adds, of an exit without. */
export interface LineValues extends Measured {
  readonly method?: MatterLogged['method']
  readonly destination?: MatterLogged['destination']
  readonly isConfirmed?: boolean
}

/** A line of a deposit or an exit as it is now. `revision` counts its corrections from 1; a struck-out line counts for nothing. */
export interface MatterLine extends LineValues {
  readonly lineId: string
  readonly line: number
  readonly businessDate: string
  readonly isStruck: boolean
  readonly revision: number
}

interface LineRow {
  readonly id: string
  readonly line: number
  readonly business_date: string
  readonly category_id: string
  readonly category_name: string
  readonly gross_grams: number
  readonly container_id: string | null
  readonly tare_grams: number
  readonly net_grams: number
  readonly qty: number | null
  readonly is_confirmed: number | null
  readonly method: MatterLogged['method'] | null
  readonly destination: MatterLogged['destination'] | null
  readonly is_struck: number
  readonly revision: number
}

/** The lines of a deposit or an exit in their order, struck-out ones too. */
export const linesOf = async (read: Read, sourceId: string): Promise<MatterLine[]> =>
  (await read.all<LineRow>('SELECT * FROM matter_line WHERE source_id = ? ORDER BY line', sourceId)).map(fromRow)

/** The net weight of the lines that stand. */
export const netOf = (lines: readonly MatterLine[]): number =>
  lines.reduce((all, { netGrams, isStruck }) => (isStruck ? all : all + netGrams), 0)

const fromRow = (row: LineRow): MatterLine => ({
  lineId: row.id,
  line: row.line,
  businessDate: row.business_date,
  categoryId: row.category_id,
  categoryName: row.category_name,
  grossGrams: row.gross_grams,
  ...(row.container_id === null ? {} : { containerId: row.container_id }),
  tareGrams: row.tare_grams,
  netGrams: row.net_grams,
  ...(row.qty === null ? {} : { qty: row.qty }),
  ...(row.is_confirmed === null ? {} : { isConfirmed: row.is_confirmed === 1 }),
  ...(row.method === null ? {} : { method: row.method }),
  ...(row.destination === null ? {} : { destination: row.destination }),
  isStruck: row.is_struck === 1,
  revision: row.revision,
})

/** The columns that a correction may change. */
export const valuesRow = (values: LineValues): Row => ({
  category_id: values.categoryId,
  category_name: values.categoryName,
  gross_grams: values.grossGrams,
  container_id: values.containerId ?? null,
  tare_grams: values.tareGrams,
  net_grams: values.netGrams,
  qty: values.qty ?? null,
  is_confirmed: values.isConfirmed === undefined ? null : Number(values.isConfirmed),
  method: values.method ?? null,
  destination: values.destination ?? null,
})

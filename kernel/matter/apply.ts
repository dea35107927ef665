import {
  DepositClosed,
  DepositOpened,
  ExitRecorded,
  type KeptFact,
  MatterCorrected,
  MatterLogged,
} from '@recyclique/contracts'
import { on } from '../ledger/apply.ts'
import { type Change, insert, update } from '../store/table.ts'
import { type LineValues, valuesRow } from './line.ts'
import { movement } from './movement.ts'

/** What the reception's facts change: deposits, exits, their lines, and matter. */
export const matterApply = [
  on(DepositOpened, ({ data, mode, businessDate, position, recordedAt }) => [
    insert('deposit', {
      id: data.depositId,
      status: 'open',
      post_id: data.postId,
      origin: data.origin,
      partner_id: data.partnerId ?? null,
      locality: data.locality ?? null,
      volunteer_id: data.volunteerId ?? null,
      mode,
      business_date: businessDate,
      opened_position: position,
      opened_at: recordedAt,
      closed_at: null,
    }),
  ]),
  on(MatterLogged, (fact) => {
    const { data } = fact
    return [
      newLine(fact, data.depositId, data),
      ...moved(fact, { flow: 'deposit', place: data.postId, sourceId: data.depositId }, [[data, data.line, 1]]),
    ]
  }),
  on(DepositClosed, ({ data, recordedAt }) => [
    update('deposit', { id: data.depositId }, { status: 'closed', closed_at: recordedAt }),
  ]),
  on(ExitRecorded, (fact) => {
    const { data, mode, businessDate, position, recordedAt } = fact
    return [
      insert('exit_note', {
        id: data.exitId,
        kind: data.kind,
        partner_id: data.partnerId ?? null,
        reference: data.reference ?? null,
        is_ultimate: data.isUltimate === undefined ? null : Number(data.isUltimate),
        mode,
        business_date: businessDate,
        position,
        recorded_at: recordedAt,
      }),
      ...data.lines.map((line) => newLine(fact, data.exitId, line)),
      ...moved(
        fact,
        { flow: data.kind, place: 'exits', sourceId: data.exitId },
        data.lines.map((line) => [line, line.line, -1]),
      ),
    ]
  }),
  on(MatterCorrected, (fact) => {
    const { sourceId, flow, postId, line, revision, before, after } = fact.data
    const isIn = flow === 'deposit'
    const parts: Moved[] = []
    if (before) parts.push([before, line, isIn ? -1 : 1])
    if (after) parts.push([after, line, isIn ? 1 : -1])
    return [
      insert('matter_correction', { source_id: sourceId, position: fact.position }),
      update(
        'matter_line',
        { source_id: sourceId, line },
        { ...(after ? valuesRow(after) : {}), is_struck: after ? 0 : 1, revision },
      ),
      ...moved(fact, { flow, place: postId ?? 'exits', sourceId }, parts),
    ]
  }),
]

const newLine = (
  { businessDate }: KeptFact,
  sourceId: string,
  values: LineValues & { lineId: string; line: number },
): Change =>
  insert('matter_line', {
    source_id: sourceId,
    line: values.line,
    id: values.lineId,
    business_date: businessDate,
    ...valuesRow(values),
    is_struck: 0,
    revision: 1,
  })

interface Way {
  readonly flow: string
  readonly place: string
  readonly sourceId: string
}

/** Values, the line's number, and the sign: 1 comes into stock, −1 leaves it. */
type Moved = readonly [LineValues, number, 1 | -1]

const moved = (fact: KeptFact, way: Way, parts: readonly Moved[]): Change[] =>
  parts.flatMap(([{ categoryId, categoryName, netGrams, qty = 0 }, line, sign], n) =>
    movement(fact, { ...way, n, categoryId, categoryName, qty: sign * qty, grams: sign * netGrams, cents: 0, line }),
  )

import {
  type CorrectExitLineBody,
  type CorrectWeighingBody,
  MatterCorrected,
  type Mode,
  type WeighBody,
} from '@recyclique/contracts'
import { personal } from '../centre/personal.ts'
import { refuse } from '../errors.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'
import { findDeposit } from './deposit.ts'
import { type LineValues, linesOf, type MatterLine, netOf } from './line.ts'
import { type Known, loadKnown, measure } from './measure.ts'
import { findUsualGrams, isConfirmed } from './usual.ts'
import { checkCount } from './weigh.ts'

interface Place {
  readonly sourceId: string
  readonly lineId: string
}

export type CorrectLine =
  | (Place & CorrectWeighingBody & { readonly sourceKind: 'deposit' })
  | (Place & CorrectExitLineBody & { readonly sourceKind: 'exit' })

/** What the line is a part of. */
interface Source {
  readonly mode: Mode
  readonly flow: MatterCorrected['flow']
  readonly postId?: string
}

interface State {
  readonly source: Source | undefined
  readonly lines: readonly MatterLine[]
  readonly known: Known
  readonly usualGrams: number
}

/**
 * Corrects a line of a deposit or an exit, closed or not, or strikes it out; a struck-out line can come back. Counts on the line's
 * own business date. A correction that has not seen the last one is refused, so that of two at once only one applies.
 */
export const correctLine: Rule<CorrectLine, State> = {
  load: async (read, body) => ({
    source: await findSource(read, body),
    lines: await linesOf(read, body.sourceId),
    known: await loadKnown(read, body.after ? [body.after] : []),
    usualGrams: body.after ? await findUsualGrams(read, body.after.categoryId) : 0,
  }),
  decide({ source, lines, known, usualGrams }, { id, body }, { recordedAt }) {
    const { sourceKind, sourceId, lineId, note } = body
    const line = lines.find((one) => one.lineId === lineId)
    if (!source || !line) return refuse('not-found', { what: `line ${lineId} of ${sourceKind} ${sourceId}` })
    const before = line.isStruck ? null : valuesOf(line)
    checkSeen(body, before, line)
    const after = valuesAfter(body, known, usualGrams, line)
    if (isSame(before, after)) refuse('nothing-to-correct', {}, '/after')
    const { mode, ...owner } = source
    const sourceGramsBefore = netOf(lines)
    const corrected: MatterCorrected = {
      correctionId: id,
      sourceKind,
      sourceId,
      ...owner,
      lineId,
      line: line.line,
      revision: line.revision + 1,
      before,
      after,
      sourceGramsBefore,
      sourceGramsAfter: sourceGramsBefore - (before?.netGrams ?? 0) + (after?.netGrams ?? 0),
      hasNote: note !== undefined,
    }
    return {
      facts: [draft(MatterCorrected, corrected, { mode, businessDate: line.businessDate })],
      apart: personal(`correction/${id}`, 'note', note, recordedAt),
    }
  },
}

const findSource = async (read: Read, { sourceKind, sourceId }: CorrectLine): Promise<Source | undefined> => {
  if (sourceKind === 'exit') return read.one<Source>('SELECT mode, kind AS flow FROM exit_note WHERE id = ?', sourceId)
  const deposit = await findDeposit(read, sourceId)
  return deposit && { mode: deposit.mode, flow: 'deposit', postId: deposit.postId }
}

const checkSeen = ({ expectedNetGrams, revision }: CorrectLine, before: LineValues | null, line: MatterLine): void => {
  if (expectedNetGrams !== (before?.netGrams ?? 0)) refuse('already-corrected', {}, '/expectedNetGrams')
  if (revision !== undefined && revision !== line.revision) refuse('already-corrected', {}, '/revision')
}

const valuesAfter = (body: CorrectLine, known: Known, usualGrams: number, line: MatterLine): LineValues | null => {
  if (body.after === null) return null
  const measured = measure(body.after, known, '/after', line)
  if (body.sourceKind === 'exit') return measured
  const { method = 'weighed', destination = 'shop', confirmed } = body.after as WeighBody
  checkCount({ ...body.after, method }, '/after')
  return { ...measured, method, destination, isConfirmed: isConfirmed(measured, usualGrams, confirmed, '/after') }
}

/** The line's values without what says which line it is. */
const valuesOf = ({ lineId: _, line: _n, businessDate: _d, isStruck: _s, revision: _r, ...values }: MatterLine) =>
  values satisfies LineValues

/** A weight that was confirmed is the same weight: `isConfirmed` alone is no correction. */
const isSame = (before: LineValues | null, after: LineValues | null): boolean => {
  if (before === null || after === null) return before === after
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof LineValues>
  keys.delete('isConfirmed')
  return [...keys].every((key) => before[key] === after[key])
}

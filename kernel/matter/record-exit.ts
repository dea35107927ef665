import { ExitRecorded, type Partner, type RecordExitBody } from '@recyclique/contracts'
import { personal } from '../centre/personal.ts'
import { findRecord, usable } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import { type Known, loadKnown, measure } from './measure.ts'
import { whenOf } from './when.ts'

interface State {
  readonly partner: Partner | undefined
  readonly known: Known
}

/** Matter leaves the centre otherwise than through the till. Stock may fall below zero: what left has left, whoever forgot to weigh it in. */
export const recordExit: Rule<RecordExitBody, State> = {
  load: async (read, { partnerId, lines }) => ({
    partner: partnerId === undefined ? undefined : await findRecord(read, 'partner', partnerId),
    known: await loadKnown(read, lines),
  }),
  decide({ partner, known }, { id, body }, moment) {
    const { kind, partnerId, reference, isUltimate, note } = body
    checkPartner(body, partner)
    if (isUltimate !== undefined && kind !== 'bins')
      refuse('exit-invalid', { why: 'Only bins can be ultimate waste.' }, '/isUltimate')
    const lines = body.lines.map((line, index) => ({
      lineId: lineIdOf(id, index + 1),
      line: index + 1,
      ...measure(line, known, `/lines/${index}`),
    }))
    const exit: ExitRecorded = {
      exitId: id,
      kind,
      ...(partnerId === undefined ? {} : { partnerId }),
      ...(reference === undefined ? {} : { reference }),
      ...(isUltimate === undefined ? {} : { isUltimate }),
      lines,
      totalGrams: lines.reduce((all, { netGrams }) => all + netGrams, 0),
      hasNote: note !== undefined,
    }
    return {
      facts: [draft(ExitRecorded, exit, whenOf(body, moment))],
      apart: personal(`exit/${id}`, 'note', note, moment.recordedAt),
    }
  },
}

const checkPartner = ({ kind, partnerId }: RecordExitBody, partner: Partner | undefined): void => {
  if (partnerId !== undefined) usable(partner, 'partner', partnerId, '/partnerId')
  if ((kind === 'recycler' || kind === 'partner') && partner?.kind !== kind)
    refuse('partner-required', { kind }, '/partnerId')
}

/** A line's id, made of its exit's: the last 16 bits are turned by the line's number. Different within the exit, and from the exit. */
const lineIdOf = (exitId: string, line: number): string =>
  exitId.slice(0, -4) + (Number.parseInt(exitId.slice(-4), 16) ^ line).toString(16).padStart(4, '0')

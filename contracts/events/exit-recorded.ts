import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { LongSlug, OneOf, Uuid } from '../text.ts'
import { lineIdentity, measured } from './matter-logged.ts'

/** The ways out that are not the till: each is a flow of its own in every report. */
export const ExitKind = OneOf('recycler', 'partner', 'donation', 'bins', 'waste-centre')

/** The number of the waste-tracking slip (BSD) or of another document; closed characters, so that it cannot carry a name. */
export const ExitReference = Type.String({
  pattern: '^[0-9A-Za-z][0-9A-Za-z ./_-]{0,39}$',
  description: '1 to 40 of letters, digits, space and . / _ -, as on the slip',
})

/**
 * Matter left the centre, not through the till. Σ `netGrams` of the lines = `totalGrams`. Never corrected in place:
 * `matter.corrected` follows.
 */
export const ExitRecorded = fact({
  name: 'exit.recorded',
  version: 1,
  producer: 'kernel/matter/record-exit.ts',
  journalForm: 'exits',
  journal: () => 'exits',
  data: Type.Object({
    exitId: Uuid,
    kind: ExitKind,
    /** Always there for `recycler` and `partner`, and then a partner of that kind. */
    partnerId: Type.Optional(LongSlug),
    reference: Type.Optional(ExitReference),
    /** Of bins only: ultimate waste, which nobody can recycle. */
    isUltimate: Type.Optional(Type.Boolean()),
    lines: Type.Array(Type.Object({ ...lineIdentity, ...measured })),
    totalGrams: Type.Integer({ minimum: 0 }),
    /** A note stands in the personal data under this exit's id. */
    hasNote: Type.Boolean(),
  }),
})
export type ExitRecorded = DataOf<typeof ExitRecorded>

import { Type } from '@sinclair/typebox'
import { Cents, Grams, Quantity } from '../amounts.ts'
import { hook } from '../hook.ts'
import { LabelId, LongSlug, Name, OneOf, Slug, Text } from '../text.ts'

/** For the person at the till, in whole sentences. */
const Words = Text(300, { minLength: 1 })

/** What the till writes on the ticket; the cashier may change all of it. */
const CodeLine = Type.Object({
  categoryId: LongSlug,
  label: Type.Optional(Name),
  qty: Type.Optional(Quantity),
  /** Of one piece; or `lotCents` for the whole line. Neither: the cashier says the price. */
  unitCents: Type.Optional(Cents),
  lotCents: Type.Optional(Cents),
  grams: Type.Optional(Grams),
  /** The one thing that bears this label: the till keeps it with the line, so that a second sale of it can be seen. */
  labelId: Type.Optional(LabelId),
  /** Something to look at before it is sold. It holds up nobody. */
  notice: Type.Optional(Words),
})

/** A code that gives no line, and why: a digit is wrong (`damaged`), or nobody ever said what it stands for (`unknown`). */
const CodeTrouble = Type.Object({ trouble: OneOf('damaged', 'unknown'), words: Words })

/** What is this code that the scanner read? Null where the code is not of one's own, and nothing can be said of it. */
export const CodeResolve = hook({
  name: 'code.resolve',
  version: 2,
  words: 'What does this code stand for, that was just scanned or typed?',
  mode: 'first',
  dispatch: 'parallel',
  args: Type.Object({ registerId: Slug, code: Text(128, { minLength: 1 }) }),
  /** Whoever explains trouble with codes that another module may know stands last (`place: "trylast"`). */
  answer: Type.Union([CodeLine, CodeTrouble]),
  deadlineMs: 150,
  onError: 'skip',
  idempotent: true,
})

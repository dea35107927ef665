import { type Static, type StringOptions, type TLiteral, type TUnion, Type } from '@sinclair/typebox'

/** No control characters but tab and line feed, and no half of a surrogate pair: text that every store and printer can hold. */
const CLEAN = '^(?:[^\\u0000-\\u0008\\u000b-\\u001f\\u007f\\ud800-\\udfff]|[\\ud800-\\udbff][\\udc00-\\udfff])*$'

/** The same on one line. */
const CLEAN_LINE = CLEAN.replace('\\u0008\\u000b-', '')

/** The same with something to see on it. */
const VISIBLE_LINE = CLEAN_LINE.replace('^', '^(?=.*\\S)')

/** A short text that a person wrote, at most `maxLength` UTF-16 units; control characters and broken surrogates are refused. */
export const Text = (maxLength: number, options: StringOptions = {}) =>
  Type.String({ pattern: CLEAN, maxLength, description: `text of at most ${maxLength} characters`, ...options })

/** The same on one line: for what is printed on one. */
export const Line = (maxLength: number, options: StringOptions = {}) =>
  Text(maxLength, { pattern: CLEAN_LINE, description: `one line of at most ${maxLength} characters`, ...options })

/** A name that is shown on a button or a ticket. */
export const Name = Line(80, {
  minLength: 1,
  pattern: VISIBLE_LINE,
  description: '1 to 80 characters on one line, no control characters',
})

/** A chosen identifier of master data (register, category …): also a part of a journal's name, hence short. */
export const Slug = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,12}[a-z0-9])?$',
  description: '1 to 14 of a-z, 0-9 and -, not at the ends',
})
export type Slug = Static<typeof Slug>

/** A chosen identifier where more room is needed (categories, partners): it never becomes a part of a journal's name. */
export const LongSlug = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$',
  description: '1 to 48 of a-z, 0-9 and -, not at the ends',
})

/** A label of a single thing, as the module that made it names it: it says nothing of a person. */
export const LabelId = LongSlug

/** An identifier that the kernel made: a UUID (version 7, so that it sorts by time). */
export const Uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'a UUID in lower case',
})

/** A day of the calendar, `YYYY-MM-DD`, in the site's own time zone. That the day exists is checked by the rules. */
export const Day = Type.String({
  pattern: '^20\\d\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
  description: 'YYYY-MM-DD',
})

/** An instant, ISO 8601 in UTC with milliseconds. */
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
  description: 'ISO 8601, UTC, with milliseconds',
})

/** A name that is also a token of subjects: of a command, a tool, a job. */
export const Word = Type.String({
  pattern: '^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$',
  description: '1 to 32 of a-z, 0-9 and -, a letter first',
})

/** A label that groups things in reports; closed characters, so that it cannot carry a person's name by habit. */
export const Tag = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,23}$', description: '1 to 24 of a-z, 0-9 and -' })

/** One of a few words; the type is the union of the words, and a misfit lists them. */
export const OneOf = <const T extends readonly string[]>(...words: T) =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    { description: `one of ${words.join(', ')}` },
  ) as unknown as TUnion<{ -readonly [K in keyof T]: TLiteral<T[K] & string> }>

/** How a till, a session and their facts are meant. `deferred` is paper entered late; `training` stays out of all totals. */
export const Mode = OneOf('live', 'training', 'deferred')
export type Mode = Static<typeof Mode>

import { HookFailure, type ModuleBuilder } from '@recyclique/sdk'
import { PahekoFault } from './client.ts'
import { type DeskParts, findSession, link, preview, resync, retry, retryAll, shownEntry } from './desk.ts'
import { STATE_WORDS } from './words.ts'

interface Parts {
  readonly desk: DeskParts
  readonly check: () => Promise<string>
}

/** What is typed: `recyclique paheko check`, `resync --from DAY [--dry-run]`, `retry SESSION`, `link SESSION MEMBERS`. */
export const commands = (module: ModuleBuilder, { desk, check }: Parts): ModuleBuilder =>
  module
    .command('check', () => inWords(check))
    .command('resync', ({ from, 'dry-run': isDry }) =>
      inWords(() => (isDry === undefined ? resyncNow(desk, dayIn(from)) : resyncDry(desk, dayIn(from)))),
    )
    .command('retry', ({ session = '' }) => (session === 'all' ? retryEach(desk) : retryOne(desk, session)))
    .command('link', async ({ session = '', members = '' }) => {
      const ids = members.split(',').map(Number)
      if (!ids.every((id) => Number.isSafeInteger(id) && id > 0))
        throw invalid(
          'members-unfit',
          `'${members}' is no list of members: write their internal ids with commas between, such as 12,15`,
        )
      if (!(await link(desk, session, ids))) throw unknown(session)
      return `${ids.length} member(s) will be linked to the entry of ${session}.`
    })

/** What Paheko, or the way to it, has against it is no failure of the module. */
const inWords = async (run: () => Promise<string>): Promise<string> => {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof PahekoFault)) throw error
    throw new HookFailure('denied', error.fault, `Paheko: ${error.fault}, ${error.message}`)
  }
}

const dayIn = (from: string | undefined): string => {
  if (
    from !== undefined &&
    /^\d{4}-\d\d-\d\d$/.test(from) &&
    !Number.isNaN(Date.parse(from)) &&
    new Date(from).toISOString().startsWith(from)
  )
    return from
  throw invalid(
    'from-unfit',
    `--from must be a day such as 2026-01-01${from === undefined ? '' : `, and '${from}' is none`}`,
  )
}

const resyncNow = async (desk: DeskParts, from: string): Promise<string> => {
  const { begun, again } = await resync(desk, from)
  if (begun.length + again.length === 0) return `No session was closed since ${from}.`
  return [
    `${begun.length} session(s) are new to Paheko's list, ${again.length} are looked at again.`,
    'They are sent one after the other: the page /m/paheko/ shows how far it is.',
    ...begun,
  ].join('\n')
}

/** More would fill the terminal, and the time that a command has. */
const MOST_SHOWN = 200

const resyncDry = async (desk: DeskParts, from: string): Promise<string> => {
  const lines: string[] = []
  let shown = 0
  for await (const one of preview(desk, from)) {
    shown += 1
    if (shown > MOST_SHOWN) {
      lines.push(`… and more: only the first ${MOST_SHOWN} are shown.`)
      break
    }
    lines.push(...shownEntry(one))
  }
  if (shown === 0) return `No session was closed since ${from}.`
  return ['Nothing is written. This would be done:', ...lines].join('\n')
}

const retryEach = async (desk: DeskParts): Promise<string> => `${await retryAll(desk)} session(s) are tried again now.`

const retryOne = async (desk: DeskParts, session: string): Promise<string> => {
  const { open, done } = await findSession(desk, session)
  if (done) return `${done.reference} is in Paheko (${STATE_WORDS.resolved}).`
  if (!open) throw unknown(session)
  await retry(desk, open)
  return `${open.record.reference} is tried again now.`
}

const unknown = (session: string): HookFailure =>
  invalid('session-unknown', `'${session}' is no session here: write its id or its reference, or resync --from its day`)

const invalid = (code: string, words: string): HookFailure => new HookFailure('invalid', code, words)

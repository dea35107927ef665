import { ApiCall, readKernelSubject, type WishFault, type WishReply, type WishVerb } from '@recyclique/contracts'
import type { Complaints } from '../registry/complaints.ts'
import type { Door } from '../registry/door.ts'
import type { Shared } from '../registry/parts.ts'
import type { Party } from '../registry/party.ts'
import { type JobParts, openJobs } from './jobs.ts'
import { openKv } from './kv.ts'
import { readWish, Unwished, wishFaultOf } from './wish.ts'

type Grant = (module: string, body: unknown) => Promise<unknown>

const QUEUE = 'kernel'

interface Entrance {
  readonly door: Door
  readonly complaints: Complaints
}

/** A message has 1 MiB at most, its headers included. */
const MOST_ANSWERED_BYTES = 1_000_000

/**
 * What modules want of the kernel: to keep something, to be called at a time, to use the API. Who speaks stands in the subject, and the server vouches
 * for it; what its manifest does not say it cannot have.
 */
export const openWishes = (parts: JobParts & Pick<Shared, 'callApi'> & Entrance) => {
  const { bus, roster, subjects, log, callApi, door, complaints } = parts
  const kv = openKv(parts)
  const jobs = openJobs(parts)

  const api: Grant = (module, body) => {
    const call = readWish(ApiCall, body, 'api')
    const allowed = roster.inside(module).flatMap(({ manifest: { permissions } }) => permissions?.api ?? [])
    if (!allowed.some((one) => covers(one, call)))
      throw new Unwished(
        'not-declared',
        `The manifest of ${module} does not list '${call.method} ${pathOf(call)}' under 'permissions/api'.`,
      )
    return callApi(module, call)
  }

  const granted: Readonly<Record<string, { needs: (party: Party) => boolean; word: string; grant: Grant }>> = {
    ...each('kv', kv.verbs, ({ manifest }) => manifest.keeps === true, 'keeps'),
    ...each(
      'job',
      { set: jobs.set, cancel: jobs.cancel, list: jobs.list },
      ({ manifest }) => (manifest.jobs ?? []).length > 0,
      'jobs',
    ),
    'api.': {
      needs: ({ manifest }) => (manifest.permissions?.api ?? []).length > 0,
      word: 'permissions/api',
      grant: api,
    },
  }

  const answer = async (subject: string, text: string): Promise<WishReply> => {
    const { module, verb, rest } = readKernelSubject(subject)
    const wish = granted[`${verb}.${rest.join('.')}`]
    try {
      if (!wish) throw new Unwished('unknown', `There is no '${[verb, ...rest].join('.')}' that the kernel could do.`)
      const [party] = roster.inside(module)
      if (!party) throw new Unwished('not-at-work', `${module} is not at work: see GET /v1/modules/${module}.`)
      if (!wish.needs(party))
        throw new Unwished('not-declared', `The manifest of ${module} does not say '${wish.word}'.`)
      return { v: (await wish.grant(module, bodyOf(text))) ?? null }
    } catch (error) {
      const fault = wishFaultOf(error)
      const wanted = [verb, ...rest].join('.')
      if (fault) complaints.log(module, `Its wish '${wanted}' was not granted (${fault.code}).`, fault.words)
      else log.warn({ module, wish: wanted, err: error }, 'a module’s wish could not be looked at')
      return {
        error: fault ?? {
          code: 'unavailable',
          words: 'The kernel failed in a way that nobody foresaw.',
          isPassing: true,
        },
      }
    }
  }

  const serve = (verb: WishVerb) =>
    bus.serve(
      verb === 'api' ? subjects.everyModule(verb) : subjects.everyModuleNamed(verb),
      (heard) => door.letIn(verb, heard, async () => sendable(await answer(heard.subject, heard.text)), tooOften),
      QUEUE,
    )
  const stops = [serve('kv'), serve('job'), serve('api')]

  return {
    jobsOf: jobs.list,
    async close() {
      for (const stop of stops) stop()
      await Promise.all([jobs.stop(), kv.stop()])
    },
  }
}

export type Wishes = ReturnType<typeof openWishes>

const each = (verb: string, grants: Readonly<Record<string, Grant>>, needs: (party: Party) => boolean, word: string) =>
  Object.fromEntries(Object.entries(grants).map(([op, grant]) => [`${verb}.${op}`, { needs, word, grant }]))

/** The same again, a little later. */
const tooOften = (words: string): string =>
  JSON.stringify({ error: { code: 'unavailable', words, isPassing: true } } satisfies WishReply)

/** The server cuts off who sends more than it takes. */
const sendable = (reply: WishReply): string => {
  const text = JSON.stringify(reply)
  const bytes = Buffer.byteLength(text)
  if (bytes <= MOST_ANSWERED_BYTES) return text
  const words = `The answer has ${bytes} bytes, more than the ${MOST_ANSWERED_BYTES} that go over the bus: ask for less, as with a limit or a shorter period.`
  const error: WishFault = { code: 'too-large', words, isPassing: false }
  return JSON.stringify({ error })
}

const bodyOf = (text: string): unknown => {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch (error) {
    throw new Unwished('malformed', `This is not JSON: ${(error as Error).message}.`)
  }
}

/** As it is written, which is as it is understood: nothing that a router would read in another way. */
const pathOf = ({ path }: ApiCall): string => {
  const plain = path.split('?')[0] as string
  if (!/^\/v1(\/[A-Za-z0-9_:~-][A-Za-z0-9_.:~-]*)+$/.test(plain))
    throw new Unwished('malformed', `/path must be plain, as in /v1/reports/sales?from=2026-01-01.`, '/path')
  return plain
}

/**
 * A star at the end stands for at least one character (`/v1/reports/*` is not `/v1/reports-of-others`), one between two slashes for one
 * name.
 */
const covers = (allowed: string, call: ApiCall): boolean => {
  const form = allowed.replace(/[.]/g, '\\$&').replaceAll('/*/', '/[^/]+/').replace(/\*$/, '.+')
  return new RegExp(`^${form}$`).test(`${call.method} ${pathOf(call)}`)
}

import { errors } from '@nats-io/transport-node'
import {
  type ApiAnswer,
  type ApiCall,
  type JobView,
  type KvEntry,
  type KvPage,
  parseJson,
  type WishFault,
  WishReply,
  type WishVerb,
} from '@recyclique/contracts'
import { growingWaits, pause } from './pause.ts'
import type { TellParts } from './tell.ts'

/** Keys and values that the kernel keeps for this module, shared by its processes. The manifest says `keeps: true`. */
export interface Kv {
  get<T>(key: string): Promise<Found<T> | undefined>
  /**
   * Gives the new revision. With `revision` only where the key stands at that one now (0: is not there): else a `NotGranted` of code `conflict`.
   * With `ttlSeconds` it is gone after so long, by the kernel's clock, also over a restart; the next put begins anew.
   */
  put(key: string, value: unknown, when?: { readonly revision?: number; readonly ttlSeconds?: number }): Promise<number>
  remove(key: string, when?: { readonly revision: number }): Promise<void>
  /** In their order. */
  keys(prefix?: string): AsyncGenerator<string>
}

/** What stands under a key. `expiresAt`: when it is gone by itself. */
export interface Found<T> {
  readonly value: T
  readonly revision: number
  readonly expiresAt?: string
}

/** When the kernel is to call this module's jobs. Set again under the same id, the new setting takes the place of the old one. */
export interface Schedule {
  at(job: string, when: Date, setting: { readonly id: string; readonly data?: unknown }): Promise<JobView>
  /** Five fields as cron has them, in the site's time zone. */
  every(job: string, cron: string, setting: { readonly id: string; readonly data?: unknown }): Promise<JobView>
  /** Whether it was there. A run that has begun goes on. */
  cancel(id: string): Promise<boolean>
  list(): Promise<JobView[]>
}

/** The kernel's own API, used as this module. The manifest lists method and path under `permissions.api`. A refusal is an answer: look at `status`. */
export type CallApi = (method: ApiCall['method'], path: string, sent?: SentToApi) => Promise<ApiAnswer>

export interface SentToApi {
  readonly body?: unknown
  /** Makes an act safe to repeat: then it is sent again where no answer came. */
  readonly key?: string
  /** For whom this module does it, a name of its own: the act's author is then `module.<module>/<name>`. */
  readonly onBehalfOf?: string
  /** How long to wait for the answer, and to try on where no kernel is there; 10 s and half a minute where nothing is said. */
  readonly withinMs?: number
}

/** `unanswered`: no kernel answered in time, and nobody knows whether it was done. */
export class NotGranted extends Error {
  readonly code: WishFault['code'] | 'unanswered'
  readonly field: string | undefined
  constructor(code: NotGranted['code'], words: string, { field, cause }: { field?: string; cause?: unknown } = {}) {
    super(words, cause === undefined ? {} : { cause })
    this.name = 'NotGranted'
    this.code = code
    this.field = field
  }
}

const ANSWER_WITHIN_MS = 10_000
const GIVE_UP_AFTER_MS = 30_000

interface Wish {
  readonly verb: WishVerb
  readonly op?: string
  readonly body: unknown
  /** It does no harm to send it again when nobody knows whether it was done. */
  readonly isRepeatable: boolean
  readonly withinMs?: number | undefined
}

/** Waits for the start of the process, and while no kernel is there, half a minute long. */
export const openWishes = () => {
  const started = Promise.withResolvers<TellParts>()
  let running: TellParts | undefined
  const wish = async (what: Wish): Promise<unknown> => untilGranted(running ?? (await started.promise), what)

  const kv: Kv = {
    async get(key) {
      const entry = (await wish({ verb: 'kv', op: 'get', body: { key }, isRepeatable: true })) as KvEntry | null
      if (entry === null) return undefined
      const { value, revision, expiresAt } = entry
      return { value: value as never, revision, ...(expiresAt === undefined ? {} : { expiresAt }) }
    },
    async put(key, value, when) {
      const body = { key, value, ...when }
      const { revision } = (await wish({
        verb: 'kv',
        op: 'put',
        body,
        isRepeatable: when?.revision === undefined,
      })) as KvEntry
      return revision
    },
    async remove(key, when) {
      await wish({ verb: 'kv', op: 'remove', body: { key, ...when }, isRepeatable: when === undefined })
    },
    async *keys(prefix = '') {
      let after: string | undefined
      do {
        const body = { prefix, ...(after === undefined ? {} : { after }) }
        const page = (await wish({ verb: 'kv', op: 'list', body, isRepeatable: true })) as KvPage
        yield* page.keys
        after = page.next
      } while (after !== undefined)
    },
  }

  const set = (body: object) => wish({ verb: 'job', op: 'set', body, isRepeatable: true }) as Promise<JobView>
  const schedule: Schedule = {
    at: (job, when, { id, data = null }) => set({ id, job, at: when.toISOString(), data }),
    every: (job, cron, { id, data = null }) => set({ id, job, cron, data }),
    async cancel(id) {
      const found = await wish({ verb: 'job', op: 'cancel', body: { id }, isRepeatable: true })
      return (found as { wasThere: boolean }).wasThere
    },
    list: () => wish({ verb: 'job', op: 'list', body: {}, isRepeatable: true }) as Promise<JobView[]>,
  }

  const api: CallApi = (method, path, { withinMs, ...sent } = {}) => {
    const isRepeatable = method !== 'POST' || sent.key !== undefined
    return wish({ verb: 'api', body: { method, path, ...sent }, isRepeatable, withinMs }) as Promise<ApiAnswer>
  }

  return {
    ...{ kv, schedule, api },
    /** The process runs. A second start of the same module takes the place of the first. */
    start(parts: TellParts) {
      running = parts
      started.resolve(parts)
    },
  }
}

export type Wishes = ReturnType<typeof openWishes>

const untilGranted = async (parts: TellParts, wish: Wish): Promise<unknown> => {
  const over = AbortSignal.timeout(wish.withinMs ?? GIVE_UP_AFTER_MS)
  const waits = growingWaits([100, 250, 500, 1_000, 2_000])
  for (;;) {
    try {
      return await request(parts, wish)
    } catch (error) {
      const isPassing = !(error instanceof NotGranted) || error.code === 'not-at-work' || error.code === 'unavailable'
      const isTriedAgain = isNobody(error) || isPassing
      const mayRepeat = wish.isRepeatable || isNobody(error) || error instanceof NotGranted
      if (!isTriedAgain || !mayRepeat || over.aborted || parts.connection.isClosed()) throw unanswered(error, wish)
      await pause(waits.nextMs(), over)
    }
  }
}

const request = async (
  { module, connection, subjects }: TellParts,
  { verb, op, body, withinMs }: Wish,
): Promise<unknown> => {
  const subject = subjects.toKernel(module.manifest.name, verb, op)
  const message = await connection.request(subject, JSON.stringify(body), { timeout: withinMs ?? ANSWER_WITHIN_MS })
  const reply = parseJson(WishReply, message.string(), 'what the kernel sent back')
  if ('v' in reply) return reply.v
  const { code, words, field } = reply.error
  throw new NotGranted(code, words, field === undefined ? {} : { field })
}

/** Surely not heard by anyone. */
const isNobody = (error: unknown): boolean =>
  error instanceof errors.NoRespondersError || (error as Error).cause instanceof errors.NoRespondersError

const unanswered = (error: unknown, { verb, op }: Wish): NotGranted =>
  error instanceof NotGranted
    ? error
    : new NotGranted('unanswered', `${[verb, op].filter(Boolean).join('.')}: no kernel answers`, { cause: error })

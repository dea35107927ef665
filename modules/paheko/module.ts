import { CashSessionClosed, type KeptFact, type Manifest } from '@recyclique/contracts'
import { type AtWork, defineModule, html, json, type Module, openConfig, Refusal, type Request } from '@recyclique/sdk'
import { apiAddress } from './address.ts'
import { audit } from './audit.ts'
import { begunRecord } from './begin.ts'
import { checkInWords } from './check.ts'
import { openPaheko } from './client.ts'
import { commands } from './commands.ts'
import { beginOne, type DeskParts, findSession, link, retry, retryUnderNewSettings } from './desk.ts'
import { openLease } from './lease.ts'
import { openLedger } from './ledger.ts'
import { openLooks } from './looks.ts'
import { pageOf } from './page.ts'
import { doneFrom } from './record.ts'
import { openRecords } from './records.ts'
import { Settings } from './settings.ts'
import { type Log, syncAll } from './sync.ts'
import type { Timing } from './timing.ts'
import { viewOf } from './view.ts'
import { openWorker, type Round } from './worker.ts'

interface Parts {
  readonly manifest: Manifest
  readonly timing: Timing
  /** Until the process is at work and has a log of its own. */
  readonly log: Log
  readonly now: () => Date
  readonly chance: () => number
  readonly clock: () => number
  /** Unlike any other process's, one of the same name before this one included. */
  readonly holder: string
}

export interface Paheko {
  readonly module: Module
  /** One round over the open sessions, as the process does them one after the other while it is at work. */
  readonly round: Round
}

/** Days of sessions that are done, as the page shows them. */
const SHOWN_DAYS = 14

/** Hears that a session was closed, and keeps that its entry is to be made: from there the rounds go on, whatever dies when. */
export const makePaheko = ({ manifest, timing, log: before, now, chance, clock, holder }: Parts): Paheko => {
  let wake = () => {}
  let at: Log = before
  const log: Log = {
    info: (what, words) => at.info(what, words),
    warn: (what, words) => at.warn(what, words),
    error: (what, words) => at.error(what, words),
  }
  const config = openConfig(Settings)
  config.onChange((next, before) => {
    apiAddress(next.url)
    // The rounds begin with the first settings; later ones may mend what is open.
    if (before)
      void retryUnderNewSettings(desk).catch((err: unknown) => log.warn({ err }, 'the settings are not yet tried'))
  })
  const begun = defineModule(manifest).configure(config)
  const { kv, api, tell } = begun
  const closings = openLedger(api)
  const desk: DeskParts = {
    records: openRecords(kv),
    lease: openLease({ kv, holder, leaseMs: timing.leaseMs, clock }),
    looks: openLooks({ timing, now }),
    call: openPaheko(() => {
      const { current } = config
      const credentials = () => ({ user: current.user, password: current.password })
      return { address: apiAddress(current.url), credentials, timeoutMs: timing.requestMs }
    }),
    mapping: () => config.current,
    prefix: () => config.current.referencePrefix,
    closingAt: closings.at,
    closings,
    wake: () => wake(),
    ...{ tell, timing, log, now, chance, clock },
  }

  const closed = async ({ position, businessDate, data }: KeptFact<CashSessionClosed>): Promise<void> => {
    await config.told
    const closing = { ...data, businessDate }
    await beginOne(desk, begunRecord({ position, closing, prefix: desk.prefix(), now: now().toISOString() }))
    wake()
  }

  const shown = async () => {
    const open = (await desk.records.open()).map(({ record }) => record)
    const days = (await desk.records.doneDays()).slice(0, SHOWN_DAYS)
    const done = (await Promise.all(days.map(desk.records.doneOn))).flatMap((day) => day.toReversed())
    // Those that are there, and are looked at once more, are done for whoever looks.
    const there = open.filter(({ state }) => state === 'resolved').map((one) => doneFrom(one, now().toISOString()))
    return { open: open.filter(({ state }) => state !== 'resolved'), done: [...there.toReversed(), ...done] }
  }

  const check = () =>
    checkInWords({ call: desk.call, mapping: config.current, api, sync: desk }, apiAddress(config.current.url))
  const round: Round = async (stop) => (config.isReady ? syncAll(desk, stop) : undefined)

  /** The rounds, while the kernel has let the module in; and once, for whoever starts it, what the settings come to. */
  const work = (atWork: AtWork) => {
    at = atWork.log
    const worker = openWorker({ round, lookMs: timing.lookMs, log })
    wake = worker.wake
    void config.told
      .then(check)
      .then((words) => log.info({ check: words.split('\n') }, 'what the settings come to'))
      .catch((error: Error) =>
        log.warn({ reason: error.message }, 'Paheko could not be checked; see: recyclique paheko check'),
      )
    return worker.stop
  }

  const module = commands(begun, { desk, check })
    .whileAtWork(work)
    .hear(CashSessionClosed, closed)
    .route('GET', '/', async () => html(pageOf({ ...(await shown()), trouble: troubleOf(config), now: now() })))
    .route('GET', '/sessions', async () => {
      const { open, done } = await shown()
      return json(viewOf(open, done))
    })
    .route('POST', '/sessions/:id/retry', async (request) => {
      refuseForeign(request)
      const { open } = await findSession(desk, request.params.id ?? '')
      if (!open)
        throw new Refusal(404, 'session-unknown', 'Cette session n’attend rien : elle est résolue, ou inconnue ici.')
      await retry(desk, open)
      return { status: 303, headers: { location: '../../' } }
    })
    .route('POST', '/sessions/:id/members', async (request) => {
      refuseForeign(request)
      const members = membersIn(request)
      if (!(await link(desk, request.params.id ?? '', members)))
        throw new Refusal(404, 'session-unknown', 'Cette session est inconnue ici.')
      return json({ members }, 202)
    })
    .job('audit', async () => {
      await audit(desk)
    })

  return { module, round }
}

type Configured = {
  readonly isReady: boolean
  readonly flaws: readonly { key: string; why: string }[]
  readonly refused: string | undefined
}

const troubleOf = ({ flaws, refused }: Configured): string | undefined =>
  flaws.length > 0 ? flaws.map(({ key, why }) => `${key} ${why}`).join(' · ') : refused

/** A page of somebody else's may not press our buttons: a browser says from where it comes. */
const refuseForeign = ({ headers }: Request): void => {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new Refusal(403, 'foreign-page', 'Cette demande vient d’une autre page.')
}

const membersIn = ({ body }: Request): number[] => {
  const members = numbersIn(Buffer.from(body).toString())
  if (members) return members
  throw new Refusal(
    400,
    'members-unfit',
    'Écrire {"members": [12, 15]}, avec les numéros internes (id) des membres dans Paheko.',
  )
}

const numbersIn = (text: string): number[] | undefined => {
  try {
    const { members } = JSON.parse(text) as { members?: unknown }
    return Array.isArray(members) && members.length > 0 && members.every((one) => Number.isSafeInteger(one) && one > 0)
      ? (members as number[])
      : undefined
  } catch {
    return undefined
  }
}

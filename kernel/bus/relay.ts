import { factMode, type Subjects, subjectsOf, toHeaders } from '@recyclique/contracts'
import type { Ledger } from '../ledger/ledger.ts'
import type { LedgerRow } from '../ledger/row.ts'
import { type Bus, type FactMessage, type Log, StreamUnfit } from './port.ts'

/**
 * Tells every fact of the ledger on the bus, once and in order, and is the only one that writes there.
 *
 * The stream's sequence *is* the position: each publish expects the stream to end right before it, and with the very fact before it,
 * so that a refusal in the middle refuses everything behind it instead of leaving a hole. In doubt (at start, when the bus is back, after any failure, and once a
 * second) the stream's last message is compared with the ledger's row, and telling goes on from there.
 *
 * It promises nothing to the till, and asks nothing of it: whatever happens here, `append` does not notice.
 */
export interface Relay {
  readonly state: RelayState
  /** Waits until all that is in the ledger now is told; false when that took too long. */
  flush(withinMs: number): Promise<boolean>
  close(): Promise<void>
}

/**
 * `away`: the bus cannot be reached, or does not take facts; it tries again on its own. `stopped`: stream and ledger contradict each
 * other, and a person must decide; `reason` says between what. `told` and `behind` count positions.
 */
export interface RelayState {
  readonly state: 'telling' | 'idle' | 'away' | 'stopped'
  readonly told: number
  readonly behind: number
  readonly reason?: string
}

export interface RelayParts {
  readonly ledger: Pick<Ledger, 'rows' | 'head' | 'onCommit'>
  readonly bus: Pick<Bus, 'isConnected' | 'state' | 'onStatus'> & { readonly stream: Bus['stream'] }
  readonly site: string
  readonly log: Log
  /** A notification can be lost, a stream deleted: so it looks by itself as well. */
  readonly lookEveryMs?: number
}

/** Two batches are under way at most: the second is sent while the first is being acknowledged. */
const BATCH = 128

export const startRelay = ({ ledger, bus, site, log, lookEveryMs = 1000 }: RelayParts): Relay => {
  const subjects = subjectsOf(site)
  let told = 0
  /** The id of the last fact told. Unknown after a comparison: the server forgets it in a restart, so it must not be expected then. */
  let toldId: string | undefined
  let trouble: { state: 'away' | 'stopped'; reason: string } | undefined = { state: 'away', reason: 'not compared yet' }
  let isInDoubt = true
  let hasLooked = false
  let isWanted = false
  let isRunning = false
  let isClosed = false
  let failures = 0
  let running: Promise<void> = Promise.resolve()
  const watchers = new Set<() => void>()

  const wake = () => {
    isWanted = true
    if (!isRunning && !isClosed) running = run()
  }
  const doubt = () => {
    isInDoubt = true
    wake()
  }

  const run = async () => {
    isRunning = true
    while (isWanted && !isClosed) {
      isWanted = false
      await look()
    }
    isRunning = false
  }

  const look = async () => {
    if (!bus.isConnected) return fail('away', 'why' in bus.state ? bus.state.why : 'the bus is away')
    try {
      if (isInDoubt) await compare()
      await tellAll()
      failures = 0
    } catch (error) {
      isInDoubt = true
      if (error instanceof StreamUnfit) return fail('stopped', error.message)
      fail('away', (error as Error).message)
      // The first time at once: a publish was refused, and the stream's end says where to go on. Then with the next look.
      failures += 1
      if (failures === 1) isWanted = true
    }
  }

  const compare = async () => {
    isInDoubt = false
    told = await endOf(bus.stream, ledger)
    toldId = undefined
    hasLooked = true
    if (trouble) log.info({ told, head: ledger.head.position }, 'the bus has the facts up to here; telling goes on')
    trouble = undefined
  }

  const tellAll = async () => {
    let follows = toldId
    let underWay = Promise.resolve()
    for (let from = told + 1; !isClosed; ) {
      const rows = await ledger.rows(from, BATCH)
      checkWhole(rows, from)
      const next = rows.length > 0 ? publishAll(rows, follows) : undefined
      // Read one turn later, and not at all when the batch before it fails: then it is refused as well, and told again.
      next?.catch(() => {})
      await underWay
      told = from - 1
      toldId = follows
      for (const see of watchers) see()
      if (!next) return
      underWay = next
      from += rows.length
      follows = rows.at(-1)?.id
    }
  }

  /** Settles when all have settled; rejects with the first refusal. */
  const publishAll = async (rows: readonly LedgerRow[], before: string | undefined): Promise<void> => {
    const acks = await Promise.allSettled(rows.map((row, at) => publish(row, at === 0 ? before : rows[at - 1]?.id)))
    const refused = acks.find((ack) => ack.status === 'rejected')
    if (refused) throw refused.reason
  }

  const publish = async (row: LedgerRow, follows: string | undefined) => {
    const kept = await bus.stream.publish({ ...messageOf(row, subjects), follows })
    if (kept !== row.position) throw new Error(`position ${row.position} was kept as ${kept}`)
  }

  const fail = (state: 'away' | 'stopped', reason: string) => {
    const isNews = trouble?.state !== state || trouble.reason !== reason
    // The bus is sought at the same time as the relay starts: that the very first look finds none alarms nobody.
    if (isNews && hasLooked) log.warn({ state, reason }, 'facts are not told')
    if (hasLooked || state === 'stopped') trouble = { state, reason }
    hasLooked = true
  }

  const timer = setInterval(doubt, lookEveryMs)
  const offCommit = ledger.onCommit(wake)
  const offStatus = bus.onStatus(doubt)
  doubt()

  return {
    get state() {
      const behind = Math.max(0, ledger.head.position - told)
      return trouble
        ? { ...trouble, told, behind }
        : { state: behind > 0 ? ('telling' as const) : ('idle' as const), told, behind }
    },
    flush(withinMs) {
      const target = ledger.head.position
      wake()
      return new Promise((resolve) => {
        const settle = (isTold: boolean) => {
          clearTimeout(deadline)
          watchers.delete(see)
          resolve(isTold)
        }
        const see = () => {
          if (told >= target && !trouble) settle(true)
        }
        const deadline = setTimeout(() => settle(false), withinMs)
        watchers.add(see)
        see()
      })
    },
    async close() {
      isClosed = true
      clearInterval(timer)
      offCommit()
      offStatus()
      await running
    },
  }
}

/** Up to which position the stream and the ledger agree. Makes the stream where there is none. Throws `StreamUnfit` where they contradict each other. */
const endOf = async (stream: Bus['stream'], ledger: RelayParts['ledger']): Promise<number> => {
  const end = await stream.end()
  if (!end) await stream.make()
  if (!end || end.sequence === 0) return 0
  const [row] = await ledger.rows(end.sequence, 1)
  if (!row) throw new StreamUnfit(words(`The bus knows facts up to ${end.sequence}, the ledger ends before`))
  if (row.hash !== end.hash) throw new StreamUnfit(words(`At position ${end.sequence} the bus knows another fact`))
  return end.sequence
}

const words = (what: string) =>
  `${what}: an older backup of the ledger was restored, or this bus belongs to another ledger. Modules may have heard facts that the ledger has not. Restore a newer backup; or, when those facts are lost for good, delete the stream, and the stores of the modules that keep positions: every fact is told again. The till goes on selling meanwhile.`

/** The stream would refuse a gap for ever, without saying that it is the ledger's. */
const checkWhole = (rows: readonly LedgerRow[], from: number) => {
  const at = rows.findIndex((row, index) => row.position !== from + index)
  if (at >= 0) throw new StreamUnfit(`The ledger has no position ${from + at}: run 'recyclique ledger verify'.`)
}

const LONGEST_TOKEN = 32

/**
 * The row's own version and bytes: bringing old data up to date is the reader's. A journal is one token here, and is cut where its name
 * is longer (a module's in training); the whole stands in the headers.
 */
const messageOf = (row: LedgerRow, subjects: Subjects): Omit<FactMessage, 'follows'> => ({
  subject: subjects.fact(factMode(row.mode), row.journal.slice(0, LONGEST_TOKEN), row.name),
  id: row.id,
  position: row.position,
  headers: toHeaders({
    position: row.position,
    id: row.id,
    journal: row.journal,
    seq: row.seq,
    mode: row.mode,
    name: row.name,
    version: row.version,
    site: row.site,
    recordedAt: row.recorded_at,
    businessDate: row.business_date,
    actor: row.actor,
    hash: row.hash,
    data: undefined,
  }),
  body: row.data,
})

import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { v7 as newId } from 'uuid'
import { openCalendar } from '../centre/calendar.ts'
import { Refusal } from '../errors.ts'
import { openHeadFile } from '../ledger/head-file.ts'
import { type Ledger, openLedger } from '../ledger/ledger.ts'
import type { Rule } from '../ledger/rule.ts'
import { openSealer } from '../ledger/seal.ts'
import { projection } from '../projection.ts'
import { rules } from '../rules.ts'
import type { Store } from '../store/port.ts'
import { openSqlite } from '../store/sqlite.ts'
import { tables } from '../tables.ts'
import type { Act, FromWriter, Outcome, ToWriter, WriterSettings } from './messages.ts'

/** The thread that decides and writes: the ledger itself, with the only write connection. See open-writer.ts for the other side. */
const say = (message: FromWriter) => parentPort?.postMessage(message)

const open = async ({ site, ledgerFile, keysDir }: WriterSettings): Promise<{ ledger: Ledger; store: Store }> => {
  const store = openSqlite(ledgerFile, tables)
  const calendar = await openCalendar(store.read, site)
  const ledger = await openLedger({
    store,
    sealer: openSealer(keysDir),
    headFile: openHeadFile(join(keysDir, 'head')),
    projection,
    site,
    now: () => new Date(),
    dayOf: calendar.dayOf,
    newId,
    onLost: (error) => say({ lost: error.message }),
  })
  ledger.onCommit(() => void calendar.refresh())
  return { ledger, store }
}

/** What became of the acts of one commit leaves together: they settle in the same turn. */
const outbox = (ledger: Ledger) => {
  let outcomes: Outcome[] = []
  return (outcome: Outcome) => {
    if (outcomes.length === 0)
      setImmediate(() => {
        say({ outcomes, head: ledger.head })
        outcomes = []
      })
    outcomes.push(outcome)
  }
}

const carryOut = async (ledger: Ledger, { nr, rule, command }: Act): Promise<Outcome> => {
  try {
    return { nr, kept: await ledger.append(command, rules[rule] as Rule<unknown, unknown>) }
  } catch (error) {
    if (error instanceof Refusal) {
      const { code, details, field, errors } = error
      return { nr, refused: { code, details, field, errors } }
    }
    const { message, stack } = error as Error
    return { nr, broke: { message, stack } }
  }
}

try {
  const { ledger, store } = await open(workerData as WriterSettings)
  const send = outbox(ledger)
  parentPort?.on('message', async (message: ToWriter) => {
    if ('acts' in message) {
      for (const act of message.acts) void carryOut(ledger, act).then(send)
      return
    }
    await ledger.close()
    await store.close()
    // Behind the last outcomes, which leave at the end of a turn as well.
    setImmediate(() => {
      say({ closed: true })
      parentPort?.close()
    })
  })
  say({ ready: ledger.head })
} catch (error) {
  const { name, message } = error as Error
  say({ failed: { name, message } })
}

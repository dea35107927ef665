import { CashSessionClosed, Manifest, parse } from '@recyclique/contracts'
import manifestJson from '../../../modules/paheko/manifest.json' with { type: 'json' }
import { makePaheko } from '../../../modules/paheko/module.ts'
import { TIMING } from '../../../modules/paheko/timing.ts'
import { rehearse } from '../../../modules/sdk/testing.ts'
import { type FakePaheko, startFakePaheko } from '../fake/paheko.ts'

process.env.PAHEKO_TEST_USER = 'writekey'
process.env.PAHEKO_TEST_PASSWORD = 'w-s3cret'

/** What is set unless a test says otherwise; the address is the fake's. */
export const SET = { user: 'env:PAHEKO_TEST_USER', password: 'env:PAHEKO_TEST_PASSWORD' }

export const DAY = '2026-11-20'

export type Bench = Awaited<ReturnType<typeof openBench>>

/** The module in memory before a made-up Paheko. Its clock stands still until a test moves it, and chance is always the least. */
export const openBench = async (settings: object = {}, requestMs = 5_000) => {
  const paheko: FakePaheko = await startFakePaheko()
  const logged: string[] = []
  const note = (what: object, words: string) => void logged.push(`${words} ${JSON.stringify(what)}`)
  let nowMs = Date.parse(`${DAY}T18:00:00.000Z`)
  const made = makePaheko({
    manifest: parse(Manifest, manifestJson),
    timing: { ...TIMING, requestMs },
    log: { info: note, warn: note, error: note },
    now: () => new Date(nowMs),
    chance: () => 0,
    clock: () => nowMs,
    holder: 'bench',
  })
  const room = rehearse(made.module, { now: () => new Date(nowMs) })
  const { config } = made.module
  if (!config) throw new Error('the module has no settings')
  config.begin({ url: paheko.url, ...SET, ...settings })
  await config.take(undefined)
  const never = new AbortController().signal

  return {
    ...{
      paheko,
      room,
      logged,
      kv: made.module.wishes.kv,
      now: () => new Date(nowMs),
      round: () => made.round({ stop: never, cut: never }),
    },
    set: (values: object) => config.take({ values: { ...values }, origins: {} }),
    /** Hears a close, and gives the reference of its entry. */
    async close(closing: CashSessionClosed, businessDate = DAY): Promise<string> {
      await room.hear(CashSessionClosed, closing, { businessDate })
      return `RECYCLIQUE-${businessDate}-${closing.registerId}-${closing.sessionId.slice(-12)}`
    },
    /** What the API says of a session. */
    async session(reference: string) {
      const { items } = (await room.request('GET', '/sessions')).json() as {
        items: { reference: string; state: string; code: string }[]
      }
      return items.find((one) => one.reference === reference)
    },
    async states() {
      const { items } = (await room.request('GET', '/sessions')).json() as { items: { state: string; code: string }[] }
      return items.map(({ state, code }) => `${state} ${code}`)
    },
    retry: (closing: CashSessionClosed) => room.request('POST', `/sessions/${closing.sessionId}/retry`),
    later(ms: number) {
      nowMs += ms
    },
    stop: () => paheko.stop(),
  }
}

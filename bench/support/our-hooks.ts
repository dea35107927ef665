import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Hooks } from '../../kernel/hooks/hooks.ts'
import { openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { endAll, startChild } from './children.ts'
import { moduleCredsFile, type Place } from './hook-server.ts'
import {
  ALLOWED,
  AllAtOnce,
  AllInTurn,
  BENCH_HOOKS,
  Nobody,
  One,
  OneHere,
  SMALL_SALE,
  TenHere,
  Wrapped,
} from './small-sale.ts'
import { until } from './until.ts'

const nameOf = (nth: number) => (nth === 0 ? 'mortal' : `bench-${nth}`)

/** Modules that need keys, the one that will be killed among them. */
export const ourModules = (modules: number): string[] => Array.from({ length: modules + 1 }, (_, nth) => nameOf(nth))

/** The kernel as it runs, ledger and registry and all, and modules in processes of their own, admitted through their own accounts. */
export const openOurs = async (place: Place, { modules }: { modules: number }) => {
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: join(place.folder, 'kernel'), RECYCLIQUE_KEYS: place.keysDir, RECYCLIQUE_PORT: '0' },
    ...{ RECYCLIQUE_SITE: place.site, NATS_URL: place.url },
  })
  const kernel = await openKernel(settings, pino({ level: 'fatal' }), (error) => {
    throw error
  })
  const { hooks } = kernel
  hooks.book.declare('bench', BENCH_HOOKS)
  await answerHere(hooks)
  const children = Array.from({ length: modules }, (_, at) => startModule(place, at + 1))
  await until(() => answerersOf(hooks, AllAtOnce.name) === modules && answerersOf(hooks, AllInTurn.name) === modules)
  return {
    hooks,
    questions: {
      nobody: () => hooks.ask(Nobody, SMALL_SALE),
      oneHere: () => hooks.ask(OneHere, SMALL_SALE),
      tenHere: () => hooks.ask(TenHere, SMALL_SALE),
      one: () => hooks.ask(One, SMALL_SALE),
      wrapped: () => hooks.ask(Wrapped, SMALL_SALE),
      allAtOnce: () => hooks.ask(AllAtOnce, SMALL_SALE),
      allInTurn: () => hooks.ask(AllInTurn, SMALL_SALE),
    },
    async close() {
      await endAll(children)
      await kernel.close()
    },
  }
}

let started = 0

/** A process of one module, as `recyclique up` starts it, under a name of its own. */
export const startModule = (place: Place, nth: number): ChildProcess => {
  started += 1
  return startChild('./our-module.ts', {
    ...{ NTH: String(nth), RECYCLIQUE_SITE: place.site, NATS_URL: place.url, LOG_LEVEL: 'fatal' },
    ...{ RECYCLIQUE_CREDS: moduleCredsFile(place, nameOf(nth)), RECYCLIQUE_INSTANCE: `${nameOf(nth)}-${started}` },
  })
}

/** How many are asked now. */
export const answerersOf = ({ book }: Hooks, hook: string): number => book.plan(hook)?.steps.length ?? 0

const answerHere = async (hooks: Hooks): Promise<void> => {
  for (let nth = 1; nth <= 10; nth += 1) {
    const answered = nth === 1 ? [OneHere, TenHere] : [TenHere]
    await hooks.register({
      ...{ name: `here-${nth}`, version: '1.0.0', instance: `here-${nth}` },
      answers: answered.map(({ name }) => ({ hook: name, handler: name, call: () => ALLOWED })),
    })
  }
}

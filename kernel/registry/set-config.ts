import {
  ConfigTaken,
  type ConfigView,
  configFields,
  type Flaw,
  flawsOfConfig,
  type Manifest,
  parseJson,
} from '@recyclique/contracts'
import { type Bus, Unanswered } from '../bus/port.ts'
import { Refusal } from '../errors.ts'
import { configView } from './config-view.ts'
import type { Configs } from './configs.ts'
import { inTurns } from './in-turns.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { News } from './news.ts'
import type { Shared } from './parts.ts'
import { type Instance, isLiving, type Party } from './party.ts'
import { manifestOf } from './view.ts'

type Values = Readonly<Record<string, unknown>>

/** What an operator says: of which module, in whose name, and where it is written. */
export interface ConfigOrder {
  readonly module: string
  readonly values: Values
  readonly origin: string
  readonly by: string
}

/** Each refuses with `config-invalid`, every flaw at once; then nothing is kept. */
export interface ConfigOrders {
  view(module: string): ConfigView
  /** These settings and no others. */
  put(order: ConfigOrder): Promise<ConfigView>
  /** These settings; null takes one away. */
  patch(order: ConfigOrder): Promise<ConfigView>
}

interface Parts extends Pick<Shared, 'subjects' | 'roster' | 'now' | 'settle'> {
  readonly bus: Pick<Bus, 'ask'>
  readonly configs: Configs
  readonly sayToAll: Lifecycle['sayToAll']
  readonly tell: (news: News) => void
}

const TAKEN_WITHIN_MS = 5_000
const MOST_BYTES = 64_000

/**
 * What is set for a module: looked at, kept, and then told to every process of it. Kept is what the operator wants; a process that
 * cannot take it goes on with what it had, says why, and the module's reasons repeat it until it can.
 */
export const openConfigOrders = (parts: Parts): ConfigOrders => {
  const { configs, roster, settle } = parts
  const inTurn = inTurns()
  const partiesOf = (module: string) => roster.families.get(module)?.parties ?? []
  const living = (module: string) =>
    partiesOf(module).flatMap((party) =>
      [...party.instances.values()].filter(isLiving).map((instance) => ({ party, instance })),
    )

  const view = (module: string): ConfigView =>
    configView(module, {
      manifest: manifestOf(roster.families.get(module)),
      rows: configs.rowsOf(module),
      shown: living(module).at(-1)?.instance.config ?? [],
    })

  const keep = async (order: ConfigOrder, values: Values): Promise<ConfigView> => {
    const { module, origin, by } = order
    refuseUnfit(module, values)
    await configs.keep(module, values, { origin, by, at: parts.now().toISOString() })
    parts.tell({ is: 'configured', module })
    const taken = await Promise.all(living(module).map((one) => hand(module, one)))
    for (const party of partiesOf(module)) if (party.place === 'standby') parts.sayToAll(party, 'announce')
    settle(module)
    return { ...view(module), taken }
  }

  /** A module that is not known is looked at when it announces itself. */
  const refuseUnfit = (module: string, values: Values) => {
    const manifest = manifestOf(roster.families.get(module))
    const flaws = [...tooMuch(values), ...(manifest ? flawsFor(module, manifest, values) : [])]
    if (flaws.length === 0) return
    const words = flaws.map(({ field, why }) => `${field.slice(1) || 'all of it'} ${why}`).join('; ')
    const errors = flaws.map(({ field, why }) => ({ field: `/config${field}`, why }))
    throw new Refusal('config-invalid', { module, flaws: words }, { errors, field: errors[0]?.field ?? '/config' })
  }

  const flawsFor = (module: string, { config }: Manifest, values: Values): Flaw[] => {
    const fields = readable(config)
    // It is rejected for its schema: what is set is looked at when it comes with another.
    if (!fields) return []
    const before = configs.of(module)?.values ?? {}
    const processes = living(module)
    /** The process was given it itself, as far as can be seen from here. */
    const isGiven = (key: string) =>
      processes.length === 0 ||
      processes.some(({ instance }) =>
        instance.config.some((one) => one.key === key && one.origin !== 'not set' && !Object.hasOwn(before, key)),
      )
    const missing = [...fields.fields.values()].filter(
      ({ key, isRequired, fallback }) =>
        isRequired && fallback === undefined && !Object.hasOwn(values, key) && !isGiven(key),
    )
    return [...flawsOfConfig(fields, values), ...missing.map(({ key }) => ({ field: `/${key}`, why: 'is missing' }))]
  }

  /** Told at once, before anything else can be: no process hears an older word after a newer one. */
  const hand = async (module: string, { instance }: { party: Party; instance: Instance }) => {
    const { ok, words, config } = await answerOf(module, instance)
    instance.configTrouble = ok ? undefined : words
    if (config) instance.config = config
    settle(module, instance.id)
    return { instance: instance.id, ok, ...(words === undefined ? {} : { words }) }
  }

  const answerOf = async (module: string, instance: Instance): Promise<ConfigTaken> => {
    const subject = parts.subjects.toModule(module, instance.id, 'control', 'config')
    const text = JSON.stringify(configs.of(module) ?? { values: {}, origins: {} })
    const wanted = { withinMs: TAKEN_WITHIN_MS, among: instance.pending }
    try {
      const answer = parseJson(ConfigTaken, await parts.bus.ask(subject, text, wanted), 'its answer')
      return answer.ok ? answer : { ...answer, words: answer.words ?? 'it does not say why' }
    } catch (error) {
      return { ok: false, words: whyNot(error as Error) }
    }
  }

  return {
    view,
    put: (order) => inTurn(order.module, () => keep(order, order.values)),
    patch: (order) =>
      inTurn(order.module, () => keep(order, merged(configs.of(order.module)?.values ?? {}, order.values))),
  }
}

const readable = (document: Manifest['config']) => {
  try {
    return configFields(document)
  } catch {
    return undefined
  }
}

const merged = (before: Values, changes: Values): Values =>
  Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null))

const tooMuch = (values: Values): Flaw[] =>
  JSON.stringify(values).length > MOST_BYTES
    ? [{ field: '', why: `is over ${MOST_BYTES / 1_000} kB: put what is long into a file, and its path here` }]
    : []

const whyNot = (error: Error) =>
  error instanceof Unanswered && error.how === 'nobody'
    ? 'it does not listen for changes: start it again'
    : `it does not say whether it took it: ${error.message}`

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

/** What the installation's list says of a module. */
export interface ListOrder extends ConfigOrder {
  readonly isEnabled: boolean
  /** Settings whose new word takes the place of what was set by hand. */
  readonly lifted: readonly string[]
}

/** Each refuses with `config-invalid`, every flaw at once; then nothing is kept. */
export interface ConfigOrders {
  view(module: string): ConfigView
  /** These settings and no others. */
  put(order: ConfigOrder): Promise<ConfigView>
  /** These settings; null takes one away. */
  patch(order: ConfigOrder): Promise<ConfigView>
  /** The list's word on it, below what is set by hand. */
  list(order: ListOrder): Promise<ConfigView>
  /** Refuses as `list` would, and changes nothing. */
  checkList(order: ListOrder): void
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
      under: (setting) => configs.under(module, setting),
      shown: living(module).at(-1)?.instance.config ?? [],
    })

  /** By hand these and no others; looked at together with what the list says below them. */
  const keep = async (order: ConfigOrder, values: Values): Promise<ConfigView> => {
    refuseUnfit(order.module, { ...configs.listed(order.module)?.config, ...values })
    await configs.keep(order.module, values, sayingOf(order))
    return tellAll(order.module)
  }

  const keepList = async (order: ListOrder): Promise<ConfigView> => {
    const { module, values, isEnabled, lifted } = order
    refuseUnfitList(order)
    await configs.list(module, { isEnabled, config: values }, lifted, sayingOf(order))
    return tellAll(module)
  }

  const refuseUnfitList = ({ module, values, lifted }: ListOrder) => {
    const byHand = Object.entries(configs.byHand(module)).filter(([key]) => !lifted.includes(key))
    // Who has no schema takes it at its start, and nothing here knows what fits.
    if (manifestOf(roster.families.get(module))?.config)
      refuseUnfit(module, { ...values, ...Object.fromEntries(byHand) })
  }

  const sayingOf = ({ origin, by }: ConfigOrder) => ({ origin, by, at: parts.now().toISOString() })

  const tellAll = async (module: string): Promise<ConfigView> => {
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
    const { ok, words, config, isHeard = true } = await answerOf(module, instance)
    instance.configTrouble = ok ? undefined : words
    if (config) instance.config = config
    settle(module, instance.id)
    return { instance: instance.id, ok, ...(isHeard ? {} : { isHeard }), ...(words === undefined ? {} : { words }) }
  }

  const answerOf = async (module: string, instance: Instance): Promise<ConfigTaken & { isHeard?: boolean }> => {
    const subject = parts.subjects.toModule(module, instance.id, 'control', 'config')
    const text = JSON.stringify(configs.of(module) ?? { values: {}, origins: {} })
    const wanted = { withinMs: TAKEN_WITHIN_MS, among: instance.pending }
    try {
      const answer = parseJson(ConfigTaken, await parts.bus.ask(subject, text, wanted), 'its answer')
      return answer.ok ? answer : { ...answer, words: answer.words ?? 'it does not say why' }
    } catch (error) {
      return { ok: false, words: whyNot(error as Error), isHeard: !isNobody(error as Error) }
    }
  }

  return {
    view,
    put: (order) => inTurn(order.module, () => keep(order, order.values)),
    patch: (order) => inTurn(order.module, () => keep(order, merged(configs.byHand(order.module), order.values))),
    list: (order) => inTurn(order.module, () => keepList(order)),
    checkList: refuseUnfitList,
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

const isNobody = (error: Error) => error instanceof Unanswered && error.how === 'nobody'

const whyNot = (error: Error) =>
  isNobody(error)
    ? 'it does not listen for changes: start it again'
    : `it does not say whether it took it: ${error.message}`

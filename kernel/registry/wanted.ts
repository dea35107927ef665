import {
  ConfigKey,
  configFields,
  type Manifest,
  type ModuleOrdered,
  parse,
  type WantedModule,
  type WantedOutcome,
} from '@recyclique/contracts'
import { Refusal } from '../errors.ts'
import type { Command } from '../ledger/rule.ts'
import type { Configs } from './configs.ts'
import { inTurns } from './in-turns.ts'
import { orderModule } from './order-module.ts'
import type { RegistryParts } from './parts.ts'
import type { ConfigOrders } from './set-config.ts'
import type { Standings } from './standings.ts'

type Values = Readonly<Record<string, unknown>>

interface Parts extends Pick<RegistryParts, 'decide'> {
  readonly standings: Standings
  readonly configs: Configs
  readonly orders: ConfigOrders
  readonly manifestFor: (module: string) => Manifest | undefined
  /** Carries out what the ledger has by now. */
  readonly ordered: (module: string) => Promise<void>
}

/** The installation's list as somebody hands it over; `isDryRun`: only to see what would change. */
export interface HandedOver {
  readonly items: readonly WantedModule[]
  readonly by: string
  readonly isDryRun: boolean
}

/**
 * The installation's list, in its order. It gives a rank to whoever has none, in this order; it says who rests; and its settings lie below
 * what is set by hand. What an operator said at run time stands until the list changes its own word on that very thing. Each module for
 * itself: what cannot be taken of one keeps no other.
 */
export const openWanted = (parts: Parts) => {
  const { standings, configs, orders, decide, ordered } = parts
  const inTurn = inTurns()

  const take = async ({ items, by, isDryRun }: HandedOver): Promise<WantedOutcome[]> => {
    const ranks = isDryRun ? new Map<string, number>() : await rank(items)
    const outcomes: WantedOutcome[] = []
    for (const item of items) {
      const change = changeFor(item)
      const { name: module } = item
      const place = ranks.get(module)
      const { settings, desired } = change
      outcomes.push({
        ...{ module, settings, ...(place === undefined ? {} : { rank: place }), ...(desired ? { desired } : {}) },
        ...(isNothing(change, configs.listed(module)) ? {} : await carriedOut(item, change, { by, isDryRun })),
      })
    }
    return outcomes
  }

  /** Those who have none are given one each, in the order of the list. */
  const rank = async (items: readonly WantedModule[]): Promise<Map<string, number>> => {
    const given = new Map<string, number>()
    for (const { name: module } of items) {
      const { rank: has, state: to, version } = standings.of(module)
      if (has !== undefined) continue
      const reason = 'Its place follows the list of the installation.'
      const { rank } = await standings.change({ module, version, to, reason, isLetIn: true })
      if (rank !== undefined) given.set(module, rank)
    }
    return given
  }

  const changeFor = ({ name, enabled: said, config = {} }: WantedModule) => {
    const before = configs.listed(name)
    const enabled = said ?? before?.isEnabled ?? true
    const { disabled } = standings.of(name)
    const isOther = (before?.isEnabled ?? true) !== enabled
    const isSo = enabled === (disabled === undefined)
    const settings = settingsThatChange(name, before?.config, config)
    return {
      settings,
      isEnabled: enabled,
      ...(isOther && !isSo ? { desired: enabled ? ('enabled' as const) : ('disabled' as const) } : {}),
      isOther,
    }
  }

  type Change = ReturnType<typeof changeFor>

  /** Said once at least, so that the next change is seen as one. */
  const isNothing = ({ isOther, settings }: Change, before: ReturnType<Configs['listed']>) =>
    before !== undefined && !isOther && settings.length === 0

  const settingsThatChange = (module: string, before: Values | undefined, now: Values): WantedOutcome['settings'] => {
    const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(now)])]
    const isPlain = plainKeys(parts.manifestFor(module))
    return keys
      .filter((key) => JSON.stringify(before?.[key]) !== JSON.stringify(now[key]))
      .map((key) => {
        const secret = !isPlain(key)
        const set = configs
          .rowsOf(module)
          .find(({ setting }) => setting === key && Object.hasOwn(configs.byHand(module), key))
        return {
          ...{ key, secret, isGone: !Object.hasOwn(now, key) },
          ...(secret || before?.[key] === undefined ? {} : { was: before[key] }),
          ...(secret || now[key] === undefined ? {} : { is: now[key] }),
          // Of a list that was never seen before nobody can say that it changed anything.
          ...(set && before ? { lifts: set.origin } : {}),
        }
      })
  }

  type How = Pick<HandedOver, 'by' | 'isDryRun'>

  const carriedOut = async (item: WantedModule, change: Change, how: How): Promise<Partial<WantedOutcome>> => {
    const unfit = unfitKeys(item)
    if (unfit.length > 0)
      return { refused: `${unfit.join(', ')}: the name of a setting must be ${ConfigKey.description}` }
    try {
      return await carryOut(item, change, how)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { refused: error.message }
    }
  }

  const carryOut = async (item: WantedModule, { settings, desired, isEnabled }: Change, { by, isDryRun }: How) => {
    const { name: module, config: values = {}, origin } = item
    const lifted = settings.flatMap(({ key, lifts }) => (lifts === undefined ? [] : [key]))
    const said = { module, values, origin, by, isEnabled, lifted }
    if (isDryRun) {
      orders.checkList(said)
      return {}
    }
    const { taken = [] } = await orders.list(said)
    if (desired) await order({ module, order: desired === 'enabled' ? 'enable' : 'disable', reason: origin }, by)
    const manifest = parts.manifestFor(module)
    return {
      ...(settings.length > 0 ? { taken } : {}),
      ...(manifest && !manifest.config ? { isReadAtStart: true } : {}),
    }
  }

  const order = async (body: ModuleOrdered, actor: Command['actor']): Promise<void> => {
    await decide(orderModule, body, { actor })
    await ordered(body.module)
  }

  return { take: (handed: HandedOver) => inTurn('', () => take(handed)) }
}

export type Wanted = ReturnType<typeof openWanted>

/** What no module could ever be told. */
const unfitKeys = ({ config = {} }: WantedModule): string[] => Object.keys(config).filter((key) => !isKey(key))

const isKey = (key: string): boolean => {
  try {
    parse(ConfigKey, key)
    return true
  } catch {
    return false
  }
}

/** Known, and no secret. */
const plainKeys = (manifest: Manifest | undefined): ((key: string) => boolean) => {
  try {
    const { fields } = configFields(manifest?.config)
    return (key) => fields.get(key)?.isSecret === false
  } catch {
    return () => false
  }
}

import { type Announce, configFields, flawsOfConfig, type KeptConfig } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'
import { type Change, put, type Row, remove } from '../store/table.ts'

/** One setting that the kernel keeps for a module, because somebody set it by hand. */
export interface ConfigRow extends Row {
  readonly module: string
  readonly setting: string
  /** JSON. */
  readonly value: string
  readonly origin: string
  readonly set_by: string
  readonly set_at: string
}

/** What the installation's list says of a module. */
interface WantedRow extends Row {
  readonly module: string
  readonly enabled: number
  /** JSON, all of it. */
  readonly config: string
  readonly origin: string
  readonly set_by: string
  readonly set_at: string
}

export interface ConfigsParts {
  readonly read: Read
  readonly write: (changes: readonly Change[]) => Promise<void>
}

/** Who sets something, where it was said, and when. */
export interface Saying {
  readonly origin: string
  readonly by: string
  readonly at: string
}

type Values = Readonly<Record<string, unknown>>

/** The list's word on one module. */
export interface Listed {
  readonly isEnabled: boolean
  readonly config: Values
}

/**
 * What is set for the modules, whether they are there or not: in memory, so that it can be looked at in the middle of anything.
 *
 * Two layers: what the installation's list says, and over it what somebody set by hand. What was set by hand stands until it is unset, or
 * until the list says something else of that very setting: the last word on a setting holds, whoever spoke it.
 */
export const openConfigs = async ({ read, write }: ConfigsParts) => {
  const kept = new Map<string, readonly ConfigRow[]>()
  const lists = new Map<string, WantedRow>()

  const hold = (module: string, rows: readonly ConfigRow[]) =>
    rows.length > 0 ? kept.set(module, rows) : kept.delete(module)

  const reload = async (module: string): Promise<void> => {
    hold(module, await read.all<ConfigRow>('SELECT * FROM module_config WHERE module = ? ORDER BY setting', module))
    const listed = await read.one<WantedRow>('SELECT * FROM module_wanted WHERE module = ?', module)
    if (listed) lists.set(module, listed)
  }

  const handRows = (module: string): readonly ConfigRow[] => kept.get(module) ?? []

  /** What the list says, setting by setting. */
  const listRows = (module: string): ConfigRow[] => {
    const listed = lists.get(module)
    if (!listed) return []
    const { origin, set_by, set_at } = listed
    return Object.entries(JSON.parse(listed.config) as Values).map(([setting, value]) => ({
      ...{ module, setting, value: JSON.stringify(value), origin, set_by, set_at },
    }))
  }

  const isByHand = (module: string) => (setting: string) => handRows(module).some((row) => row.setting === setting)

  const rowsOf = (module: string): ConfigRow[] => [
    ...listRows(module).filter(({ setting }) => !isByHand(module)(setting)),
    ...handRows(module),
  ]

  const of = (module: string): KeptConfig | undefined => {
    const rows = rowsOf(module)
    const isWhole = lists.has(module)
    if (rows.length === 0 && !isWhole) return undefined
    const origins = Object.fromEntries(rows.map(({ setting, origin }) => [setting, origin]))
    return { values: valuesIn(rows), origins, ...(isWhole ? { isWhole } : {}) }
  }

  const listed = (module: string): Listed | undefined => {
    const row = lists.get(module)
    return row && { isEnabled: row.enabled === 1, config: JSON.parse(row.config) as Values }
  }

  for (const { module } of await read.all<{ module: string }>(
    'SELECT module FROM module_config UNION SELECT module FROM module_wanted',
  ))
    await reload(module)

  return {
    ...{ of, rowsOf, reload, listed },

    /** What was set by hand, and nothing else. */
    byHand: (module: string): Values => valuesIn(handRows(module)),

    /** What the list says of a setting that was set by hand as well. */
    under: (module: string, setting: string): ConfigRow | undefined =>
      isByHand(module)(setting) ? listRows(module).find((row) => row.setting === setting) : undefined,

    /** By hand these and no others, on disk when it resolves. What stays as it was keeps its origin. */
    async keep(module: string, values: Values, saying: Saying): Promise<void> {
      const before = handRows(module)
      const rows = Object.entries(values).map(([setting, one]): ConfigRow => {
        const value = JSON.stringify(one)
        const same = before.find((row) => row.setting === setting && row.value === value)
        return same ?? { module, setting, value, origin: saying.origin, set_by: saying.by, set_at: saying.at }
      })
      const gone = before.filter(({ setting }) => !Object.hasOwn(values, setting))
      await write([
        ...gone.map(({ setting }) => remove('module_config', { module, setting })),
        ...rows.filter((row) => !before.includes(row)).map((row) => put('module_config', row)),
      ])
      hold(module, rows)
    },

    /** The list's word from now on. What was set by hand over the settings of `lifted` is taken away with it. */
    async list(
      module: string,
      { isEnabled, config }: Listed,
      lifted: readonly string[],
      saying: Saying,
    ): Promise<void> {
      const { origin, by: set_by, at: set_at } = saying
      const row = { module, enabled: isEnabled ? 1 : 0, config: JSON.stringify(config), origin, set_by, set_at }
      await write([put('module_wanted', row), ...lifted.map((setting) => remove('module_config', { module, setting }))])
      lists.set(module, row)
      hold(
        module,
        handRows(module).filter(({ setting }) => !lifted.includes(setting)),
      )
    },

    /**
     * Why a module that announces itself must wait for its configuration: what is kept for it does not fit its schema, or its process cannot
     * work with what is set. What the process was given counts only where nothing is kept over it. A module without a schema reads at its
     * start what the list says, by itself: only what was set by hand can be wrong then.
     */
    waitsFor({ manifest, configFlaws = [] }: Pick<Announce, 'manifest' | 'configFlaws'>): string[] {
      const { name, config } = manifest
      const values = config === undefined ? valuesIn(handRows(name)) : (of(name)?.values ?? {})
      const misfits = flawsOfConfig(configFields(config), values)
      const told = configFlaws
        .filter(({ key, kept: isKept }) => key === '' || isKept === Object.hasOwn(values, key))
        .filter(({ key }) => !misfits.some(({ field }) => field === `/${key}`))
      return [
        ...misfits.map(({ field, why }) => `Its configuration does not fit: ${field.slice(1)} ${why}.`),
        ...told.map(({ key, why }) => `Its configuration ${key === '' ? why : `does not fit: ${key} ${why}`}.`),
      ]
    },
  }
}

export type Configs = Awaited<ReturnType<typeof openConfigs>>

const valuesIn = (rows: readonly ConfigRow[]): Record<string, unknown> =>
  Object.fromEntries(rows.map(({ setting, value }) => [setting, JSON.parse(value) as unknown]))

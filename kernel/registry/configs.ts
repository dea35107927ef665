import { type Announce, configFields, flawsOfConfig, type KeptConfig } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'
import { type Change, put, type Row, remove } from '../store/table.ts'

/** One setting that the kernel keeps for a module. */
export interface ConfigRow extends Row {
  readonly module: string
  readonly setting: string
  /** JSON. */
  readonly value: string
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

/** What is set for the modules, whether they are there or not: in memory, so that it can be looked at in the middle of anything. */
export const openConfigs = async ({ read, write }: ConfigsParts) => {
  const kept = new Map<string, readonly ConfigRow[]>()

  const hold = (module: string, rows: readonly ConfigRow[]) =>
    rows.length > 0 ? kept.set(module, rows) : kept.delete(module)

  const reload = async (module: string): Promise<void> => {
    hold(module, await read.all<ConfigRow>('SELECT * FROM module_config WHERE module = ? ORDER BY setting', module))
  }

  const rowsOf = (module: string): readonly ConfigRow[] => kept.get(module) ?? []

  const of = (module: string): KeptConfig | undefined => {
    const rows = rowsOf(module)
    if (rows.length === 0) return undefined
    const entries = <T>(take: (row: ConfigRow) => T) => Object.fromEntries(rows.map((row) => [row.setting, take(row)]))
    return { values: entries(({ value }) => JSON.parse(value) as unknown), origins: entries(({ origin }) => origin) }
  }

  for (const { module } of await read.all<{ module: string }>('SELECT DISTINCT module FROM module_config'))
    await reload(module)

  return {
    ...{ of, rowsOf, reload },

    /** These and no others, on disk when it resolves. What stays as it was keeps its origin. */
    async keep(module: string, values: Readonly<Record<string, unknown>>, saying: Saying): Promise<void> {
      const before = rowsOf(module)
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

    /**
     * Why a module that announces itself must wait for its configuration: what is kept for it does not fit its schema, or its process cannot
     * work with what is set. What the process was given counts only where nothing is kept over it.
     */
    waitsFor({ manifest, configFlaws = [] }: Pick<Announce, 'manifest' | 'configFlaws'>): string[] {
      const { values } = of(manifest.name) ?? { values: {} }
      const misfits = flawsOfConfig(configFields(manifest.config), values)
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

import {
  type ConfigFields,
  type ConfigFlaw,
  type ConfigTaken,
  configFields,
  flawsOfConfig,
  flawsOfValue,
  type KeptConfig,
} from '@recyclique/contracts'
import type { Static, TObject, TSchema } from '@sinclair/typebox'
import { ModuleError } from './errors.ts'
import { secretAt } from './secrets.ts'

/**
 * Called with what is in force, first when the module learns it (`before` is undefined), then at each change, before anybody reads it. What it
 * throws keeps the old: the operator reads why.
 */
export type ConfigHandler<C> = (now: C, before: C | undefined) => unknown

/** What is set for this module. */
export interface Config<S extends TObject = TObject> {
  readonly schema: S
  /**
   * What is in force now: read it where it is needed, and keep no copy. A secret is looked up at each reading, and stands in no
   * listing of the fields, so that no log shows it. Throws before the module runs.
   */
  readonly current: Static<S>
  onChange(handle: ConfigHandler<Static<S>>): Config<S>
}

/** The same, as the one who runs the module uses it. */
export interface RunningConfig extends Config {
  /** What this process was given itself. What is wrong with it may still be mended by what the kernel keeps. */
  begin(given: Values): void
  /** What the kernel keeps, from now on. Never rejects. One at a time. */
  take(kept: KeptConfig | undefined): Promise<ConfigTaken>
  /** Resolves when the kernel has said for the first time what it keeps, and that was taken or not. */
  readonly told: Promise<void>
  readonly isReady: boolean
  readonly kept: KeptConfig
  /** What keeps the module from working. */
  readonly flaws: readonly ConfigFlaw[]
  /** Why what was kept last was not taken, where something older is in force. */
  readonly refused: string | undefined
  /** How often something was taken. */
  readonly turns: number
}

type Values = Readonly<Record<string, unknown>>

const NOTHING: KeptConfig = { values: {}, origins: {} }

/** What can be set, as a TypeBox schema; a property may say `secret: true`. The manifest's `config` says the same as JSON. */
export const openConfig = <S extends TObject>(schema: S): Config<S> & RunningConfig => {
  const fields = configFields(JSON.parse(JSON.stringify(schema)))
  const told = Promise.withResolvers<void>()
  let handle: ConfigHandler<Static<S>> | undefined
  let given: Values = {}
  let kept = NOTHING
  let inForce: { readonly text: string; readonly values: Static<S> } | undefined
  let flaws: readonly ConfigFlaw[] = []
  let refused: string | undefined
  let turns = 0
  let last: Promise<unknown> = Promise.resolve()

  const takeNow = async (next: KeptConfig): Promise<ConfigTaken> => {
    const set = { ...(next.isWhole ? {} : given), ...next.values }
    const found = flawsIn(fields, set, next)
    const text = JSON.stringify(Object.entries(set).sort())
    if (found.length > 0) return hold(next, found)
    if (inForce?.text === text) return settle(next)
    const values = valuesOf(fields, set) as Static<S>
    try {
      await handle?.(values, inForce?.values)
    } catch (error) {
      const why = (error as Error).message.slice(0, 500)
      return hold(next, [{ key: '', why: `could not be taken: ${why}`, kept: Object.keys(next.values).length > 0 }])
    }
    inForce = { text, values }
    return settle(next)
  }

  const settle = (next: KeptConfig): ConfigTaken => {
    kept = next
    flaws = []
    refused = undefined
    return { ok: true }
  }

  /** Something older in force: it stays so. Nothing yet: the module cannot work. */
  const hold = (next: KeptConfig, found: readonly ConfigFlaw[]): ConfigTaken => {
    const words = found.map(({ key, why }) => `${key} ${why}`.trim()).join('; ')
    if (inForce) refused = words
    else {
      kept = next
      flaws = found
    }
    return { ok: false, words }
  }

  const config: Config<S> & RunningConfig = {
    schema,
    told: told.promise,
    get current() {
      if (!inForce) throw new ModuleError('config-early')
      return inForce.values
    },
    onChange(one) {
      if (handle) throw new ModuleError('config-twice')
      handle = one
      return config
    },
    begin(values) {
      given = values
      flaws = flawsIn(fields, values, NOTHING)
    },
    take(next = NOTHING) {
      turns += 1
      const taking = last.then(() => takeNow(next))
      last = taking
      void taking.then(() => told.resolve())
      return taking
    },
    get isReady() {
      return inForce !== undefined
    },
    get kept() {
      return kept
    },
    get flaws() {
      return flaws
    },
    get refused() {
      return refused
    },
    get turns() {
      return turns
    },
  }
  return config
}

/** Everything that is wrong, at once: the form of what is set, what is missing, and what the secrets lead to. */
const flawsIn = (schema: ConfigFields, set: Values, { values }: KeptConfig): ConfigFlaw[] => {
  const flaw = (key: string, why: string): ConfigFlaw => ({ key, why, kept: Object.hasOwn(values, key) })
  const unfit = flawsOfConfig(schema, set).map(({ field, why }) => {
    const [, key = '', rest = ''] = /^\/([^/]+)(.*)$/.exec(field) ?? []
    return flaw(key, rest === '' ? why : `(${rest}) ${why}`)
  })
  const fields = [...schema.fields.values()]
  const missing = fields
    .filter(({ key, isRequired, fallback }) => isRequired && fallback === undefined && !Object.hasOwn(set, key))
    .map(({ key }) => flaw(key, 'is not set'))
  const lost = fields
    .filter(({ key, isSecret }) => isSecret && typeof set[key] === 'string' && !unfit.some((one) => one.key === key))
    .flatMap(({ key, schema }) => secretFlaws(schema, key, set[key] as string).map((why) => flaw(key, why)))
  return [...unfit, ...missing, ...lost]
}

const secretFlaws = (schema: TSchema, key: string, reference: string): string[] => {
  try {
    return flawsOfValue(schema, secretAt(reference), key).map(({ why }) => `leads to a secret that ${why}`)
  } catch (error) {
    return [(error as Error).message]
  }
}

/** Frozen; the secrets are there for whoever asks by name, and for nobody who lists the fields. */
const valuesOf = ({ fields }: ConfigFields, set: Values): object => {
  const values: Record<string, unknown> = {}
  for (const { key, fallback } of fields.values()) if (fallback !== undefined) values[key] = fallback
  for (const [key, value] of Object.entries(set)) {
    if (!fields.get(key)?.isSecret) values[key] = value
    else Object.defineProperty(values, key, { get: () => secretAt(value as string), enumerable: false })
  }
  return Object.freeze(values)
}

import {
  type ConfigFields,
  type ConfigShown,
  type ConfigView,
  configFields,
  type Manifest,
  parse,
  SecretReference,
} from '@recyclique/contracts'
import type { ConfigRow } from './configs.ts'

type Item = ConfigView['items'][number]

interface Seen {
  readonly manifest: Manifest | undefined
  readonly rows: readonly ConfigRow[]
  readonly shown: ConfigShown
  /** What the installation's list says of a setting that was set by hand. */
  readonly under?: (setting: string) => ConfigRow | undefined
}

/**
 * What is in force for a module, setting by setting: what the kernel keeps, else what its process says of itself, else the schema's default. Of a
 * secret the reference; of a setting that no schema knows no value, since nobody can say that it is no secret.
 */
export const configView = (module: string, { manifest, rows, shown, under = () => undefined }: Seen): ConfigView => {
  const { fields } = fieldsOf(manifest)
  const keys = new Set([...fields.keys(), ...rows.map(({ setting }) => setting), ...shown.map(({ key }) => key)])
  const itemOf = (key: string): Item => {
    const field = fields.get(key)
    const secret = field === undefined || field.isSecret
    const words = field?.description === undefined ? {} : { description: field.description }
    const row = rows.find(({ setting }) => setting === key)
    if (row) {
      const { origin, set_by: by, set_at: at } = row
      const plain = (one: ConfigRow) => shownValue(JSON.parse(one.value), field !== undefined, secret)
      const below = under(key)
      const over = below ? { over: { origin: below.origin, ...plain(below) } } : {}
      return { key, secret, origin, by, at, ...over, ...words, ...plain(row) }
    }
    const { value, origin } = shown.find((one) => one.key === key) ?? unset(field?.fallback)
    return { key, secret, origin, ...words, ...(secret || value === undefined ? {} : { value }) }
  }
  return { module, isKnown: manifest !== undefined, items: [...keys].map(itemOf) }
}

const unset = (value: unknown) => ({ value, origin: value === undefined ? 'not set' : 'default' })

/** What is kept of a secret that is no reference was kept before its manifest was known: it stays hidden. */
const shownValue = (value: unknown, isKnown: boolean, secret: boolean): { value?: unknown } => {
  if (!secret) return { value }
  return isKnown && isReference(value) ? { value } : {}
}

const isReference = (value: unknown): boolean => {
  try {
    parse(SecretReference, value)
    return true
  } catch {
    return false
  }
}

const fieldsOf = (manifest: Manifest | undefined): ConfigFields => {
  try {
    return configFields(manifest?.config)
  } catch {
    return configFields(undefined)
  }
}

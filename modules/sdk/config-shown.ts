import type { Announce, KeptConfig, Manifest } from '@recyclique/contracts'
import type { Settings } from './settings.ts'

type Shown = NonNullable<Announce['config']>
type Property = { readonly secret?: unknown; readonly default?: unknown }

/**
 * What is set here, for whoever looks at the module from outside: each key of the manifest's schema and each that was given, with
 * where its value comes from. A secret stays here, and so does a value of a key that the schema does not know: nobody can say that it is none.
 */
export const shownConfig = (
  manifest: Manifest,
  { config: given = {}, configOrigin = 'given' }: Settings,
  kept: KeptConfig = { values: {}, origins: {} },
): Shown => {
  const { properties = {} } = (manifest.config ?? {}) as { properties?: Readonly<Record<string, Property>> }
  const config = { ...(kept.isWhole ? {} : given), ...kept.values }
  const keys = [...new Set([...Object.keys(properties), ...Object.keys(config)])]
  return keys.map((key) => {
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined
    const secret = schema === undefined || schema.secret === true
    const isGiven = Object.hasOwn(config, key)
    const value = isGiven ? config[key] : schema?.default
    const origin = isGiven ? (kept.origins[key] ?? configOrigin) : value === undefined ? 'not set' : 'default'
    return { key, secret, origin, ...(secret || value === undefined ? {} : { value }) }
  })
}

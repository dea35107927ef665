import type { HookSpec } from '@recyclique/contracts'

/** What a call needs to know of a hook, worked out once. */
export interface Terms {
  readonly spec: HookSpec
  /** False for a hook that nobody declared: its arguments are not checked, and each one that is asked for is needed. */
  readonly isDeclared: boolean
  /** In the order of the declaration. */
  readonly argNames: readonly string[]
  /** Those that a caller should give: neither optional nor with a default. */
  readonly needed: ReadonlySet<string>
  readonly defaults: Readonly<Record<string, unknown>>
  readonly hasDefaults: boolean
}

export const termsOf = (spec: HookSpec): Terms => {
  const argNames = Object.keys(spec.args.properties)
  const mandatory = new Set(spec.args.required ?? [])
  const withDefault = argNames.filter((name) => spec.args.properties[name]?.default !== undefined)
  return {
    spec,
    isDeclared: spec.version > 0,
    argNames,
    needed: new Set(argNames.filter((name) => mandatory.has(name) && !withDefault.includes(name))),
    defaults: Object.fromEntries(withDefault.map((name) => [name, spec.args.properties[name]?.default])),
    hasDefaults: withDefault.length > 0,
  }
}

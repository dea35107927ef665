import type { HookSpec } from '@recyclique/contracts'
import type { Args } from './step.ts'

/** A call that is kept for those who come later. `seq` counts over all historic hooks together. */
export interface PastCall {
  readonly seq: number
  readonly hook: string
  readonly args: Args
  readonly at: number
}

/** Where past calls are kept. In memory here; a store that outlives the kernel has the same verbs. */
export interface History {
  keep(spec: HookSpec, args: Args, at: number): PastCall
  /** The first one behind `seq` for any of these hooks that is still worth keeping. */
  next(hooks: readonly string[], seq: number, now: number): PastCall | undefined
  has(seq: number): boolean
  /** All past calls of a hook go. */
  clear(hook: string): void
  /** How far a module has come with the hooks that are replayed once per module. */
  servedUpTo(module: string): number
  serve(module: string, seq: number): void
  /** The place of the newest call that was ever kept; 0: none. */
  last(): number
}

/** What an earlier kernel left. */
export interface Past {
  readonly calls: readonly PastCall[]
  readonly served: ReadonlyMap<string, number>
  readonly last: number
}

/** `changed` is called after each change, with what is kept now. */
export const memoryHistory = (
  specOf: (hook: string) => HookSpec | undefined,
  past: Past = { calls: [], served: new Map(), last: 0 },
  changed: (past: Past) => void = () => {},
): History => {
  let calls: readonly PastCall[] = past.calls
  let last = past.last
  const served = new Map(past.served)
  const tell = () => changed({ calls, served: new Map(served), last })
  const isKept = (call: PastCall, now: number) => {
    const age = specOf(call.hook)?.historic?.maxAgeMs
    return age === undefined || now - call.at <= age
  }
  return {
    keep(spec, args, at) {
      last += 1
      const call = { seq: last, hook: spec.name, args: structuredClone(args), at }
      calls = [...calls.filter((old) => !isReplaced(spec, old, call)), call]
      calls = withoutSurplus(spec, calls)
      tell()
      return call
    },
    next: (hooks, seq, now) => calls.find((call) => call.seq > seq && hooks.includes(call.hook) && isKept(call, now)),
    has: (seq) => calls.some((call) => call.seq === seq),
    clear(hook) {
      calls = calls.filter((call) => call.hook !== hook)
      tell()
    },
    servedUpTo: (module) => served.get(module) ?? 0,
    serve(module, seq) {
      if (seq <= (served.get(module) ?? 0)) return
      served.set(module, seq)
      tell()
    },
    last: () => last,
  }
}

const isReplaced = ({ historic }: HookSpec, old: PastCall, call: PastCall): boolean =>
  historic?.key !== undefined && old.hook === call.hook && old.args[historic.key] === call.args[historic.key]

const withoutSurplus = ({ name, historic }: HookSpec, calls: readonly PastCall[]): readonly PastCall[] => {
  const own = calls.filter(({ hook }) => hook === name)
  const surplus = own.slice(0, Math.max(0, own.length - (historic?.maxCount ?? own.length)))
  return surplus.length > 0 ? calls.filter((call) => !surplus.includes(call)) : calls
}

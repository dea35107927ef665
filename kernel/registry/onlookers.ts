import type { SeenCall, SeenCalls, Subjects } from '@recyclique/contracts'
import type { Bus } from '../bus/port.ts'
import type { HookError } from '../hooks/hook-error.ts'
import type { Hooks } from '../hooks/hooks.ts'
import type { SeenCall as Seen, SeenOutcome } from '../hooks/taps.ts'
import { leastBusy } from '../remote/choose-peer.ts'
import type { Roster } from './roster.ts'

/** Between two messages to one module. */
const EVERY_MS = 100

/** Kept for one module until the next message; what is more is counted and not shown. */
const MOST_CALLS = 500

interface Parts {
  readonly bus: Pick<Bus, 'say' | 'isConnected'>
  readonly hooks: Pick<Hooks, 'addTap'>
  readonly roster: Roster
  readonly subjects: Subjects
  readonly now: () => Date
}

interface Onlooker {
  readonly sees: (hook: string) => boolean
  calls: SeenCall[]
  missed: number
}

/**
 * Shows calls to the modules whose manifest says `observes`, as far as an operator grants it. As well as it can: nothing waits for an
 * onlooker, what he has no room for he misses, and is told how many those were. Where nobody looks on it costs nothing.
 */
export const openOnlookers = ({ bus, hooks, roster, subjects, now }: Parts) => {
  const onlookers = new Map<string, Onlooker>()
  let undo: (() => void) | undefined
  let timer: NodeJS.Timeout | undefined

  const see = (call: Seen, outcome: SeenOutcome) => {
    let shown: SeenCall | undefined
    for (const one of onlookers.values()) {
      if (!one.sees(call.hook)) continue
      if (one.calls.length >= MOST_CALLS) {
        one.missed += 1
        continue
      }
      shown ??= shownOf(call, outcome, now().getTime())
      one.calls.push(shown)
    }
    if (shown) timer ??= setTimeout(show, EVERY_MS)
  }

  const show = () => {
    timer = undefined
    for (const [module, one] of onlookers) {
      if (one.calls.length === 0) continue
      const said: SeenCalls = { calls: one.calls, missed: one.missed }
      const process = processOf(module)
      if (process && bus.isConnected) {
        bus.say(subjects.toModule(module, process.id, 'seen'), JSON.stringify(said))
        one.missed = 0
      } else one.missed += one.calls.length
      one.calls = []
    }
  }

  const processOf = (module: string) => {
    const group = roster.inside(module)[0]?.group
    const peer = group && leastBusy(group, now().getTime())
    return peer?.isAskable ? peer : undefined
  }

  return {
    /** Somebody came, went, or may do something else than before. */
    revise() {
      const wanted = wishesIn(roster)
      for (const module of onlookers.keys()) if (!wanted.has(module)) onlookers.delete(module)
      for (const [module, sees] of wanted)
        onlookers.set(module, { calls: [], missed: 0, ...onlookers.get(module), sees })
      if (onlookers.size > 0) undo ??= hooks.addTap({ after: see })
      else {
        undo?.()
        undo = undefined
      }
    },
    stop() {
      undo?.()
      clearTimeout(timer)
    },
  }
}

export type Onlookers = ReturnType<typeof openOnlookers>

/** The manifests as they hold here: what is withheld stands in none. */
const wishesIn = (roster: Roster): Map<string, Onlooker['sees']> => {
  const wanted = new Map<string, Onlooker['sees']>()
  for (const { place, manifest } of roster.all()) {
    const { name, observes = [] } = manifest
    if (place === 'in' && observes.length > 0)
      wanted.set(name, (hook) => observes.includes('*') || observes.includes(hook))
  }
  return wanted
}

const shownOf = (call: Seen, outcome: SeenOutcome, nowMs: number): SeenCall => {
  const { hook, callId, parentId, depth, begunAt, asked } = call
  return {
    ...{ hook, callId, depth, at: new Date(begunAt).toISOString(), ms: Math.max(0, nowMs - begunAt) },
    ...(parentId === undefined ? {} : { parentId }),
    ...('error' in outcome ? { error: briefly(outcome.error) } : {}),
    asked: asked.map(({ module, instance, isWrapper, is, ms, error }) => ({
      ...{ module, isWrapper, is, ms: Math.max(0, ms) },
      ...(instance === undefined ? {} : { instance }),
      ...(error === undefined ? {} : { error: briefly(error) }),
    })),
  }
}

const briefly = ({ kind, code }: HookError) => ({ kind, code })

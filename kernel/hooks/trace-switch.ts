import type { TraceView, TraceWish } from '@recyclique/contracts'
import type { Clock } from './clock.ts'
import type { AskedStep } from './run.ts'
import type { SeenCall, SeenOutcome, Tap } from './taps.ts'

/** `call` is the outermost one: lines of one tree bear the same, however many are written at once. */
export type WriteTrace = (line: string, of: { readonly call: string; readonly hook: string }) => void

interface Parts {
  readonly addTap: (tap: Tap) => () => void
  readonly clock: Clock
  readonly write: WriteTrace
}

export interface TraceSwitch {
  view(): TraceView
  /** From now on; what was on before is off. */
  on(wish: TraceWish): TraceView
  off(): TraceView
}

const MINUTES = 10
const CALLS = 1_000

/** Longer texts are cut: a line of a log is read by a person. */
const MOST_LETTERS = 2_000

/**
 * Has the running kernel write its calls as a tree: a line when one begins, one when it is over that says who was asked and how long
 * each took. It ends by itself, by time or by number, so that nobody must remember it.
 */
export const openTraceSwitch = (parts: Parts): TraceSwitch => {
  let current: { view: () => TraceView; end: () => void } | undefined
  const view = () => current?.view() ?? { isOn: false }
  const off = () => {
    current?.end()
    current = undefined
    return view()
  }
  return {
    view,
    off,
    on(wish) {
      off()
      current = follow(parts, wish, off)
      return view()
    },
  }
}

const follow = ({ addTap, clock, write }: Parts, wish: TraceWish, over: () => void) => {
  const { hooks, minutes = MINUTES, calls = CALLS, withArguments = false } = wish
  const until = clock.now() + minutes * 60_000
  /** Calls that are being written, with the outermost one's name and the place of their lines. */
  const open = new Map<string, { root: string; indent: string }>()
  let left = calls

  const placeOf = ({ callId, parentId, hook }: SeenCall) => {
    const around = parentId === undefined ? undefined : open.get(parentId)
    if (around) return { root: around.root, indent: `${around.indent}  ` }
    if (left === 0 || (hooks && !hooks.includes(hook))) return undefined
    left -= 1
    return { root: callId, indent: '' }
  }

  const undo = addTap({
    before(call) {
      const place = placeOf(call)
      if (!place) return
      open.set(call.callId, place)
      const asked = withArguments ? ` ${short(call.args)}` : ''
      write(`${place.indent}→ ${call.hook}${asked}`, { call: place.root, hook: call.hook })
    },
    after(call, outcome) {
      const place = open.get(call.callId)
      if (!place) return
      open.delete(call.callId)
      const ms = Math.round(clock.now() - call.begunAt)
      const ended = endedAs(outcome, withArguments)
      const line = `${place.indent}${'error' in outcome ? '✗' : '←'} ${call.hook} ${ms} ms${ended}${stepsIn(call.asked)}`
      write(line, { call: place.root, hook: call.hook })
      if (left === 0 && open.size === 0) over()
    },
  })
  const cancel = clock.after(minutes * 60_000, over)

  return {
    view: (): TraceView => ({
      ...{ isOn: true, until: new Date(until).toISOString(), callsLeft: left, withArguments },
      ...(hooks ? { hooks: [...hooks] } : {}),
    }),
    end() {
      undo()
      cancel()
    },
  }
}

const endedAs = (outcome: SeenOutcome, withArguments: boolean): string => {
  if ('error' in outcome) {
    const { kind, code, module } = outcome.error
    return ` ${kind}/${code}${module === undefined ? '' : ` by ${module}`}`
  }
  return withArguments ? ` ${short(outcome.value)}` : ''
}

const stepsIn = (asked: readonly AskedStep[]): string =>
  asked.length === 0 ? ', nobody was asked' : `: ${asked.map(stepLine).join(', ')}`

const stepLine = ({ module, isWrapper, is, ms, error }: AskedStep): string => {
  const how = error ? `failed ${error.kind}/${error.code}` : WORDS[is]
  return `${module} ${isWrapper ? 'around it ' : ''}${how} (${Math.round(ms)} ms)`
}

const WORDS = { answered: 'answered', nothing: 'had no answer', failed: 'failed' } as const

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS)}…`
}

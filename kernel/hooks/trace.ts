import type { SeenCall, Tap } from './taps.ts'

/**
 * An observer that writes calls as a tree: a line when one begins, a line with the result when it ends well. A call inside a call is
 * one level deeper; a failed one has no line for its end, and the next one stands where it belongs, since each knows its own depth.
 */
export const traceTo = (write: (line: string) => void): Tap => ({
  before: (call) => write(`${indent(call)}${call.hook} ${JSON.stringify(call.args)}`),
  after: (call, outcome) => {
    if ('value' in outcome) write(`${indent(call)}finish ${call.hook} --> ${JSON.stringify(outcome.value)}`)
  },
})

const indent = ({ depth }: SeenCall) => '  '.repeat(depth)

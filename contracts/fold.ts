import type { PipelineAnswer } from './hook.ts'

type Args = Readonly<Record<string, unknown>>

/**
 * What a step makes of the arguments. A replacement stands for what the step was given (`wanted`; undefined: everything): what it
 * was not shown stays. A patch is merged into all of it.
 */
export const fold = (current: Args, answer: PipelineAnswer, wanted: readonly string[] | undefined): unknown => {
  if ('patch' in answer) return mergePatch(current, answer.patch)
  const hidden = wanted ? Object.entries(current).filter(([name]) => !wanted.includes(name)) : []
  return hidden.length > 0 ? { ...(answer.replace as Args), ...Object.fromEntries(hidden) } : answer.replace
}

/** RFC 7396. Gives a new value; neither of the two is touched. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch
  const merged = new Map(isObject(target) ? Object.entries(target) : [])
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) merged.delete(name)
    else merged.set(name, mergePatch(merged.get(name), change))
  }
  return Object.fromEntries(merged)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

import { type HookSpec, hook } from './hook.ts'
import { objectSchemaFrom, schemaFrom } from './json-schema.ts'
import type { HookDocument } from './manifest.ts'

/**
 * A hook from a manifest. Throws a `BadSchema` for schemas that are not taken here, and a `RangeError` with everything in it that
 * contradicts itself.
 */
export const hookFrom = (document: HookDocument): HookSpec => {
  const { args: argsJson, answer: answerJson, ...rest } = document
  const args = objectSchemaFrom(argsJson, '/args')
  const answer = document.mode === 'pipeline' || answerJson === undefined ? args : schemaFrom(answerJson, '/answer')
  return hook({ ...(rest as object), args, answer } as Parameters<typeof hook>[0]) as HookSpec
}

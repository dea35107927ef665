import { BadSchema, Misfit, objectSchemaFrom, parse } from '@recyclique/contracts'
import { type KernelApi, Trouble } from './kernel-api.ts'

export type Input = Readonly<Record<string, unknown>>

/** Something that an assistant can use. */
export interface OfferedTool {
  /** A tool of a module bears its module's name and an underscore in front; one of the kernel's has no underscore. */
  readonly name: string
  readonly description: string
  /** JSON Schema, as the module wrote it. */
  readonly input: unknown
  readonly isReadOnly: boolean
  /** The same call with the same key does it once: it may be made again where nobody knows whether it was done. */
  readonly isRepeatable: boolean
  /** What to do where the answer is too long. */
  readonly narrower: string
  /** What a person is asked before it is done; throws a `Trouble` where it could not be done anyhow. */
  readonly question: (input: Input, kernel: KernelApi) => Promise<string>
  readonly run: (input: Input, using: Using) => Promise<unknown>
}

export interface Using {
  readonly kernel: KernelApi
  /** Of this call, the same at each try. */
  readonly key: string
}

/** Throws a `Trouble` that names every field that does not fit: the gate of the kernel, before anybody is asked to confirm anything. */
export const checkInput = ({ input: schema }: OfferedTool, input: unknown): Input => {
  try {
    return parse(objectSchemaFrom(schema), input, 'The arguments') as Input
  } catch (error) {
    if (error instanceof Misfit)
      throw new Trouble(
        'refused',
        `The arguments do not fit. ${error.flaws.map(({ field, why }) => `${field || '/'} ${why}`).join('; ')}.`,
      )
    if (error instanceof BadSchema)
      throw new Trouble('failed', `The tool's own schema cannot be read: ${error.message}.`)
    throw error
  }
}

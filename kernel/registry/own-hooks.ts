import { type HookSpec, hookFrom, type Manifest } from '@recyclique/contracts'

/** The hooks that a manifest brings along, and what is wrong with the others, in words. */
export interface OwnHooks {
  readonly specs: readonly HookSpec[]
  readonly flaws: readonly string[]
}

export const ownHooks = ({ name, specs: documents = [] }: Manifest): OwnHooks => {
  const specs: HookSpec[] = []
  const flaws: string[] = []
  for (const document of documents) {
    if (!document.name.startsWith(`${name}.`))
      flaws.push(`It brings the hook '${document.name}': its own hooks begin with '${name}.'.`)
    else if (specs.some((one) => one.name === document.name)) flaws.push(`It brings the hook '${document.name}' twice.`)
    else
      try {
        specs.push(hookFrom(document))
      } catch (error) {
        flaws.push(`It brings the hook '${document.name}': ${(error as Error).message}.`)
      }
  }
  return { specs, flaws }
}

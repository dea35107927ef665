import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export type Instruction = { word: string; rest: string }

/** A Dockerfile: its stages, each from its FROM on, and what of the last one holds when it runs. */
export type Dockerfile = {
  stages: Instruction[][]
  entrypoint: string[]
  command: string[]
  environment: Record<string, string>
  user: string | undefined
}

/** Reads as much of the language as our own file uses; what it does not know stays an instruction like any other. */
export const readDockerfile = (folder: string): Dockerfile => {
  const text = readFileSync(join(folder, 'Dockerfile'), 'utf8')
  const lines = text.split('\n').filter((line) => !line.trim().startsWith('#'))
  const instructions = lines
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, word = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? []
      return { word, rest }
    })
  const stages: Instruction[][] = []
  for (const one of instructions)
    if (one.word === 'FROM') stages.push([one])
    else stages.at(-1)?.push(one)
  const last = (word: string) => stages.at(-1)?.findLast((one) => one.word === word)?.rest
  const said = stages.at(-1)?.filter(({ word }) => word === 'ENV') ?? []
  return {
    stages,
    // The form with brackets alone: the other one puts a shell in between, which hands no signal on.
    entrypoint: JSON.parse(last('ENTRYPOINT') ?? '[]') as string[],
    command: JSON.parse(last('CMD') ?? '[]') as string[],
    environment: Object.fromEntries(
      said.flatMap(({ rest }) => rest.split(/\s+/).map((one) => one.split('=') as [string, string])),
    ),
    user: last('USER'),
  }
}

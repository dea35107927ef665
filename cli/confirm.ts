import { createInterface } from 'node:readline/promises'
import { CannotDo } from './bad-use.ts'

/** Asks whoever sits at the terminal; without one it takes `--yes`. Throws a `CannotDo` where the answer is no. */
export const confirm = async (question: string, isSure: boolean): Promise<void> => {
  if (isSure) return
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new CannotDo('nothing was changed: nobody is there to ask. Add --yes to agree')
  const asker = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await asker.question(`${question} [y/N] `)
    if (!/^(y|yes|o|oui)$/i.test(answer.trim())) throw new CannotDo('nothing was changed')
  } finally {
    asker.close()
  }
}

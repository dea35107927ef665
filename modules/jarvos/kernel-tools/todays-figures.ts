import { readFigures } from '../figures.ts'
import { today } from '../today.ts'
import type { OfferedTool } from '../tool.ts'

export const todaysFigures: OfferedTool = {
  name: 'todays-figures',
  description:
    'The figures of today, so far: takings, donations, tickets, by category; and the kilos that came in and went out. Amounts in cents, weights in grams.',
  input: { type: 'object', properties: {}, additionalProperties: false },
  isReadOnly: true,
  isRepeatable: true,
  narrower: 'ask for a report of one kind with the tool report',
  question: async () => '',
  async run(_, { kernel }) {
    const day = await today(kernel)
    return { day, ...(await readFigures(kernel, { from: day, to: day })) }
  },
}

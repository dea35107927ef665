import { stockOf, takingsBy } from '../figures.ts'
import type { OfferedTool } from '../tool.ts'

const DAY = { type: 'string', pattern: '^20\\d\\d-\\d\\d-\\d\\d$', description: 'YYYY-MM-DD' }

export const report: OfferedTool = {
  name: 'report',
  description:
    'A report over a period, both days included. Takings by day, category, method or register (amounts in cents); or stock: what there was, what came in and went out, what is left, by category (grams).',
  input: {
    type: 'object',
    properties: {
      of: { enum: ['takings', 'stock'], description: 'takings unless said' },
      from: DAY,
      to: DAY,
      by: { enum: ['day', 'category', 'method', 'register'], description: 'of takings; day unless said' },
    },
    required: ['from', 'to'],
    additionalProperties: false,
  },
  isReadOnly: true,
  isRepeatable: true,
  narrower: 'ask for a shorter period, or by register or method instead of by day or category',
  question: async () => '',
  run({ of = 'takings', from, to, by = 'day' }, { kernel }) {
    const period = { from: String(from), to: String(to) }
    return of === 'stock' ? stockOf(kernel, period) : takingsBy(kernel, String(by), period)
  },
}

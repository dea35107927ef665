import { type Figures, type Period, readFigures, type TakingsRow, takingsBy } from './figures.ts'
import { type KernelApi, Trouble } from './kernel-api.ts'
import { today } from './today.ts'
import { clipped, euros, kilos } from './words.ts'

export const REPORT_TODAY = 'recyclique://reports/today.md'

/** What can be read, as templates (RFC 6570). */
export const REPORT_TEMPLATES = [
  {
    name: 'figures',
    uriTemplate: 'recyclique://reports/figures/{from}/{to}.{format}',
    description: 'Money and matter of a period, both days included (YYYY-MM-DD). format: md or json.',
  },
  {
    name: 'takings',
    uriTemplate: 'recyclique://reports/takings/{by}/{from}/{to}.{format}',
    description: 'Takings of a period. by: day, category, method or register. format: csv, json or md.',
  },
] as const

export interface Report {
  readonly text: string
  readonly mimeType: string
}

/** Throws a `Trouble` for an address that is none. */
export const readReport = async (kernel: KernelApi, uri: string): Promise<Report> => {
  if (uri === REPORT_TODAY) {
    const day = await today(kernel)
    return figuresAs('md', await readFigures(kernel, { from: day, to: day }), { from: day, to: day })
  }
  const [, by, from = '', to = '', format = ''] = ADDRESS.exec(uri) ?? []
  const period = { from, to }
  if (by === undefined || (by === 'figures' && format === 'csv'))
    throw new Trouble('refused', `There is no resource ${clipped(uri, 200)}: see the resource templates.`)
  if (by === 'figures') return figuresAs(format, await readFigures(kernel, period), period)
  const kind = by.slice('takings/'.length)
  if (format === 'csv')
    return {
      text: await kernel.get<string>('/v1/reports/takings', { ...period, by: kind, format }),
      mimeType: 'text/csv',
    }
  const { rows } = await takingsBy(kernel, kind, period)
  return format === 'json' ? asJson({ ...period, by: kind, rows }) : asMarkdown(takingsTable(rows, kind, period))
}

const ADDRESS =
  /^recyclique:\/\/reports\/(figures|takings\/(?:day|category|method|register))\/(\d{4}-\d\d-\d\d)\/(\d{4}-\d\d-\d\d)\.(md|json|csv)$/

const asJson = (value: unknown): Report => ({ text: JSON.stringify(value, undefined, 2), mimeType: 'application/json' })
const asMarkdown = (text: string): Report => ({ text, mimeType: 'text/markdown' })

const figuresAs = (format: string, figures: Figures, { from, to }: Period): Report => {
  if (format === 'json') return asJson({ from, to, ...figures })
  const { takings, matter } = figures
  return asMarkdown(`# Chiffres du ${from === to ? from : `${from} au ${to}`}

- Recettes : ${euros(takings.netCents)} (ventes ${euros(takings.salesCents)}, dons ${euros(takings.donationsCents)}, remboursements ${euros(takings.refundsCents)})
- Tickets : ${takings.tickets}
- Entrées : ${kilos(matter.inGrams)}, sorties : ${kilos(matter.outGrams)}

${table(
  ['Catégorie', 'Entrées', 'Sorties'],
  matter.byCategory.map((one) => [one.name, kilos(one.inGrams), kilos(one.outGrams)]),
)}
`)
}

const takingsTable = (rows: readonly TakingsRow[], by: string, { from, to }: Period): string =>
  `# Recettes par ${FRENCH[by]}, du ${from} au ${to}

${table(
  ['', 'Ventes', 'Remboursements', 'Dons', 'Net', 'Tickets'],
  rows.map((one) => [
    ...[one.name, euros(one.salesCents), euros(one.refundsCents), euros(one.donationsCents), euros(one.netCents)],
    String(one.tickets),
  ]),
)}
`

const FRENCH: Readonly<Record<string, string>> = {
  day: 'jour',
  category: 'catégorie',
  method: 'moyen de paiement',
  register: 'caisse',
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((cell) => clipped(cell.replaceAll('|', '\\|'), 80)).join(' | ')} |`)
    .join('\n')

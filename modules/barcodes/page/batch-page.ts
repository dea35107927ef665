import { escaped } from '@recyclique/sdk'
import { perPage } from '../draw/formats.ts'
import type { AskedLook } from '../labels/asked-look.ts'
import type { KeptBatch } from '../labels/batch.ts'
import { priceWords } from '../labels/draw-labels.ts'
import { lookFields } from './look-fields.ts'
import { shell } from './shell.ts'

interface Shown {
  readonly batch: KeptBatch
  readonly look: AskedLook
  /** The first label as SVG. */
  readonly sample: string
}

/** Labels that were made: what they look like, and the PDF. They can be printed again at any time. */
export const batchPage = ({ batch, look, sample }: Shown): string => {
  const { number, categoryName, count, kind } = batch
  const address = new URLSearchParams({ format: look.format.id, symbol: look.symbol, start: String(look.start) })
  return shell(
    `Étiquettes ${number} · ${categoryName}`,
    `<p><a href="../">← Étiquettes</a></p>
<h1>${escaped(categoryName)} · ${escaped(priceWords(batch))}</h1>
<div class="sides">
<section>
<h2>${count} ${count === 1 ? 'étiquette' : 'étiquettes'} <span class="soft">${KINDS[kind]}</span></h2>
<div class="sample">${sample}</div>
</section>
<section>
<h2>Imprimer</h2>
<p>${escaped(look.format.title)}, ${pagesWords(batch, look)}.</p>
<p class="said">Imprimer à 100 %, sans « ajuster à la page ».</p>
<p style="margin-top:1rem"><a class="button" href="${number}/sheet.pdf?${escaped(address.toString())}">Ouvrir le PDF</a></p>
</section>
</div>
<section>
<h2>Autrement</h2>
<form class="fields" action="${number}" method="get">
${lookFields(look)}
<div><button class="second">Montrer</button></div>
</form>
</section>`,
  )
}

const KINDS = { category: 'toutes pareilles', lot: 'un lot', object: 'un objet par étiquette' } as const

const pagesWords = ({ count }: KeptBatch, { format, start }: AskedLook): string => {
  const pages = Math.ceil((start - 1 + count) / perPage(format))
  const what = perPage(format) === 1 ? 'étiquette' : 'page'
  return `${pages} ${what}${pages > 1 ? 's' : ''}`
}

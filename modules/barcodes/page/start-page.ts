import { escaped } from '@recyclique/sdk'
import type { KeptBatch } from '../labels/batch.ts'
import { priceWords } from '../labels/draw-labels.ts'
import { MOST_IN_BATCH } from '../labels/number.ts'
import type { KnownCategory } from '../store.ts'
import { lookFields } from './look-fields.ts'
import { shell } from './shell.ts'

interface Shown {
  readonly categories: readonly KnownCategory[]
  readonly batches: readonly KeptBatch[]
  readonly key: string
  /** A code that was asked about, and the answer. */
  readonly found: { readonly code: string; readonly words: string } | undefined
}

/** Where a volunteer makes labels, finds those of yesterday, and asks what a code is. */
export const startPage = ({ categories, batches, key, found }: Shown): string =>
  shell(
    'Étiquettes',
    `<h1>Étiquettes</h1>
<section>
<h2>Faire des étiquettes</h2>
${categories.length === 0 ? '<p class="soft">Il n’y a pas encore de catégorie : en créer une d’abord.</p>' : form(categories, key)}
</section>
<div class="sides">
<section>
<h2>Quel est ce code ?</h2>
<form class="row" action="./" method="get">
<label>Code scanné ou tapé
<input name="code" required maxlength="128" autocomplete="off" value="${escaped(found?.code ?? '')}"></label>
<button class="second">Chercher</button>
</form>
${found ? `<p class="said" role="status">${escaped(found.words)}</p>` : ''}
</section>
<section>
<h2>Dernières étiquettes</h2>
${batches.length === 0 ? '<p class="soft">Aucune pour l’instant.</p>' : `<ul>${batches.map(row).join('')}</ul>`}
</section>
</div>`,
  )

const form = (categories: readonly KnownCategory[], key: string): string => `<form action="batches" method="post">
<input type="hidden" name="key" value="${escaped(key)}">
<div class="fields">
<label>Catégorie
<select name="category" required><option value="">Choisir…</option>${categories
  .map(({ id, name }) => `<option value="${escaped(id)}">${escaped(name)}</option>`)
  .join('')}</select></label>
<label>Prix en euros <small>vide : prix libre</small>
<input name="price" inputmode="decimal" placeholder="2,50" autocomplete="off"></label>
<label>Nombre d’étiquettes
<input name="count" type="number" min="1" max="${MOST_IN_BATCH}" value="21" required inputmode="numeric"></label>
<label>Pour quoi ?
<select name="kind">
<option value="category">Toutes pareilles, pour la catégorie</option>
<option value="object">Un objet unique par étiquette</option>
<option value="lot">Un lot vendu ensemble</option>
</select></label>
<label>Objets dans le lot <small>pour un lot seulement</small>
<input name="pieces" type="number" min="1" value="2" inputmode="numeric"></label>
${lookFields()}
<div><button>Faire les étiquettes</button></div>
</div>
</form>`

const row = (batch: KeptBatch): string => `<li><a href="batches/${batch.number}">
<strong>${escaped(batch.categoryName)}</strong><span>${batch.count} × ${escaped(priceWords(batch))}</span></a></li>`

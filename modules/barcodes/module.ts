import {
  CategoryChanged,
  CategoryMerged,
  CodeResolve,
  type CommandResult,
  type Manifest,
  SaleRecorded,
  SaleRefunded,
  SaleVoided,
} from '@recyclique/contracts'
import { defineModule, html, json, type Module, type OnceStore, type openConfig } from '@recyclique/sdk'
import { inWords } from './codes/in-words.ts'
import { openDesk } from './desk.ts'
import type { Face } from './draw/face.ts'
import { wholeOf } from './draw/pdf.ts'
import { lookFrom } from './labels/asked-look.ts'
import { type KeptBatch, LabelsMade, numbersOf } from './labels/batch.ts'
import { textOf } from './labels/number.ts'
import { checkOrder, type Order, orderFrom } from './labels/order.ts'
import { batchPage } from './page/batch-page.ts'
import { lookIn, readBody, refuseStrangers } from './page/form.ts'
import { startPage } from './page/start-page.ts'
import { checkSettings, type Settings } from './settings.ts'
import {
  categoriesForSale,
  forgetSale,
  keepBatch,
  keepCategory,
  lastBatches,
  mergeCategory,
  noteReturn,
  noteSale,
} from './store.ts'

export interface Parts {
  readonly manifest: Manifest
  readonly store: OnceStore
  readonly config: ReturnType<typeof openConfig<typeof Settings>>
  readonly face: Face
  /** The key of a form, so that one that is sent twice makes its labels once. */
  readonly newKey: () => string
}

/** Says at the till what a code stands for, and makes the labels that bear one. */
export const barcodes = ({ manifest, store, config, face, newKey }: Parts): Module => {
  const { db } = store
  const desk = openDesk({ store, face, settings: () => config.current })
  config.onChange(checkSettings)
  const placeOf = ({ number }: KeptBatch) => `/m/${manifest.name}/batches/${number}`

  return (
    defineModule(manifest)
      .configure(config)
      .keepIn(store)
      .hear(CategoryChanged, ({ data }, { once }) => once((db) => keepCategory(db, data)))
      .hear(CategoryMerged, ({ data }, { once }) => once((db) => mergeCategory(db, data.merged.id, data.intoId)))
      .hear(SaleRecorded, (fact, { once }) => once((db) => noteSale(db, fact)))
      .hear(SaleRefunded, (fact, { once }) => once((db) => noteReturn(db, fact)))
      .hear(SaleVoided, (fact, { once }) => once((db) => forgetSale(db, fact)))
      // Its own facts as well: a process that died before it noted its labels learns of them here, and so does a new file.
      .hear(LabelsMade, ({ seq: number, position, data }, { once, log }) =>
        once((db) => {
          if (!keepBatch(db, { number, position }, data))
            log.error({ batch: number }, 'the number of these labels stands on others already, which keep it')
        }),
      )
      .answer(CodeResolve, ({ code }) => desk.resolve(code))
      .health(() => ({ ok: true, details: { lastBatch: lastBatches(db, 1)[0]?.number ?? 0 } }))
      .route('GET', '/', ({ query }) => {
        const { code } = query
        const found = code ? { code, words: inWords(desk.resolve(code)) } : undefined
        const batches = lastBatches(db, 15)
        return html(startPage({ categories: categoriesForSale(db), batches, key: newKey(), found }))
      })
      .route('POST', '/batches', async ({ headers, body }, { tell }) => {
        refuseStrangers(headers)
        const said = readBody(headers, body)
        if ('json' in said) {
          const batch = await desk.make(checkOrder(said.json), tell, headers['idempotency-key'])
          return json({ ...batch, labels: numbersOf(batch).map(textOf), sheet: `${placeOf(batch)}/sheet.pdf` }, 201)
        }
        const batch = await desk.make(orderFrom(said.form), tell, said.form.key)
        return { status: 303, headers: { location: `${placeOf(batch)}?${lookIn(said.form)}` } }
      })
      .route('GET', '/batches/:batch', ({ params, query }) => {
        const batch = desk.batch(params.batch)
        return html(batchPage({ batch, look: lookFrom(query), sample: desk.sample(batch, query) }))
      })
      .route('GET', '/batches/:batch/sheet.pdf', ({ params, query }) => {
        const batch = desk.batch(params.batch)
        const headers = {
          'content-type': 'application/pdf',
          'content-disposition': `inline; filename="${fileOf(batch)}"`,
        }
        return { headers, body: desk.sheet(batch, query) }
      })
      .route('GET', '/labels/:file', ({ params, query }) => desk.label(params.file, query))
      .route('GET', '/symbols/:file', ({ params, query }) => desk.symbol(params.file, query))
      .command('print', async ({ what = '', ...said }, { tell, signal }) => {
        const [kind, pieces] = what.split(':')
        // A format that there is not is said before any label is made.
        lookFrom(said)
        const batch = await desk.make(orderFrom({ ...said, kind, pieces }), tell)
        return printed(batch, await wholeOf(desk.sheet(batch, said), signal))
      })
      .command('reprint', async ({ batch: number, ...said }, { signal }) => {
        const batch = desk.batch(number)
        return printed(batch, await wholeOf(desk.sheet(batch, said), signal))
      })
      .command('code', ({ code = '' }) => inWords(desk.resolve(code)))
      .tool('what-is-code', ({ code }: { code: string }) => {
        const resolved = desk.resolve(code)
        return resolved ?? { trouble: 'unknown', words: inWords(resolved) }
      })
      .tool('make-labels', async (order: Order, { tell }) => {
        const batch = await desk.make(checkOrder(order), tell)
        return { ...batch, sheet: `${placeOf(batch)}/sheet.pdf` }
      })
  )
}

const fileOf = ({ number }: KeptBatch): string => `etiquettes-${number}.pdf`

const printed = (batch: KeptBatch, pdf: Buffer): CommandResult => ({
  text: `${batch.count} étiquettes « ${batch.categoryName} », série ${batch.number}. Imprimer à 100 %, sans mise à l’échelle.`,
  files: [{ name: fileOf(batch), data: pdf.toString('base64') }],
})

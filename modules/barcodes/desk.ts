import { type Answer, type OnceStore, Refusal, type Tell } from '@recyclique/sdk'
import { type Resolved, resolveCode } from './codes/resolve-code.ts'
import type { Face } from './draw/face.ts'
import { DPIS } from './draw/formats.ts'
import type { Drawing } from './draw/lay-out.ts'
import { pdfOf } from './draw/pdf.ts'
import { pngOf } from './draw/png.ts'
import { svgOf } from './draw/svg.ts'
import { lookFrom } from './labels/asked-look.ts'
import { hasLabel, type KeptBatch } from './labels/batch.ts'
import { codeAlone } from './labels/code-alone.ts'
import { drawLabel, drawLabels } from './labels/draw-labels.ts'
import { makeLabels } from './labels/make-labels.ts'
import { numberIn } from './labels/number.ts'
import type { Order } from './labels/order.ts'
import type { Settings } from './settings.ts'
import { findBatch } from './store.ts'

export interface DeskParts {
  readonly store: OnceStore
  readonly settings: () => Settings
  readonly face: Face
}

/** Words of an address or of a command, by name. */
export type Said = Readonly<Record<string, string | undefined>>

/** What can be done with codes and labels, whether a page, a program, a hand or an assistant asks for it. Throws `Refusal`s in words. */
export const openDesk = ({ store: { db }, settings, face }: DeskParts) => {
  const lookOf = (said: Said) => ({ ...lookFrom(said), heading: settings().heading })

  return {
    resolve: (code: string): Resolved | null => resolveCode({ db, settings: settings() }, code),

    make: (order: Order, tell: Tell, key?: string): Promise<KeptBatch> => makeLabels({ db, tell, key }, order),

    batch(number: string | undefined): KeptBatch {
      const found = /^\d{1,7}$/.test(number ?? '') ? findBatch(db, Number(number)) : undefined
      if (!found) throw new Refusal(404, 'batch-unknown', `Il n’y a pas de série d’étiquettes ${number} ici.`)
      return found
    },

    /** All labels of a batch as a PDF, in the look that is asked for. */
    sheet(batch: KeptBatch, said: Said): AsyncIterable<Buffer> {
      const look = lookOf(said)
      const title = `Étiquettes ${batch.number} · ${batch.categoryName}`
      return pdfOf(drawLabels(face, batch, look), { format: look.format, start: look.start, title })
    },

    /** The first label of a batch, as it will look. */
    sample(batch: KeptBatch, said: Said): string {
      const drawing = drawLabel(face, { batch, number: { batch: batch.number, nth: 0 } }, lookOf(said))
      return svgOf(drawing, face, batch.categoryName)
    },

    /** One label, by its text and the form of picture: `R00000120036.png`. */
    label(file: string | undefined, said: Said): Answer {
      const { text, form } = fileAsked(file)
      const number = numberIn(text)
      const batch = number && findBatch(db, number.batch)
      if (!batch || !hasLabel(batch, number))
        throw new Refusal(404, 'label-unknown', `L’étiquette ${text} n’a jamais été imprimée ici.`)
      return picture(drawLabel(face, { batch, number }, lookOf(said)), { face, form, text })
    },

    /** A maker's code alone, drawn anew. */
    symbol(file: string | undefined, { dpi }: Said): Answer {
      const { text, form } = fileAsked(file)
      const found = DPIS.find((one) => String(one) === dpi)
      return picture(codeAlone(text, found), { face, form, text })
    },
  }
}

export type Desk = ReturnType<typeof openDesk>

const fileAsked = (file = ''): { text: string; form: 'svg' | 'png' } => {
  const [, text = '', form] = /^([0-9A-Za-z]{1,40})\.(svg|png)$/.exec(file) ?? []
  if (form !== 'svg' && form !== 'png')
    throw new Refusal(
      404,
      'picture-unknown',
      'Une image s’appelle par son code et sa forme : R00000120036.svg ou .png.',
    )
  return { text: text.toUpperCase(), form }
}

type Picture = { readonly face: Face; readonly form: 'svg' | 'png'; readonly text: string }

const picture = (drawing: Drawing, { face, form, text }: Picture): Answer =>
  form === 'png'
    ? { headers: { 'content-type': 'image/png' }, body: pngOf(drawing, face) }
    : { headers: { 'content-type': 'image/svg+xml; charset=utf-8' }, body: svgOf(drawing, face, text) }

import { FORMATS } from '../draw/formats.ts'
import type { AskedLook } from '../labels/asked-look.ts'
import type { LabelSymbol } from '../labels/draw-labels.ts'

const SYMBOL_WORDS: Readonly<Record<LabelSymbol, string>> = {
  code128: 'Barres (Code 128)',
  qr: 'QR code',
  ean13: 'Barres EAN-13, pour un ancien lecteur',
}

/** The fields that say how labels are printed; what is chosen already stands in them. */
export const lookFields = (chosen?: AskedLook): string => `
<label>Papier
<select name="format">${FORMATS.map(({ id, title }) => option(id, title, id === chosen?.format.id)).join('')}</select></label>
<label>Code
<select name="symbol">${Object.entries(SYMBOL_WORDS)
  .map(([id, words]) => option(id, words, id === chosen?.symbol))
  .join('')}</select></label>
<label>Première étiquette libre <small>si la planche est entamée</small>
<input name="start" type="number" min="1" max="65" value="${chosen?.start ?? 1}" inputmode="numeric"></label>`

const option = (value: string, words: string, isChosen: boolean): string =>
  `<option value="${value}"${isChosen ? ' selected' : ''}>${words}</option>`

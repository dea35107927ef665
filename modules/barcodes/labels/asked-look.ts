import { Refusal } from '@recyclique/sdk'
import { DPIS, FORMATS, findFormat, perPage } from '../draw/formats.ts'
import { LABEL_SYMBOLS, type Look } from './draw-labels.ts'

export interface AskedLook extends Omit<Look, 'heading'> {
  readonly start: number
}

/** `format`, `symbol`, `start` and `dpi` as an address or a command has them. Throws a `Refusal` that names what there is. */
export const lookFrom = (said: Readonly<Record<string, string | undefined>>): AskedLook => {
  const format =
    findFormat(said.format || 'l7160') ??
    refuse('format-unknown', `Le format « ${said.format} » n’existe pas : ${FORMATS.map(({ id }) => id).join(', ')}.`)
  const symbol =
    LABEL_SYMBOLS.find((one) => one === (said.symbol || 'code128')) ??
    refuse('symbol-unknown', `Le code « ${said.symbol} » n’existe pas : ${LABEL_SYMBOLS.join(', ')}.`)
  const dpi =
    DPIS.find((one) => String(one) === (said.dpi || String(format.dpi))) ??
    refuse('dpi-unknown', `L’imprimante a ${DPIS.join(' ou ')} points par pouce, et non « ${said.dpi} ».`)
  const start = Number(said.start || 1)
  if (!Number.isInteger(start) || start < 1 || start > perPage(format))
    refuse(
      'start-unfit',
      `La première étiquette libre est un nombre de 1 à ${perPage(format)}, et non « ${said.start} ».`,
    )
  return { format, symbol, dpi, start }
}

const refuse = (code: string, words: string): never => {
  throw new Refusal(400, code, words)
}

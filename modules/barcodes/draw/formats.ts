/** Where labels stand on paper, in millimetres. A roll has one a page. `dpi`: the printer that such labels are usually made on. */
export interface LabelFormat {
  readonly id: string
  readonly title: string
  readonly page: { readonly width: number; readonly height: number }
  readonly label: { readonly width: number; readonly height: number }
  readonly columns: number
  readonly rows: number
  /** Of the first label. */
  readonly left: number
  readonly top: number
  /** From one label to the next. */
  readonly stepX: number
  readonly stepY: number
  readonly dpi: Dpi
}

/** Thermal printers have one of the two; 600 dpi of an office printer are two dots for each of 300. */
export const DPIS = [203, 300] as const
export type Dpi = (typeof DPIS)[number]

const A4 = { width: 210, height: 297 }

export const FORMATS: readonly LabelFormat[] = [
  {
    ...{ id: 'l7160', title: 'L7160 : 21 par feuille A4, 63,5 × 38,1 mm', page: A4, columns: 3, rows: 7 },
    ...{ label: { width: 63.5, height: 38.1 }, left: 7.2, top: 15.1, stepX: 66, stepY: 38.1, dpi: 300 },
  },
  {
    ...{ id: '3475', title: '3475 : 24 par feuille A4, 70 × 36 mm', page: A4, columns: 3, rows: 8 },
    ...{ label: { width: 70, height: 36 }, left: 0, top: 4.5, stepX: 70, stepY: 36, dpi: 300 },
  },
  {
    ...{ id: 'l7651', title: 'L7651 : 65 par feuille A4, 38,1 × 21,2 mm', page: A4, columns: 5, rows: 13 },
    ...{ label: { width: 38.1, height: 21.2 }, left: 4.75, top: 10.7, stepX: 40.6, stepY: 21.2, dpi: 300 },
  },
  {
    ...{ id: 'thermal', title: 'Rouleau thermique : 57 × 32 mm', page: { width: 57, height: 32 }, columns: 1, rows: 1 },
    ...{ label: { width: 57, height: 32 }, left: 0, top: 0, stepX: 57, stepY: 32, dpi: 203 },
  },
]

export const findFormat = (id: string): LabelFormat | undefined => FORMATS.find((one) => one.id === id)

export const perPage = ({ columns, rows }: LabelFormat): number => columns * rows

/** Page and place of the nth label, where the first page's first `start - 1` labels were used before. Millimetres. */
export const placeOf = (format: LabelFormat, start: number, nth: number): { page: number; x: number; y: number } => {
  const at = start - 1 + nth
  const onPage = at % perPage(format)
  const { columns, left, top, stepX, stepY } = format
  return {
    page: Math.floor(at / perPage(format)),
    x: left + (onPage % columns) * stepX,
    y: top + Math.floor(onPage / columns) * stepY,
  }
}

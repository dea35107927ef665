interface Kept {
  readonly mode: string
}

/** A training till sold nothing, and says so on the face of whatever it gives out. */
export const markOf = ({ mode }: Kept): { mark?: string } => (mode === 'training' ? { mark: 'FACTICE' } : {})

/** A further print is no second sale. */
export const copyMark = (copy: number): string => `DUPLICATA n° ${copy}`

/** All that must stand on the face of a receipt. */
export const marksOf = (sold: Kept & { readonly copies: number }): string[] => [
  ...Object.values(markOf(sold)),
  ...(sold.copies > 0 ? [copyMark(sold.copies)] : []),
]

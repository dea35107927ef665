export interface Referred {
  readonly sessionId: string
  readonly registerId: string
  readonly businessDate: string
}

/**
 * The reference of a session's entry: what Paheko is searched for, before and after each doubtful outcome. It follows from the fact alone, so that it is
 * the same when all that this module keeps is lost. The end of the session's id makes it unique (its beginning is a time).
 *
 * `[A-Za-z0-9._-]` and no other character: it stands in a query, where there are no parameters.
 */
export const referenceOf = (prefix: string, { sessionId, registerId, businessDate }: Referred): string => {
  const reference = `${prefix}${businessDate}-${registerId}-${sessionId.slice(-12)}`
  if (!isReference(reference)) throw new RangeError(`'${reference}' cannot be a reference`)
  return reference
}

export const isReference = (text: string): boolean => /^[A-Za-z0-9._-]{1,200}$/.test(text)

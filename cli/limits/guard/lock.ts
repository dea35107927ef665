/** Puts something in the place of a part of the runtime, for good. */
export const lock = (where: object, name: string, value: unknown): void => {
  Object.defineProperty(where, name, { value, writable: false, configurable: false, enumerable: true })
}

import { FACTS } from '@recyclique/contracts'

/** The first word of every fact of the kernel's own: `sale`, `cash`, `module` … No module's facts begin with one of them. */
const KERNELS = new Set(FACTS.map(({ name }) => wordOf(name)))

/** May a module by this name tell facts? Its facts begin with its name, and would be taken for the kernel's own. */
export const isKernelsWord = (module: string): boolean => KERNELS.has(module)

/**
 * Is this the name of a fact that another module may tell? Whether it does is not asked: that one may come later, or tell it in its next
 * version, and nobody is refused for having come first.
 */
export const isOfAnotherModule = (fact: string, module: string): boolean => {
  const teller = wordOf(fact)
  return teller !== module && !KERNELS.has(teller) && MODULE.test(teller)
}

/** See `ModuleName`. */
const MODULE = /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/

function wordOf(name: string): string {
  return name.split('.')[0] ?? name
}

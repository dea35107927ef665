import { rightsOf } from '@recyclique/contracts'
import type { Said, Shared } from './parts.ts'
import { isLiving } from './party.ts'

/**
 * Brings what was decided to the server: what a module's account allows follows the manifests that are there and what was granted of
 * them. Without accounts (a server that does not know our keys) the kernel alone keeps the borders.
 */
export const openAccess = ({ grants, permissions, roster, standings }: Shared) => {
  const accounts = grants?.accounts
  const allowed = new Map<string, string>()

  const allow = async (name: string, rights: readonly string[]) => {
    const said = rights.join()
    if (!accounts || allowed.get(name) === said) return
    await accounts.allow(name, rights)
    allowed.set(name, said)
  }

  /** Every version whose processes live, since the older one works on while the newer one comes. */
  const askedBy = (name: string, said?: Said): string[] => {
    const parties = roster.familyOf(name).parties.filter(({ instances }) => [...instances.values()].some(isLiving))
    const manifests = [...parties.map(({ whole }) => whole), ...(said ? [said.whole ?? said.manifest] : [])]
    return [...new Set(manifests.flatMap(rightsOf))]
  }

  return {
    /** It is let in: on the server it may from now on what it may here. */
    admit: (name: string, said: Said) =>
      allow(
        name,
        askedBy(name, said)
          .filter((right) => permissions.isGranted(name, right))
          .sort(),
      ),
    /** Something was decided about it: who is out is cut off, who is in has other rights. */
    async follow(name: string) {
      if (!accounts) return
      const isBlocked = standings.of(name).blocked !== undefined
      await accounts.follow(name, isBlocked)
      if (isBlocked) return
      const asked = askedBy(name)
      const rights = asked.length > 0 ? asked : await accounts.rightsOf(name)
      await allow(name, rights.filter((right) => permissions.isGranted(name, right)).sort())
    },
    async remove(name: string) {
      allowed.delete(name)
      await accounts?.remove(name)
    },
    /** It gets keys where it has none, and its account is on the server. */
    open: async (name: string) => accounts?.admit(name),
  }
}

export type Access = ReturnType<typeof openAccess>

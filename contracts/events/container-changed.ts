import { type DataOf, fact } from '../fact.ts'
import { Container } from '../records.ts'

/** A container got its tare, or another one, or was archived. Carries the whole record as it is from now on. */
export const ContainerChanged = fact({
  name: 'container.changed',
  version: 1,
  producer: 'kernel/centre/change-record.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: Container,
})
export type ContainerChanged = DataOf<typeof ContainerChanged>

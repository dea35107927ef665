import { instanceConfigDocument } from '@recyclique/contracts'

/** The JSON Schema of `recyclique.yaml`, as it is published. */
export const configSchemaPage = (): string => `${JSON.stringify(instanceConfigDocument(), null, 2)}\n`

import { escaped } from '@recyclique/sdk'
import { type Face, SIGN_WIDTH } from './face.ts'
import type { Drawing } from './lay-out.ts'

/** A drawing as one SVG in millimetres, its text as outlines: it looks the same wherever it is opened. */
export const svgOf = ({ dpi, width, height, marks, texts }: Drawing, face: Face, title: string): string => {
  const mm = (dots: number) => ((dots * 25.4) / dpi).toFixed(3)
  const bars = marks.map(({ x, y, width: w, height: h }) => `M${x} ${y}h${w}v${h}h-${w}z`).join('')
  const words = texts.map(({ text, size, x, y }) =>
    [...text].map((sign, nth) => face.path(sign, size, x + nth * size * SIGN_WIDTH, y)).join(''),
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${mm(width)}mm" height="${mm(height)}mm" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<path shape-rendering="crispEdges" d="${bars}"/>
<path d="${words.join('')}"/>
</svg>
`
}

// The typeface for the web: Be Vietnam Pro without hinting and without the
// characters that neither language uses (half the bytes), and its digits at one
// width for tables, because the typeface has no tabular figures of its own.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join('')
const texts = {
  latin: range(0x20, 0x7e) + range(0xa0, 0xff) + '–—‘’“”„•…‹›€™−',
  vietnamese: 'ĂăĐđĨĩŨũƠơƯư₫\u0300\u0301\u0303\u0309\u0323' + range(0x1ea0, 0x1ef9),
}

export async function fonts({ modules, dist, subsetFont, opentype, fontverter }) {
  for (const weight of [400, 600, 700]) {
    for (const [subset, text] of Object.entries(texts)) {
      const source = readFileSync(join(modules, `@fontsource/be-vietnam-pro/files/be-vietnam-pro-${subset}-${weight}-normal.woff2`))
      writeFileSync(join(dist, `fonts/be-vietnam-pro-${subset}-${weight}.woff2`),
        await subsetFont(source, text, { targetFormat: 'woff2', noHinting: true }))
      if (subset === 'latin') {
        const digits = await subsetFont(source, '0123456789', { targetFormat: 'sfnt', noHinting: true, keepFeatures: [] })
        writeFileSync(join(dist, `fonts/figures-${weight}.woff2`), await fontverter.convert(tabular(opentype, digits), 'woff2'))
      }
    }
  }
}

function tabular(opentype, sfnt) {
  const from = opentype.parse(sfnt.buffer.slice(sfnt.byteOffset, sfnt.byteOffset + sfnt.length))
  const digits = [...'0123456789'].map((c) => from.charToGlyph(c))
  const advanceWidth = Math.max(...digits.map((g) => g.advanceWidth))
  const glyphs = digits.map((g, i) => {
    const dx = Math.round((advanceWidth - g.advanceWidth) / 2)
    const path = new opentype.Path()
    for (const c of g.path.commands) {
      const moved = { ...c }
      for (const x of ['x', 'x1', 'x2']) if (x in moved) moved[x] += dx
      path.commands.push(moved)
    }
    return new opentype.Glyph({ name: `figure${i}`, unicode: 48 + i, advanceWidth, path })
  })
  const { unitsPerEm, ascender, descender } = from
  const notdef = new opentype.Glyph({ name: '.notdef', advanceWidth, path: new opentype.Path() })
  const font = new opentype.Font({ familyName: 'Figures', styleName: 'Regular', unitsPerEm, ascender, descender, createdTimestamp: 1, glyphs: [notdef, ...glyphs] })
  // The writer stamps the time of day into the file; two builds must be the same.
  const { getTime } = Date.prototype
  Date.prototype.getTime = () => 0
  try {
    return Buffer.from(font.toArrayBuffer())
  } finally {
    Date.prototype.getTime = getTime
  }
}

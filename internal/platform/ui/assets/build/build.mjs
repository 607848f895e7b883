// Builds ../dist from the npm packages of package.json:
//   npm ci && npm run build
// NODE_MODULES may name a folder that already holds them.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fonts } from './fonts.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const modules = process.env.NODE_MODULES ?? join(here, 'node_modules')
const dist = join(here, '..', 'dist')
const load = createRequire(join(modules, 'x.js'))
const sass = load('sass')
const esbuild = load('esbuild')

rmSync(dist, { recursive: true, force: true })
mkdirSync(join(dist, 'fonts'), { recursive: true })

const css = sass.compile(join(here, 'app.scss'), { loadPaths: [modules], quietDeps: true })
const small = await esbuild.transform(css.css, { loader: 'css', minify: true, target: ['chrome100', 'firefox100', 'safari15'] })
writeFileSync(join(dist, 'app.css'), small.code)

await esbuild.build({
  entryPoints: [join(here, 'app.mjs')],
  outfile: join(dist, 'app.js'),
  bundle: true, minify: true, format: 'esm', target: 'es2020', nodePaths: [modules], legalComments: 'none',
})

await esbuild.build({
  entryPoints: [join(here, 'upload.mjs')],
  outfile: join(dist, 'upload.js'),
  bundle: true, minify: true, format: 'esm', target: 'es2020', legalComments: 'none',
})

await esbuild.build({
  entryPoints: [join(here, 'keys.mjs')],
  outfile: join(dist, 'keys.js'),
  bundle: true, minify: true, format: 'esm', target: 'es2020', legalComments: 'none',
})

const sheet = await esbuild.transform(readFileSync(join(here, 'upload.css'), 'utf8'), { loader: 'css', minify: true, target: ['chrome100', 'firefox100', 'safari15'] })
writeFileSync(join(dist, 'upload.css'), sheet.code)

cpSync(join(modules, 'htmx.org/dist/htmx.min.js'), join(dist, 'htmx.js'))
cpSync(join(here, 'icon.svg'), join(dist, 'icon.svg'))
await fonts({ modules, dist, subsetFont: load('subset-font'), opentype: load('opentype.js'), fontverter: load('fontverter') })
cpSync(join(modules, 'axe-core/axe.min.js'), join(here, '..', '..', 'uitest', 'axe.min.js'))

// Builds portal/static/dist: named by their content, compressed beforehand, listed in manifest.json.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

import * as esbuild from 'esbuild'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const project = dirname(here)
const dist = join(project, 'portal', 'static', 'dist')
const BROWSERS = ['chrome109', 'edge109', 'firefox115', 'safari15.6']

const manifest = {}

/** Writes one file under a name that changes with its content, with compressed copies beside it. */
async function publish(name, content) {
  const bytes = Buffer.from(content)
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  const published = name.replace(/(\.\w+)$/, `-${hash}$1`)
  await writeFile(join(dist, published), bytes)
  await writeFile(join(dist, `${published}.gz`), gzipSync(bytes, { level: 9 }))
  await writeFile(
    join(dist, `${published}.br`),
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })
  )
  manifest[name] = published
}

async function styles(name) {
  const { css } = sass.compile(join(here, 'styles', `${name}.scss`), {
    loadPaths: [join(project, 'node_modules')],
    quietDeps: true
  })
  const { code } = await esbuild.transform(css, { loader: 'css', minify: true, target: BROWSERS })
  await publish(`${name}.css`, code)
}

async function script(name) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(here, 'scripts', `${name}.js`)],
    bundle: true,
    format: 'esm',
    legalComments: 'none',
    minify: true,
    target: BROWSERS,
    write: false
  })
  await publish(`${name}.js`, outputFiles[0].contents)
}

await rm(dist, { recursive: true, force: true })
await mkdir(dist, { recursive: true })
await Promise.all([
  styles('portal'),
  script('portal'),
  publish('favicon.svg', await readFile(join(here, 'favicon.svg')))
])
await writeFile(join(dist, 'manifest.json'), JSON.stringify(manifest, null, 2))

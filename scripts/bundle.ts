/** `npm run bundle`: writes what the container image runs to dist/. */
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle/bundle.ts';

const outdir = fileURLToPath(new URL('../dist/', import.meta.url));
const { outputs } = await bundle(outdir);
for (const [path, { bytes, entryPoint }] of Object.entries(outputs)) {
  if (entryPoint !== undefined) console.log(`${path}  ${Math.ceil(bytes / 1024)} KiB  from ${entryPoint}`);
}

import { enableCompileCache } from 'node:module';

// What is imported from here on comes without parsing and without stripping of types: half the time to start.
enableCompileCache();

const { run } = await import('./program.ts');
process.exitCode = await run();

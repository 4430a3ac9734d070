import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxyCommand } from '../../cli/proxy/command.ts';
import { ProxyOptions } from '../../cli/proxy/options.ts';
import { OperatorOptions } from '../../operator/options.ts';
import { pick, podOf, render, VALUES } from './chart.ts';

/** `--a-b=c` → {aB: 'c'}. */
function flags(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    args.map((arg) => {
      const [, name, value] = /^--([-a-z]+)=(.*)$/.exec(arg)!;
      return [name!.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()), value!];
    }),
  );
}

for (const name of VALUES.keys()) {
  test(`the commands understand the arguments that ${name} gives them`, async () => {
    const objects = await render(4, '-f', VALUES.get(name)!);
    const argsOf = (suffix: string) => podOf(pick(objects, 'Deployment', suffix)).spec.containers[0].args;
    const [operator, ...operatorFlags] = argsOf('-operator');
    const [proxy, ...proxyFlags] = argsOf('-proxy');
    assert.deepEqual([operator, proxy], ['operator', proxyCommand().name()]);
    assert.equal(OperatorOptions.safeParse(flags(operatorFlags)).error, undefined);
    assert.equal(ProxyOptions.safeParse(flags(proxyFlags)).error, undefined);
  });
}

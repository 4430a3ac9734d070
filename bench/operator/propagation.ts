import { alias, generous, readmeExample } from '../../test/e2e/gateway-yaml.ts';
import { eventually } from '../../test/e2e/eventually.ts';
import { Platform } from '../../test/e2e/platform.ts';
import { ask } from '../../test/e2e/traffic.ts';

/**
 * From the moment that kubectl apply has returned until traffic uses the edit, over 100 edits: `node
 * bench/operator/propagation.ts`. The target is a p99 of one second.
 */
const EDITS = 100;

const platform = await Platform.start();
try {
  await platform.startOperator('operator-0');
  const proxy = await platform.startProxy('proxy-0');
  await platform.apply(readmeExample(platform.upstream.url));
  await platform.apply(generous());
  await platform.kubectl('wait', '--for=condition=Programmed', '--timeout=60s', '-n', 'shop', 'ckey/shop');
  await platform.kubectl('wait', '--for=condition=Programmed', '--timeout=60s', '-n', 'shop', 'tpol/shop');
  const secret = await platform.kubectl('get', 'secret', 'shop-modelgate', '-n', 'shop', '-o', 'json');
  const { data } = JSON.parse(secret) as { data: { MODELGATE_API_KEY: string } };
  const key = Buffer.from(data.MODELGATE_API_KEY, 'base64').toString();
  const took: number[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    const model = `model-${edit}`;
    await platform.apply(alias({ model }));
    const began = performance.now();
    await eventually(
      () => ask(proxy, key),
      () => platform.upstream.requests.at(-1)?.json()['model'] === model,
    );
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  const at = (percent: number): string => took[Math.ceil((took.length * percent) / 100) - 1]!.toFixed(0);
  console.log(
    `${EDITS} edits, from apply to traffic: p50 ${at(50)} ms, p99 ${at(99)} ms, slowest ${at(100)} ms`,
  );
} finally {
  await platform.stop();
}

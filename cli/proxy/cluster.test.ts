import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { findCluster } from './cluster.ts';
import { ProxyOptions } from './options.ts';

const options = (given: object = {}): ProxyOptions => ProxyOptions.parse({ namespace: 'gateway', ...given });
const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '6443' };
const FILES = '/var/run/secrets/kubernetes.io/serviceaccount';

test('in a pod everything is there', () => {
  assert.deepEqual(findCluster(options(), { ...pod, POD_NAME: 'proxy-1' }), {
    access: { url: 'https://10.0.0.1:6443', caFile: `${FILES}/ca.crt`, tokenFile: `${FILES}/token` },
    pod: { name: 'proxy-1', namespace: 'gateway', uid: undefined },
  });
});

test('an IPv6 address stands in brackets', () => {
  const environment = { ...pod, KUBERNETES_SERVICE_HOST: 'fd00::1' };
  assert.partialDeepStrictEqual(findCluster(options(), environment), {
    access: { url: 'https://[fd00::1]:6443' },
  });
});

test('what the options say goes first', () => {
  const given = { tokenFile: '/my/token', podName: 'mine', podUid: 'u-1' };
  assert.deepEqual(findCluster(options(given), { ...pod, POD_NAME: 'proxy-1' }), {
    access: { url: 'https://10.0.0.1:6443', caFile: `${FILES}/ca.crt`, tokenFile: '/my/token' },
    pod: { name: 'mine', namespace: 'gateway', uid: 'u-1' },
  });
});

test('another API server gets no file of the pod, above all not its token', () => {
  const found = findCluster(options({ apiServer: 'https://elsewhere:6443' }), { ...pod, POD_NAME: '' });
  assert.deepEqual(found, {
    access: { url: 'https://elsewhere:6443', caFile: undefined, tokenFile: undefined },
    pod: { name: hostname().toLowerCase(), namespace: 'gateway', uid: undefined },
  });
});

test('outside a pod something has to be said', () => {
  assert.match((findCluster(options(), {}) as { missing: string }).missing, /--api-server/);
  const { missing } = findCluster(options({ namespace: undefined }), pod) as { missing: string };
  assert.match(missing, /--namespace/);
});

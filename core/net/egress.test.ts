import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Egress, isCIDR } from './egress.ts';

const closed = new Egress();
const home = new Egress({ allowPrivate: true });
const admits = (egress: Egress, address: string): boolean => egress.addressFault(address) === undefined;

/** An IPv4 address in every IPv6 form that leads to it. */
function forms(address: string): string[] {
  const [a, b, c, d] = address.split('.').map(Number) as [number, number, number, number];
  const hex = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  return [`::ffff:${address}`, `::ffff:${hex}`, `0:0:0:0:0:FFFF:${address}`, `64:ff9b::${hex}`];
}

test('an IPv4 address is judged alike in every form', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      for (const form of forms(address)) {
        assert.equal(admits(closed, form), admits(closed, address), form);
        assert.equal(admits(home, form), admits(home, address), form);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('tunnels stay closed, whatever is inside', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      const hex = forms(address)[3]!.slice('64:ff9b::'.length);
      for (const tunnel of [`2002:${hex}::`, `2001:0:${hex}::`, `64:ff9b:1::${hex}`, `::ffff:0:${hex}`])
        assert.equal(admits(home, tunnel), false, tunnel);
    }),
  );
});

test('whatever is allowed without more is allowed with private addresses too', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      if (admits(closed, address)) assert.ok(admits(home, address), address);
    }),
    { numRuns: 2_000 },
  );
});

test('every address of a denied range is denied, and none beside it', () => {
  const egress = new Egress({ allowPrivate: true, deniedCIDRs: ['10.1.0.0/16'] });
  fc.assert(
    fc.property(fc.nat(65_535), fc.integer({ min: 0, max: 255 }), (low, second) => {
      const address = `10.${second}.${low >> 8}.${low & 255}`;
      assert.equal(admits(egress, address), second !== 1, address);
    }),
  );
});

test('the borders of ranges', () => {
  const isPublic = (address: string): boolean => admits(closed, address);
  assert.deepEqual(
    ['9.255.255.255', '11.0.0.0', '172.15.255.255', '172.32.0.0', '192.167.255.255', '192.169.0.0'].map(
      isPublic,
    ),
    Array<boolean>(6).fill(true),
  );
  assert.deepEqual(
    ['100.63.255.255', '100.128.0.0', '169.253.255.255', '169.255.0.0', '126.255.255.255', '128.0.0.0'].map(
      isPublic,
    ),
    Array<boolean>(6).fill(true),
  );
  assert.deepEqual(['1fff::1', '2000::1', '3ffe::1', '4000::1'].map(isPublic), [false, true, true, false]);
  assert.deepEqual(
    ['100.100.100.199', '100.100.100.200', '198.18.0.1', 'fd00:ec1::1', 'fd00:ec2::1'].map((a) =>
      admits(home, a),
    ),
    [true, false, true, true, false],
  );
});

test('what is no address is nobody', () => {
  for (const text of ['', 'localhost', '1.2.3.4.5', '[::1]']) assert.ok(closed.addressFault(text), text);
});

test('ranges are told from what is none', () => {
  assert.deepEqual(
    ['10.0.0.0/8', 'fd00::/8', '0.0.0.0/0', '10.0.0.0', '10.0.0.0/33', 'x/8', ''].map(isCIDR),
    [true, true, true, false, false, false, false],
  );
});

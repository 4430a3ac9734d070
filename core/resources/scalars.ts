import * as z from 'zod';
import { durationMs } from './duration.ts';
import { type Rule, ruled } from './rules.ts';

interface Text {
  readonly max: number;
  readonly pattern: RegExp;
  /** What a value that does not match should have been. */
  readonly wanted: string;
  /** Whether the message may quote the value: never where somebody may paste a secret by mistake. */
  readonly quote?: boolean;
}

/**
 * A bounded string of one shape. Patterns are RE2 and ECMAScript at once: no lookaround, no back-reference, and no \s,
 * which is another set of characters in each.
 */
function text({ max, pattern, wanted, quote = false }: Text): z.ZodString {
  return z
    .string()
    .max(max)
    .regex(pattern, {
      error: (issue) =>
        quote ? `"${String(issue.input).slice(0, 64)}" is not ${wanted}` : `must be ${wanted}`,
    });
}

/** Any text of at least one and at most `max` characters. */
export const freeText = (max: number): z.ZodString => z.string().min(1).max(max);

/** What fits into the 64 bits of nanoseconds that the API server counts in; it refuses more by itself. */
const LONGEST_MS = 9_223_372_036_854.775;

const notTooLong: Rule<string> = {
  message: 'must be shorter than 292 years',
  check: (value) => durationMs(value) <= LONGEST_MS,
};

/** A time span, the way Go and Kubernetes write it. Zero is allowed. */
export const duration = (): z.ZodString =>
  ruled(
    text({
      max: 32,
      pattern: /^([0-9]{1,6}(\.[0-9]{1,3})?(ms|s|m|h)){1,4}$/,
      wanted: 'a duration: write it like 5s, 1m30s',
      quote: true,
    }),
    notTooLong,
  );

const longerThanZero: Rule<string> = {
  rule: "duration(self) > duration('0s')",
  message: 'must be longer than zero: write it like 5s, 1m30s',
  check: (value) => durationMs(value) > 0,
};

/** A time span longer than zero. */
export const positiveDuration = (): z.ZodString => ruled(duration(), longerThanZero);

/** US dollars as a decimal string, down to a micro-dollar. */
export const money = (): z.ZodString =>
  text({
    max: 16,
    pattern: /^[0-9]{1,9}(\.[0-9]{1,6})?$/,
    wanted: 'an amount of US dollars: write it like "250.00"',
    quote: true,
  });

/** A decimal number as a string, because a CRD has no portable fractions. */
export const decimal = (): z.ZodString =>
  text({
    max: 18,
    pattern: /^-?[0-9]{1,9}(\.[0-9]{1,6})?$/,
    wanted: 'a decimal number: write it like "0.5"',
    quote: true,
  });

/** A decimal string from 0 to 1. */
export const fraction = (): z.ZodString =>
  text({
    max: 8,
    pattern: /^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$/,
    wanted: 'a fraction from 0 to 1: write it like "0.75"',
    quote: true,
  });

/** A name of a Kubernetes object (RFC 1123 subdomain). */
export const objectName = (): z.ZodString =>
  text({
    max: 253,
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    wanted:
      'a Kubernetes name: lower-case letters, digits, - and . (a secret value itself never belongs here)',
  });

/** A name of a namespace, or of an entry in a list of ours (RFC 1123 label). */
export const labelName = (): z.ZodString =>
  text({
    max: 63,
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    wanted: 'a short name: lower-case letters, digits and -, starting and ending with a letter or digit',
  });

/** A key inside a Secret. */
export const secretKey = (): z.ZodString =>
  text({
    max: 253,
    pattern: /^[-._a-zA-Z0-9]+$/,
    wanted: 'a key of the Secret: letters, digits, -, _ and .',
  });

/** A name of an HTTP header or cookie (RFC 9110 token). */
export const headerName = (): z.ZodString =>
  text({
    max: 128,
    pattern: /^[-!#$%&'*+.^_|~0-9A-Za-z]+$/,
    wanted: 'an HTTP header name: letters, digits and -',
  });

/** A value of an HTTP header: visible ASCII, spaces and tabs; no line breaks. */
export const headerValue = (): z.ZodString =>
  text({ max: 1024, pattern: /^[\t -~]*$/, wanted: 'one line of ASCII text' });

/** An address to call: http or https, nothing but host, port and path. */
export const baseURL = (): z.ZodString =>
  text({
    max: 512,
    pattern: /^https?:\/\/[^\t-\r /?#@]+(\/[^\t-\r ?#]*)?$/,
    wanted: 'an https:// or http:// URL without user, password, query and fragment',
  });

/** An address to call that may carry a query. */
export const endpointURL = (): z.ZodString =>
  text({
    max: 512,
    pattern: /^https?:\/\/[^\t-\r /?#@]+([/?][^\t-\r #]*)?$/,
    wanted: 'an https:// or http:// URL without user, password and fragment',
  });

/** An address of an identity provider: https only, for what comes from it decides who a caller is. */
export const issuerURL = (): z.ZodString =>
  text({
    max: 512,
    pattern: /^https:\/\/[^\t-\r /?#@]+(\/[^\t-\r ?#]*)?$/,
    wanted: 'an https:// URL without user, password, query and fragment',
  });

/** A range of client addresses. */
export const cidr = (): z.ZodString =>
  text({
    max: 49,
    pattern: new RegExp(`${z.regexes.cidrv4.source}|${z.regexes.cidrv6.source}`),
    wanted: 'a range of addresses: write it like 10.0.0.0/8 or 2001:db8::/32',
    quote: true,
  });

/** A SHA-256 in lower-case hexadecimal. */
export const sha256Hex = (): z.ZodString =>
  text({
    max: 64,
    pattern: /^[0-9a-f]{64}$/,
    wanted: 'the SHA-256 of the key, 64 lower-case hexadecimal digits (printf %s "$KEY" | sha256sum)',
  });

/** An instant, with its offset from UTC (RFC 3339). */
export const instant = (): z.ZodISODateTime =>
  z.iso
    .datetime({
      offset: true,
      error: (issue) =>
        issue.code === 'invalid_format'
          ? 'must be an instant: write it like "2027-01-01T00:00:00Z"'
          : undefined,
    })
    .max(64);

/** What a limit or budget counts by; see `limits[].scope`. */
export const scope = (): z.ZodString =>
  text({
    max: 160,
    pattern:
      /^(Caller|Alias|CallerAndAlias|Target|Namespace|Header:[-!#$%&'*+.^_|~0-9A-Za-z]{1,128}|Attribute:[-._a-zA-Z0-9]{1,128})$/,
    wanted:
      'a scope: Caller, Alias, CallerAndAlias, Target, Namespace, Header:<header name> or Attribute:<attribute name>',
    quote: true,
  });

const starLast: Rule<string> = {
  rule: "!self.contains('*') || self.indexOf('*') == size(self) - 1",
  message: 'a * may only stand at the end: write it like team/*',
  check: (value) => !value.includes('*') || value.indexOf('*') === value.length - 1,
};

/** What an application sends as "model", or a pattern that ends in *. */
export const aliasPattern = (): z.ZodString =>
  ruled(
    text({
      max: 256,
      pattern: /^[A-Za-z0-9*][-A-Za-z0-9._:/@+*]*$/,
      wanted: 'an alias: letters, digits and . _ : / @ + -, with an optional * at the end',
      quote: true,
    }),
    starLast,
  );

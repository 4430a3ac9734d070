import { ERRORS, type ErrorKind } from '../../core/errors.ts';

const HEAD = `# Errors

Every error that a caller can get. It comes in the caller's dialect, always with \`x-request-id\`. In OpenAI's:

\`\`\`json
{"error": {"message": "…", "type": "…", "code": "…", "param": null}}
\`\`\`

\`code\` is stable: programs may decide on it. \`message\` says what to do next and may change. A 429 and a 503 carry
\`retry-after\` (seconds) and \`retry-after-ms\` when it is known how long to wait. Errors marked *final* carry
\`x-should-retry: false\`, so that the official SDKs do not try again by themselves. Once a stream has begun, the error
is its last event, and \`[DONE]\` does not follow.

A provider's own 4xx about the caller's request (400, 409, 413, 415, 422, …) is passed on as the provider wrote it.

This page is made from the catalogue in \`core/errors.ts\` by \`npm run generate\`.

| status | code | type | when | what to do |
|---|---|---|---|---|
`;

/** docs/errors.md */
export function errorsPage(): string {
  const rows = Object.entries<ErrorKind>(ERRORS)
    .toSorted(([, a], [, b]) => a.status - b.status)
    .map(([code, { status, type, when, mend, final }]) => {
      return `| ${status} | \`${code}\`${final ? ' (final)' : ''} | \`${type}\` | ${when} | ${mend} |`;
    });
  return `${HEAD}${rows.join('\n')}\n`;
}

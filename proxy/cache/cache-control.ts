/**
 * What a caller says about answers that were given before, if anything.
 * https://www.rfc-editor.org/rfc/rfc9111#name-request-directives
 */
export function cacheControl(header: string | undefined): 'no-store' | 'no-cache' | undefined {
  if (header === undefined) return undefined;
  const directives = header.split(',').map((directive) => directive.trim().toLowerCase());
  if (directives.includes('no-store')) return 'no-store';
  return directives.includes('no-cache') || directives.includes('max-age=0') ? 'no-cache' : undefined;
}

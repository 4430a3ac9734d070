/** An answer of the API server that is an error. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  /** @param body a Status object, mostly: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
  constructor(status: number, body: string) {
    super(`the API server answered ${status}: ${messageOf(body)}`);
    this.status = status;
  }
}

function messageOf(body: string): string {
  try {
    return String((JSON.parse(body) as { message?: unknown }).message);
  } catch {
    return body.slice(0, 200);
  }
}

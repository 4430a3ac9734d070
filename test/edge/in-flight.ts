/** How many requests the gateway says are under way. */
export async function inFlight(adminUrl: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text();
  return Number(/^modelgate_requests_in_flight (\d+)$/m.exec(text)?.[1]);
}

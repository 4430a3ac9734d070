/**
 * Keeps a core from going to sleep, at the lowest priority: a server that answers seldom would otherwise pay for waking
 * the core of its callers with each answer (20 µs on a virtual machine), and look the worse the slower it is.
 */
const TURN = 5;

function spin(): void {
  for (const until = performance.now() + TURN; performance.now() < until;);
  setImmediate(spin);
}

process.on('disconnect', () => process.exit());
spin();

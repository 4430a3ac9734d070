import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { helmProgram, kubernetesPrograms } from '../cluster/build/programs.ts';
import { command } from '../cluster/command.ts';
import type { Cluster } from '../cluster/index.ts';
import { ROOT } from './markdown.ts';

/**
 * kubectl without what needs nodes: that a rollout is over, and a tunnel into a pod. Of these it says whether the
 * objects are there.
 */
const kubectl = (program: string): string => `#!/bin/bash
case "$1" in
  port-forward) shift; "${program}" get "\${@:1:3}" >/dev/null ;;
  rollout) shift 2; "${program}" get "$@" >/dev/null ;;
  *) "${program}" "$@" ;;
esac
`;

/** helm without the pods of \`helm test\`, for the same reason. */
const helm = (program: string): string => `#!/bin/bash
if [ "$1" = test ]; then shift; exec "${program}" status "$@"; fi
exec "${program}" "$@"
`;

const npx = `#!/bin/sh
shift
exec "${process.execPath}" "${join(ROOT, 'cli/bin.js')}" "$@"
`;

/** What a reader of the documentation types into, with a cluster behind it. */
export class Terminal {
  readonly folder: string;
  readonly #cluster: Cluster;

  private constructor(cluster: Cluster, folder: string) {
    this.#cluster = cluster;
    this.folder = folder;
  }

  static async open(cluster: Cluster): Promise<Terminal> {
    const terminal = new Terminal(cluster, mkdtempSync(join(cluster.folder, 'terminal-')));
    const tools = {
      kubectl: kubectl(join(await kubernetesPrograms(), 'kubectl')),
      helm: helm(await helmProgram(4)),
      npx,
    };
    mkdirSync(terminal.#tools);
    for (const [name, text] of Object.entries(tools))
      writeFileSync(join(terminal.#tools, name), text, { mode: 0o755 });
    return terminal;
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Types the lines one after the other; throws when one fails. @returns what they print */
  async type(script: string, env: Record<string, string> = {}): Promise<string> {
    // Commands name the chart as it is in the repository.
    const lines = script.replaceAll('helm/modelgate ', `${join(ROOT, 'helm/modelgate')} `);
    const { code, stdout, stderr } = await command(
      'bash',
      ['-euo', 'pipefail', '-c', `cd "$0"\n${lines}`, this.folder],
      {
        env: {
          ...env,
          PATH: `${this.#tools}:${process.env['PATH']}`,
          KUBECONFIG: this.#cluster.kubeconfig,
          HELM_CACHE_HOME: this.folder,
          HELM_CONFIG_HOME: this.folder,
          HELM_DATA_HOME: this.folder,
        },
      },
    );
    if (code !== 0) throw new Error(`${script}\n${stdout}${stderr}`);
    return stdout;
  }

  get #tools(): string {
    return join(this.folder, 'tools');
  }
}

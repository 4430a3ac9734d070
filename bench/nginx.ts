import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function hasNginx(): boolean {
  return spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0;
}

/** Writes what nginx needs into the folder, and returns the command that starts it as one process. */
export function nginxCommand(folder: string, port: number, upstream: string): string[] {
  mkdirSync(join(folder, 'logs'), { recursive: true });
  writeFileSync(join(folder, 'nginx.conf'), configuration(port, new URL(upstream).host));
  return ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', join(folder, 'logs/error.log')];
}

/** Nothing but passing on: no log, connections kept on both sides, streams not held back. */
function configuration(port: number, upstream: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 4096; }
http {
  ${temporary.map((kind) => `${kind}_temp_path ${kind}_temp;`).join('\n  ')}
  access_log off;
  keepalive_requests 1000000000;
  client_max_body_size 32m;
  client_body_buffer_size 256k;
  upstream provider { server ${upstream}; keepalive 512; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Authorization "Bearer provider-key";
    location / { proxy_pass http://provider; }
    location /stream { proxy_pass http://provider; proxy_buffering off; }
    location /paced { proxy_pass http://provider; proxy_buffering off; }
  }
}
`;
}

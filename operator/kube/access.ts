/** Where the API server is, and as whom we come. */
export interface ClusterAccess {
  /** For example `https://10.0.0.1:443`; may have a path. */
  url: URL;
  tls: {
    ca?: string | Buffer;
    cert?: string | Buffer;
    key?: string | Buffer;
    servername?: string;
    rejectUnauthorized?: boolean;
  };
  /** Value of the Authorization header: asked for with each request, because tokens are renewed. */
  authorization(): Promise<string | undefined>;
  /** The namespace that the process belongs to, when known. */
  namespace: string | undefined;
}

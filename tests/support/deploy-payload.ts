/** What the deployment of a service without SQL migrations carries. */
export const DEPLOY_PAYLOAD = {
  schema: 1,
  kind: 'deploy',
  service: 'back-end',
  version: 'v1.4.0',
  migrations: null,
  owner: {
    id: '1-1-staging-x',
    kind: 'github-run',
    runId: '1',
    host: 'h',
    pid: 1,
    processStart: 's',
    name: 'ann',
  },
} as const;

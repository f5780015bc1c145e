import type { Site } from './site.ts';

/** A test as a team would write it, with a report as many runners write it: a booking can be made. */
export const E2E_TEST = `import { writeFileSync } from 'node:fs';
const [url, report] = process.argv.slice(2);
const began = new Date();
const tries = [];
for (let left = 5; left > 0 && !tries.includes(201); left -= 1)
  tries.push((await fetch(url + '/bookings', { method: 'POST' })).status);
const failure = tries.includes(201) ? '' : \`<failure message="\${tries.join(' ')}"/>\`;
writeFileSync(
  report,
  \`<testsuites><testsuite name="booking" tests="1" failures="\${failure === '' ? 0 : 1}" timestamp="\${began.toISOString()}">\` +
    \`<testcase name="a customer books" classname="booking" time="0.1">\${failure}</testcase></testsuite></testsuites>\`,
);
process.exitCode = failure === '' ? 0 : 1;
`;

/** What is deployed to staging, and what its E2E gate and its load test ask. */
export function stagingConfig(site: Site, cli: string): string {
  const port = site.ports.staging;
  const url = `http://127.0.0.1:${port}`;
  const start = [
    ...[process.execPath, cli, 'demo-start', '--directory', site.staging, '--slot', 'a'],
    ...['--port-a', String(port), '--port-b', '0', '--version-name', '{version}'],
  ];
  return `deploy:
  staging:
    services:
      back-end:
        deploy: ${JSON.stringify(start)}
        health: { url: '${url}/healthz', version-field: version, deadline: 20s }
e2e:
  staging:
    run: ['${process.execPath}', e2e.mjs, '${url}', report.xml]
    reports: report.xml
    flows:
      customer-booking: { tests: ['a customer books'] }
load-tests:
  staging:
    generate: { type: autocannon, url: '${url}/quotes', duration: 3s, connections: 20 }
    normal: 2 rps
    hold: 2s
    dip: 50
    min-requests: 20
    version: { url: '${url}/healthz', field: version }
    latency: { p50: <= 5 s } # a few requests are enough to be sure of it, also when one fails
    errors: <= 20 %
    coordinated-omission: { tolerance: 90, severity: warn }
`;
}

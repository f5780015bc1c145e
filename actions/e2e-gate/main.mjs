import { runAction } from '../../dist/index.js';

await runAction('e2e-gate/main');

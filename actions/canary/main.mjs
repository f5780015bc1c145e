import { runAction } from '../../dist/index.js';

await runAction('canary/main');

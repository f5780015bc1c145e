import { runAction } from '../../dist/index.js';

await runAction('pr-status/main');

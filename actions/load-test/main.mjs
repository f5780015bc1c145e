import { runAction } from '../../dist/index.js';

await runAction('load-test/main');

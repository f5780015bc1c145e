import { realpathSync } from 'node:fs';
import { Command, Option } from 'commander';
import { FAULTS, type Fault } from './booking-service.ts';
import { runDemo } from './demo.ts';
import { SCENARIOS, type Scenario } from './demo-config.ts';
import { type ServicePlace, serve, startService, stopService } from './service-process.ts';
import { runStaging } from './staging.ts';
import { STAGING_SCENARIOS, type StagingScenario } from './staging-config.ts';

interface PlaceFlags {
  readonly directory: string;
  readonly slot: string;
  readonly portA: string;
  readonly portB: string;
}

const cliPath = (): string => realpathSync(process.argv[1] ?? '');

function placeOf(flags: PlaceFlags): ServicePlace {
  const { directory, slot, portA, portB } = flags;
  return { directory, slot, port: Number(slot === 'a' ? portA : portB) };
}

const fault = (): Option =>
  new Option('--fault <fault>', 'what is wrong with it').choices(FAULTS).default('none');

/** `demo`, and the three commands by which its config starts, stops and runs the demo service. */
export function demoCommands(): Command[] {
  const demo = new Command('demo')
    .description('a canary from start to end, for real, on this machine; about a minute')
    .addOption(new Option('--scenario <name>', 'what happens').choices(SCENARIOS).default('healthy'))
    .option('--output <folder>', 'where the report and the job summary go', 'deploy-canary-demo')
    .action(async (flags: { scenario: Scenario; output: string }) => {
      process.exitCode = (await runDemo(cliPath(), flags.scenario, flags.output)) ? 0 : 1;
    });
  return [demo, staging(), start(), stop(), service()];
}

function staging(): Command {
  return new Command('demo-staging')
    .description('a version through staging: deployed, its flows tested, under ten times its load')
    .addOption(new Option('--scenario <name>', 'what happens').choices(STAGING_SCENARIOS).default('healthy'))
    .option('--output <folder>', 'where the reports go', 'deploy-canary-demo')
    .action(async (flags: { scenario: StagingScenario; output: string }) => {
      process.exitCode = (await runStaging(cliPath(), flags.scenario, flags.output)) ? 0 : 1;
    });
}

function withPlace(command: Command): Command {
  return command
    .requiredOption('--directory <path>')
    .requiredOption('--slot <slot>')
    .requiredOption('--port-a <port>')
    .requiredOption('--port-b <port>');
}

function start(): Command {
  return withPlace(new Command('demo-start'))
    .requiredOption('--version-name <version>')
    .addOption(fault())
    .action(async (flags: PlaceFlags & { versionName: string; fault: Fault }) => {
      // Only the new version has the fault.
      const ill = flags.slot === 'b' ? flags.fault : 'none';
      await startService(cliPath(), placeOf(flags), flags.versionName, ill);
    });
}

function stop(): Command {
  return withPlace(new Command('demo-stop')).action(async (flags: PlaceFlags) => stopService(placeOf(flags)));
}

function service(): Command {
  return new Command('demo-service')
    .requiredOption('--port <port>')
    .requiredOption('--version-name <version>')
    .addOption(fault())
    .action(async (flags: { port: string; versionName: string; fault: Fault }) =>
      serve(Number(flags.port), flags.versionName, flags.fault),
    );
}

import { Command } from 'commander';
import { loadConfig } from '../wire.ts';

/** `validate [file]`: every problem of the configuration at once, or one line that says what it holds. */
export function validateCommand(): Command {
  const command = new Command('validate')
    .description('check the configuration and report every problem with its line')
    .argument('[file]', 'configuration file', '.github/deploy-canary.yml');
  return command.action(async (file: string) => {
    const loaded = await loadConfig(process.cwd(), file);
    if (!loaded.ok) return command.error(loaded.report);
    for (const warning of loaded.warnings) process.stderr.write(`warning: ${warning}\n`);
    const { service, environments } = loaded.config;
    const kpis = Object.values(environments)[0]?.kpis.length ?? 0;
    const names = Object.keys(environments).join(', ');
    process.stdout.write(`${file} is valid: ${service}, ${kpis} KPIs, environments ${names}\n`);
  });
}

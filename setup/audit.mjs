#!/usr/bin/env node
/**
 * `npm run audit`: known faults of the packages inside the program, by the registry's list. Ends with 1 where there
 * is one of high or critical severity. Where the registry gives no list, that is said and counts as not audited:
 * 0, or 1 with --required.
 */
import { run, runQuietly, runScript } from './steps.mjs';

/** @typedef {{ severity: string, via: (string | { title: string, url: string })[] }} Vulnerability */

/** Severities that end the audit with 1. */
const grave = ['high', 'critical'];

/**
 * @param {string} output of `npm audit --json`
 * @returns {Record<string, Vulnerability> | null} by package; null where there is no answer
 */
export function vulnerabilitiesIn(output) {
  const start = output.indexOf('{');
  if (start < 0) return null;
  try {
    /** @type {{ auditReportVersion?: number, vulnerabilities?: Record<string, Vulnerability> }} */
    const report = JSON.parse(output.slice(start, output.lastIndexOf('}') + 1));
    return report.auditReportVersion === undefined ? null : (report.vulnerabilities ?? {});
  } catch {
    return null;
  }
}

/** @param {Record<string, Vulnerability>} vulnerabilities */
export function auditLines(vulnerabilities) {
  return Object.entries(vulnerabilities).map(([name, { severity, via }]) => {
    const titles = via.map((each) =>
      typeof each === 'string' ? `through ${each}` : `${each.title} ${each.url}`,
    );
    return `${severity}  ${name}: ${titles.join('; ')}`;
  });
}

async function audit() {
  const { output } = await runQuietly('npm', ['audit', '--json', '--omit=dev']);
  const vulnerabilities = vulnerabilitiesIn(output);
  if (vulnerabilities === null) {
    const registry = (await run('npm', ['config', 'get', 'registry'], 'Look at your npm settings.')).trim();
    process.stdout.write(`NOT AUDITED: ${registry} gives no list of known faults\n`);
    return process.argv.includes('--required') ? 1 : 0;
  }
  for (const line of auditLines(vulnerabilities)) process.stdout.write(`${line}\n`);
  const count = Object.values(vulnerabilities).filter(({ severity }) => grave.includes(severity)).length;
  process.stdout.write(`audited: ${count} packages with faults of high or critical severity\n`);
  return count === 0 ? 0 : 1;
}

if (process.argv[1]?.endsWith('audit.mjs')) await runScript(audit);

/** What a command's file needs to add its commands to the command line. */
import type { Command } from 'commander';
import type { Host } from '../host/host';
import type { Terminal } from './terminal';

export interface CommandLine {
  host: Host;
  terminal: Terminal;
  /** Adds a command with the options that all commands have. */
  command(usage: string, description: string): Command;
  /** Takes the exit code of the command that ran. */
  end(exitCode: number): void;
}

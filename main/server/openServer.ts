/** The browser mode over the host of this machine. */
import { join } from 'node:path';
import { handlersOf } from '../../core/contract/channels';
import { REPORT_FORMATS } from '../../core/report/formatNames';
import { dataFolder } from '../../setup/folders.mjs';
import { applicationRoot } from '../applicationRoot';
import type { Host } from '../host/host';
import { programVersion } from '../host/provenance';
import { WorkbenchServer } from './server';

/** @throws WorkbenchError `not-available` where the port is taken */
export function openServer(host: Host, port: number): Promise<WorkbenchServer> {
  return WorkbenchServer.open({
    host,
    port,
    folder: join(applicationRoot(), 'dist', 'renderer'),
    handlers: (offer) =>
      handlersOf(host, {
        saveReport: async ({ format, ...request }) => {
          const report = await host.renderReport(request, format);
          const name = `${request.sessionIds[0] ?? 'report'}.${REPORT_FORMATS[format].extension}`;
          offer({ name, bytes: Buffer.from(report) });
          return { path: name };
        },
        programInfo: async () => ({
          version: programVersion(),
          runtime: `Node ${process.versions.node}`,
          dataFolder,
        }),
      }),
  });
}

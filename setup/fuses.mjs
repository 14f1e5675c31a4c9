/**
 * Switches that are set in the packaged Electron's file, point 19 of its security checklist: for electron-builder's
 * `electronFuses`.
 */
export const fuses = {
  /** ELECTRON_RUN_AS_NODE makes no Node of the program. */
  runAsNode: false,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableCookieEncryption: true,
  /** The program runs from its archive only, and only as it was packaged (where the system can check it). */
  onlyLoadAppFromAsar: true,
  enableEmbeddedAsarIntegrityValidation: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  /** The page has a protocol of its own. */
  grantFileProtocolExtraPrivileges: false,
};

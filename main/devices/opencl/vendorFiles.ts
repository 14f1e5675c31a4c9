/** The files by which the loaders of Linux know their drivers: each .icd file holds the name of a library. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const VENDORS_FOLDER = '/etc/OpenCL/vendors';

export interface VendorFile {
  path: string;
  /** A path, or a name that the system's linker finds. */
  library: string;
}

/** @param vendors a folder, or a single .icd file, as OCL_ICD_VENDORS may name it; none where it is neither */
export function vendorFiles(vendors: string): VendorFile[] {
  return icdPaths(vendors).flatMap((path) => {
    try {
      return [{ path, library: readFileSync(path, 'utf8').split('\n', 1).join('').trim() }];
    } catch {
      return []; // the loader cannot read it either
    }
  });
}

function icdPaths(vendors: string): string[] {
  if (vendors.endsWith('.icd')) return [vendors];
  try {
    return readdirSync(vendors)
      .filter((name) => name.endsWith('.icd'))
      .sort()
      .map((name) => join(vendors, name));
  } catch {
    return [];
  }
}

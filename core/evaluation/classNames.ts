/** What the classes of the known data sets are called; a class of another one has its number only. */
const CLASS_NAMES: Record<string, readonly string[]> = {
  cifar10: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
};

export function className(datasetId: string, index: number): string {
  return (
    (Object.hasOwn(CLASS_NAMES, datasetId) ? CLASS_NAMES[datasetId]?.[index] : undefined) ?? String(index)
  );
}

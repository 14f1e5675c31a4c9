/** A column of a table: its head, its text, and what it is sorted by. */
export interface TableColumn<Row> {
  id: string;
  header: string;
  /** Beside the head, so that the cells hold numbers only. */
  unit?: string;
  /** Takes the room that the others leave; a longer text is cut off. */
  wide?: boolean;
  /** Left out where the table would be wider than its room. */
  optional?: boolean;
  /** Right-aligned. */
  number?: boolean;
  text(row: Row): string;
  /** Undefined stands last. */
  sortBy(row: Row): string | number | undefined;
  /** What a dash means, or more about the value. */
  title?(row: Row): string | null;
}

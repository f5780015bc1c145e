/** A column of plain text: as wide as its widest cell, or as `width` where the rows are not known beforehand. */
export interface TextColumn {
  readonly name: string;
  readonly side: 'left' | 'right';
  readonly width?: number;
}

/** One line, its cells under each other with those of the other lines; the last cell is not filled up. */
export function textRow(cells: readonly string[], columns: readonly TextColumn[]): string {
  const placed = cells.map((cell, index) => {
    const { side = 'left', width = 0 } = columns[index] ?? {};
    if (side === 'right') return cell.padStart(width);
    return index === cells.length - 1 ? cell : cell.padEnd(width);
  });
  return placed.join('  ').trimEnd();
}

/** A whole table: the heads, and a line for each row. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string[] {
  const heads = columns.map(({ name }) => name);
  const wide = columns.map((column, index) => ({
    ...column,
    width: Math.max(...[heads, ...rows].map((row) => row[index]?.length ?? 0)),
  }));
  return [heads, ...rows].map((row) => textRow(row, wide));
}

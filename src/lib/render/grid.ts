import { displayWidth, fitWidth } from './display-width.ts';
import { escapeToLine } from './escape.ts';
import type { Style } from './output.ts';

/** Rows drawn with borders; cli-table3 takes 0.4 ms a row, so longer ones are laid out by hand, as they come. */
const BORDERED_ROWS = 200;

/** No column takes more than this on a terminal, so that one long message does not push the others out. */
const WIDEST = 60;

/** A number, or nothing: a statistic that met none. */
const NUMBER = /^(?:-|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)?$/;

/** Lays rows of text out in columns: rows go in as they come, lines come out as soon as widths are known. */
export class Grid {
  private readonly held: (readonly string[])[] = [];
  private widths: readonly number[] | undefined;
  private readonly columns: readonly string[];
  private readonly style: Style;

  constructor(columns: readonly string[], style: Style) {
    this.columns = columns;
    this.style = style;
  }

  /** Lines that are certain now; empty until more rows came than are drawn with borders. */
  add(rows: readonly (readonly string[])[]): string {
    if (this.widths !== undefined) return this.lines(rows);
    this.held.push(...rows);
    if (this.held.length <= BORDERED_ROWS) return '';
    this.widths = this.measure();
    return this.lines([this.columns, ...this.held]);
  }

  /** The rest: a bordered table where the rows were few, else nothing. */
  async end(): Promise<string> {
    if (this.widths !== undefined || this.held.length === 0) return '';
    const { default: Table } = await import('cli-table3');
    const widths = this.measure();
    const cells = (row: readonly string[]) => row.map((text, column) => fitWidth(this.safe(text), widths[column] ?? 0));
    // Numbers are compared by their last digit; a rule between every two rows would halve what a screen shows.
    const numeric = this.columns.map((_, column) => this.held.every((row) => NUMBER.test(row[column] ?? '')));
    const right = (text: string, column: number) => (numeric[column] ? text.trimEnd().padStart(text.length) : text);
    const table = new Table({ head: cells(this.columns).map(right), style: { head: [], border: [], compact: true } });
    for (const row of this.held) table.push(cells(row).map(right));
    return `${table.toString()}\n`;
  }

  /** Widths by the rows seen so far, shrunk from the widest on until the line fits the terminal. */
  private measure(): number[] {
    const widths = this.columns.map((name, column) =>
      this.held.reduce(
        (widest, row) => Math.max(widest, displayWidth(this.safe(row[column] ?? ''))),
        displayWidth(this.safe(name)),
      ),
    );
    if (!this.style.terminal) return widths;
    for (const [column, width] of widths.entries()) widths[column] = Math.min(width, WIDEST);
    // Borders and padding of the bordered form: three a column and one at the end.
    let over = widths.reduce((sum, width) => sum + width + 3, 1) - this.style.width;
    while (over > 0) {
      const widest = Math.max(...widths);
      if (widest <= 4) break;
      widths[widths.indexOf(widest)] = widest - 1;
      over--;
    }
    return widths;
  }

  private lines(rows: readonly (readonly string[])[]): string {
    return rows
      .map(
        (row) =>
          `${row
            .map((text, column) => this.cell(text, column))
            .join('  ')
            .trimEnd()}\n`,
      )
      .join('');
  }

  private cell(text: string, column: number): string {
    const width = this.widths?.[column] ?? 0;
    const safe = this.safe(text);
    // In a pipe nothing is cut: a later, longer value only leaves its column.
    return !this.style.terminal && displayWidth(safe) > width ? safe : fitWidth(safe, width);
  }

  /** A cell is one line, and columns are for eyes: controls are shown in a pipe too, or they would move the borders. */
  private safe(text: string): string {
    return escapeToLine(text);
  }
}

import { LEVELS, type Level } from '../record/level.ts';
import { displayWidth, fitWidth } from './display-width.ts';
import { escapeToLine } from './escape.ts';
import type { Style } from './output.ts';

/** A bar of one or more pieces, each with the level that colours it where it has one. */
export interface Bar {
  readonly label: string;
  /** What is written after the bar. */
  readonly value: string;
  readonly pieces: readonly { readonly size: number; readonly level?: Level | undefined }[];
}

/** Eighths of a column, so that small differences stay visible. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Draws bars to one scale, a line each: label, bar, value; never wider than the terminal. */
export function* drawBars(bars: readonly Bar[], style: Style): Generator<string> {
  const safe = (text: string) => (style.terminal ? escapeToLine(text) : text);
  const labels = bars.map((bar) => safe(bar.label));
  const values = bars.map((bar) => safe(bar.value));
  const valueWidth = largestOf(values.map(displayWidth), 1);
  const widestLabel = largestOf(labels.map(displayWidth), 1);
  // At least a tenth of the line is left to the bars, whatever the labels would like.
  const labelWidth = Math.max(4, Math.min(widestLabel, Math.floor(style.width * 0.9) - valueWidth - 4));
  const space = Math.max(1, style.width - labelWidth - valueWidth - 4);
  const largest = largestOf(bars.map(total), 0);
  for (const [index, bar] of bars.entries()) {
    const drawn = largest > 0 ? drawPieces(bar, (space * 8) / largest, style) : { text: '', width: 0 };
    const blank = ' '.repeat(Math.max(0, space - drawn.width));
    yield `${fitWidth(labels[index] ?? '', labelWidth)}  ${drawn.text}${blank}  ${padded(values[index] ?? '', valueWidth)}\n`;
  }
}

/** Spreading an array over Math.max fails at some hundred thousand. */
function largestOf(numbers: readonly number[], least: number): number {
  return numbers.reduce((largest, number) => Math.max(largest, number), least);
}

function padded(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

function total(bar: Bar): number {
  return bar.pieces.reduce((sum, piece) => sum + Math.max(0, piece.size), 0);
}

/** Pieces end to end: each begins where the sum of those before it ends, so that rounding never adds up. */
function drawPieces(bar: Bar, eighths: number, style: Style): { text: string; width: number } {
  let text = '';
  let column = 0;
  let sum = 0;
  const pieces = bar.pieces.filter((piece) => piece.size > 0);
  for (const [index, piece] of pieces.entries()) {
    sum += piece.size;
    const end = sum * eighths;
    const last = index === pieces.length - 1;
    let block = '█'.repeat(Math.max(0, Math.floor(last ? end / 8 : Math.round(end / 8)) - column));
    if (last) {
      const part = Math.round(end) % 8;
      const whole = Math.floor(Math.round(end) / 8);
      block = '█'.repeat(Math.max(0, whole - column)) + (EIGHTHS[part] ?? '');
      // Something is never drawn as nothing.
      if (column === 0 && block === '') block = EIGHTHS[1] ?? '';
    }
    column += block.length;
    text += (piece.level === undefined ? style.paint.bar : style.paint.level(piece.level))(block);
  }
  return { text, width: column };
}

/** The level a group key names, if it is one. */
export function asLevel(value: unknown): Level | undefined {
  return typeof value === 'string' && Object.hasOwn(LEVELS, value) ? (value as Level) : undefined;
}

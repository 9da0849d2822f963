/** Puts text between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`. Throws where the page has no such place. */
export function replaceSection(page, name, text) {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const start = page.indexOf(open);
  const end = page.indexOf(close);
  if (start === -1 || end < start) throw new Error(`the page has no place for ${name}: ${open} … ${close}`);
  return `${page.slice(0, start + open.length)}\n${text.trim()}\n${page.slice(end)}`;
}

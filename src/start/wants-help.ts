/** Whether help is asked for: by nothing at all, by the word `help`, or by its flag anywhere before `--`. */
export function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const words = end === -1 ? args : args.slice(0, end);
  return args.length === 0 || words[0] === 'help' || words.includes('--help') || words.includes('-h');
}

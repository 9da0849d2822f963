/** The formats of lines that `--format` takes and that a record names. `syslog` is either of the two. */
export const FORMATS = [
  'json',
  'logfmt',
  'syslog',
  'syslog-5424',
  'syslog-3164',
  'access',
  'cri',
  'docker',
  'klog',
  'plain',
] as const;

export type FormatName = (typeof FORMATS)[number];

export function isFormat(name: string): name is FormatName {
  return (FORMATS as readonly string[]).includes(name);
}

// Preloaded into a process: says the most memory that it had, in KiB, as the last line of its standard error.
import { writeSync } from 'node:fs';

process.on('exit', () => writeSync(2, `peak ${process.resourceUsage().maxRSS}\n`));
